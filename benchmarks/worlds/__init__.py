"""Simulated councils with a known future, and the scores of projections made from their past.

Read :mod:`.council` for what is drawn, :mod:`.levels` for what changes with the calendar, :mod:`.lives` for the
children, :mod:`.harness` for the scoring.
"""
