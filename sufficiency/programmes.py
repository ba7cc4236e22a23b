"""Levers on who starts to be looked after and who leaves, each with its children, its dates and its ramp.

A programme is off (no effect) until its strength is given. Several that touch the same children multiply. Strengths
are a number, a list by year of the projection or a range; the effect comes in as :mod:`sufficiency.demand.levers` says.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from sufficiency.lever import Lever, MultiplierLever, ShareLever
from sufficiency.settings_base import Settings
from sufficiency.vocabulary import AGE_BANDS

AgeBand = Literal["under 1", "1-4", "5-9", "10-15", "16-17"]
ExitReason = Literal["returned_home", "sgo_or_order", "adopted", "other"]


def _each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    if not names:
        raise ValueError("is an empty list; name at least one, or leave the setting out for all")
    if len(set(names)) < len(names):
        raise ValueError("names one twice; name each once")
    return names


Ages = Annotated[tuple[AgeBand, ...], AfterValidator(_each_once)]
Reasons = Annotated[tuple[ExitReason, ...], AfterValidator(_each_once)]


class Dated(Settings):
    """Something that works from a day on, at once or little by little."""

    begins: date | None = None
    """First day on which it works [date; default: from the start of the projection]."""
    ends: date | None = None
    """Last day on which it works [date; default: to the end of the projection]."""
    ramp_months: Annotated[float, Field(ge=0, le=120)] = 0.0
    """Time from its first day to its full effect, which grows along a straight line [months; 0 = at once]."""

    @field_validator("ends")
    @classmethod
    def _begins_before_it_ends(cls, ends: date | None, info: ValidationInfo) -> date | None:
        begins = info.data.get("begins")
        if ends is not None and begins is not None and ends < begins:
            raise ValueError(f"is {ends}, before it begins on {begins}; swap them")
        return ends


class DemandLever(Dated):
    """One lever on starts or on ways out, for the children and from the day that it names."""

    name: Annotated[str, Field(min_length=1)]
    """What it is called, unlike any other lever of the scenario."""
    what: Literal["entries", "exits"]
    """Whether it works on starts of being looked after (entries) or on ways out of care before 18 (exits)."""
    multiplier: MultiplierLever
    """Starts, or the chance of leaving in a month, against what they would be without it [multiplier by year]."""
    ages: Ages = AGE_BANDS
    """Age bands that it works on [default: all]."""
    reasons: Reasons | None = None
    """Exits only: ways out that it works on [default: all but turning 18, which is a birthday and not a chance]."""
    unaccompanied: bool | None = None
    """Entries only: unaccompanied children alone (true) or all others alone (false) [default: both; where ages are
    named, all others alone, since unaccompanied children start as one stream of all ages]."""

    @field_validator("reasons")
    @classmethod
    def _reasons_are_of_exits(cls, reasons: tuple[str, ...] | None, info: ValidationInfo) -> tuple[str, ...] | None:
        if reasons is not None and info.data.get("what") == "entries":
            raise ValueError('is for exits only; leave it out, or set what = "exits"')
        return reasons

    @field_validator("unaccompanied")
    @classmethod
    def _streams_are_of_entries(cls, unaccompanied: bool | None, info: ValidationInfo) -> bool | None:
        if unaccompanied is not None and info.data.get("what") == "exits":
            raise ValueError('is for entries only; leave it out, or set what = "entries"')
        if unaccompanied and some_ages(info.data.get("ages", AGE_BANDS)):
            raise ValueError(
                "is true beside ages; leave one out: unaccompanied children start as one stream of all ages"
            )
        return unaccompanied

    def __str__(self) -> str:
        which = [_alone(self.unaccompanied)] if self.unaccompanied is not None else []
        which += [f"ages {', '.join(self.ages)}"] if some_ages(self.ages) else []
        which += [", ".join(self.reasons)] if self.reasons else []
        return f"{self.what} × {self.multiplier}{' (' + '; '.join(which) + ')' if which else ''}{_when(self)}"


class EdgeOfCare(Dated):
    """Support at the edge of care: starts that it prevents."""

    averted: ShareLever = Lever((0.0,), (0.0,))
    """Starts at these ages that do not happen, unaccompanied children apart [share]. For scale: family group
    conferences before proceedings, 36.2% of children in care a year later against 44.8%, 19% fewer (Taylor and others,
    British Journal of Social Work, 2024). That starts are averted and not put off is an assumption."""
    ages: Ages = ("10-15", "16-17")
    """Age bands of the children supported."""


class Reunification(Dated):
    """Support for going home."""

    multiplier: MultiplierLever = Lever((1.0,), (1.0,))
    """Chance of returning home in a month against the estimate [multiplier by year]. Those who come back are part of
    the starts, which this does not raise: 30% came back within five years (DfE, children who went home in 2006-07)."""
    ages: Ages = AGE_BANDS
    """Age bands of the children supported."""


class SpecialGuardianship(Dated):
    """Support for special guardians and for arrangements orders."""

    multiplier: MultiplierLever = Lever((1.0,), (1.0,))
    """Chance of leaving in a month to a special guardianship or arrangements order against the estimate [multiplier by
    year]."""
    ages: Ages = AGE_BANDS
    """Age bands of the children supported."""


class Adoption(Dated):
    """Support for adoption."""

    multiplier: MultiplierLever = Lever((1.0,), (1.0,))
    """Chance of being adopted in a month against the estimate [multiplier by year]."""
    ages: Ages = AGE_BANDS
    """Age bands of the children supported."""


class UascTransfer(Dated):
    """The National Transfer Scheme: unaccompanied children who go to another authority."""

    transferred: ShareLever = Lever((0.0,), (0.0,))
    """Unaccompanied children who would start here and are transferred to another authority instead, on top of those
    whose transfer is in the returns [share]. An authority may refer a child when it looks after more unaccompanied
    children than 0.1% of its child population (Home Office, National Transfer Scheme protocol, June 2025)."""


def some_ages(ages: tuple[str, ...]) -> bool:
    """Whether only some of the age bands are named."""
    return set(ages) != set(AGE_BANDS)


def _alone(unaccompanied: bool) -> str:
    return "unaccompanied" if unaccompanied else "not unaccompanied"


def _when(dated: Dated) -> str:
    parts = [
        f"from {dated.begins}" if dated.begins else "",
        f"until {dated.ends}" if dated.ends else "",
        f"over {dated.ramp_months:g} months" if dated.ramp_months else "",
    ]
    return "".join(f" {part}" for part in parts if part)
