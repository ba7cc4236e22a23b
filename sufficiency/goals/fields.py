"""What the type and the sentence of a setting say of its numbers: natural steps, least and most, unit."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, get_args

from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from sufficiency.lever import CountLever, GrowthLever, Lever, MonthsLever, MultiplierLever, ShareLever

POINT: Final = 0.01
"""One percentage point."""

STEP_OF_MULTIPLIER: Final = 0.05

LEVERS: Final = (CountLever, GrowthLever, MonthsLever, MultiplierLever, ShareLever)
"""Types of levers, told apart by their checks; money is checked as a count is."""


@dataclass(frozen=True)
class Bounds:
    """Least and most that a setting may be; ``open``: the least itself is not allowed."""

    least: float
    most: float
    open: bool


def field_of(model: Any, path: list[str]) -> FieldInfo | None:
    """The field at the end of a path through settings; none where the path leads nowhere."""
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return None
    info = model.model_fields.get(path[0])
    return info if info is None or len(path) == 1 else field_of(info.annotation, path[1:])


def is_lever(info: FieldInfo) -> bool:
    """Whether a setting may be a value per year or a range."""
    return _lever_type(info) is not None


def is_share(info: FieldInfo) -> bool:
    """Whether a setting is a share, 0 to 1."""
    bounds = bounds_of(info)
    plain = info.annotation is float and (bounds.least, bounds.most, bounds.open) == (0, 1, False)
    return plain or _lever_type(info) is ShareLever


def natural_step(info: FieldInfo) -> float | None:
    """Whole things, whole percentage points, a twentieth of a multiplier; none for what has no natural step."""
    if is_share(info) or _lever_type(info) is GrowthLever:
        return POINT
    if _lever_type(info) is MultiplierLever:
        return STEP_OF_MULTIPLIER
    whole = info.annotation is int or (_lever_type(info) is CountLever and "£" not in unit_of(info))
    return 1.0 if whole else None


def bounds_of(info: FieldInfo) -> Bounds:
    """The limits that the type of a setting sets, as far as it does."""
    lever_type = _lever_type(info)
    if lever_type is not None:
        lever: Lever = TypeAdapter(lever_type).validate_python(0)
        return Bounds(lever.at_least, lever.at_most, False)
    above, least, most = (_limit(info, name) for name in ("gt", "ge", "le"))
    lowest = least if above is None else above
    return Bounds(-math.inf if lowest is None else lowest, math.inf if most is None else most, above is not None)


def unit_of(info: FieldInfo) -> str:
    """What stands in square brackets in the setting's sentence, without its remarks."""
    found = re.findall(r"\[([^\]]+)\]", " ".join((info.description or "").split()))
    return re.split(r"[;,]", found[-1])[0].strip() if found else ""


def _lever_type(info: FieldInfo) -> Any:
    marks = list(_marks(info))
    return next((kind for kind in LEVERS if get_args(kind)[1] in marks), None)


def _limit(info: FieldInfo, name: str) -> float | None:
    return next((float(getattr(mark, name)) for mark in _marks(info) if hasattr(mark, name)), None)


def _marks(info: FieldInfo) -> Iterator[Any]:
    """What the type of a field is annotated with, one that may be empty among them."""
    yield from info.metadata
    for inner in get_args(info.annotation):
        yield from getattr(inner, "__metadata__", ())
