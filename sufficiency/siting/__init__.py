"""Where to add homes: which to open, or which carers to recruit, within a budget and over many demand paths at once.

The model proposes; the authority decides where homes open, and a social worker who lives in them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sufficiency.siting.answer import Siting
    from sufficiency.siting.entrance import site
    from sufficiency.siting.resampled import resampled_paths

__all__ = ["Siting", "resampled_paths", "site"]

_HOME_OF = {"Siting": "answer", "resampled_paths": "resampled", "site": "entrance"}


def __getattr__(name: str) -> Any:
    """Load a public name's module when the name is first used."""
    if name in _HOME_OF:
        from importlib import import_module

        return getattr(import_module(f"sufficiency.siting.{_HOME_OF[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
