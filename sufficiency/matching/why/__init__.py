"""Why a plan is as it is: other homes and what they would cost, refusals, changes that house a child, empty places.

Everything here shortlists and explains; a social worker decides. No table or sentence says anything of another child.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sufficiency.matching.why.best import best_homes
    from sufficiency.matching.why.changes import changes_that_house
    from sufficiency.matching.why.empty import empty_homes
    from sufficiency.matching.why.explanation import Explanation, explain
    from sufficiency.matching.why.refused import refused_homes

__all__ = ["Explanation", "best_homes", "changes_that_house", "empty_homes", "explain", "refused_homes"]

_HOME_OF = {
    "Explanation": "explanation",
    "best_homes": "best",
    "changes_that_house": "changes",
    "empty_homes": "empty",
    "explain": "explanation",
    "refused_homes": "refused",
}


def __getattr__(name: str) -> Any:
    """Load a public name's module when the name is first used."""
    if name in _HOME_OF:
        from importlib import import_module

        return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
