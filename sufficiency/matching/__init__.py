"""Children to homes: an exact match on objectives in order, with reasons, and the worth of one more place.

The model proposes a shortlist; a social worker decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sufficiency.matching.change import Change
    from sufficiency.matching.entrance import match
    from sufficiency.matching.loop import Assignment, solve_in_loop
    from sufficiency.matching.many import match_many, solve_many
    from sufficiency.matching.pairs import OBJECTIVES, Instance, build_instance
    from sufficiency.matching.plan import Plan
    from sufficiency.matching.what_if import WhatIf

__all__ = [
    "OBJECTIVES",
    "Assignment",
    "Change",
    "Instance",
    "Plan",
    "WhatIf",
    "build_instance",
    "match",
    "match_many",
    "solve_in_loop",
    "solve_many",
]

_HOME_OF = {
    "OBJECTIVES": "pairs",
    "Assignment": "loop",
    "Change": "change",
    "Instance": "pairs",
    "Plan": "plan",
    "WhatIf": "what_if",
    "build_instance": "pairs",
    "match": "entrance",
    "match_many": "many",
    "solve_in_loop": "loop",
    "solve_many": "many",
}


def __getattr__(name: str) -> Any:
    """Load a public name's module when the name is first used."""
    if name in _HOME_OF:
        from importlib import import_module

        return getattr(import_module(f"sufficiency.matching.{_HOME_OF[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
