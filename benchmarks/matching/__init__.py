"""How fast children are matched to homes, from one council to all of England, beside other ways to the same answer.

Read :mod:`.registers` for what is drawn, :mod:`.allowed` for the problem as plain arrays, read from the registers
without the library's engine, then the rivals :mod:`.network`, :mod:`.arrays` and :mod:`.modelled`, and :mod:`.harness`
for how each is timed in a process of its own.
"""
