"""Children to homes: an exact match on objectives in order, with reasons, and the worth of one more place.

The model proposes a shortlist; a social worker decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sufficiency.matching.entrance import match
    from sufficiency.matching.loop import Assignment, solve_in_loop
    from sufficiency.matching.pairs import OBJECTIVES, Instance, build_instance
    from sufficiency.matching.plan import Plan

__all__ = ["OBJECTIVES", "Assignment", "Instance", "Plan", "build_instance", "match", "solve_in_loop"]

_HOME_OF = {
    "OBJECTIVES": "pairs",
    "Assignment": "loop",
    "Instance": "pairs",
    "Plan": "plan",
    "build_instance": "pairs",
    "match": "entrance",
    "solve_in_loop": "loop",
}


def __getattr__(name: str) -> Any:
    """Load a public name's module when the name is first used."""
    if name in _HOME_OF:
        from importlib import import_module

        return getattr(import_module(f"sufficiency.matching.{_HOME_OF[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
