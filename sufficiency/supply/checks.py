"""What is wrong with the recruitment that a scenario asks for, and what a reader of the answer must know."""

from __future__ import annotations

from collections.abc import Iterator

from sufficiency.errors import Fault
from sufficiency.lever import Lever
from sufficiency.recruitment import Recruitment
from sufficiency.supply.areas import unknown_areas

WHERE = "supply.recruitment"


def faults_of_recruitment(settings: Recruitment, years: int) -> list[Fault]:
    """Every fault: a path to the first placement longer than the horizon, approvals wanted of a pipeline that lets
    nobody through, areas that are not known."""
    return [*_too_long(settings, years), *_closed(settings), *_unknown(settings)]


def _too_long(settings: Recruitment, years: int) -> Iterator[Fault]:
    months = (
        settings.months_enquiry_to_application.middle()
        + settings.months_application_to_approval.middle()
        + settings.months_to_first_placement
    )
    if months > 12 * years:
        says = f"are {months:g} months from enquiry to first placement, longer than the horizon of {12 * years} months"
        setting = f"{WHERE}.months_enquiry_to_application, months_application_to_approval, months_to_first_placement"
        yield Fault("U11", "scenario", setting, (), says, "Shorten them, or raise horizon.years.")


def _closed(settings: Recruitment) -> Iterator[Fault]:
    if settings.enquiries_per_year is not None or max(settings.approvals_per_year.high) == 0:
        return
    stages = ("stage_1_passed", "stage_2_passed", "panel_passed")
    names = stages if settings.passed() else ("application_to_approval",)
    for name in ("enquiry_to_application", *names):
        if min(getattr(settings, name).low) == 0:
            says = "is 0, so no number of enquiries brings the approvals asked for"
            yield Fault("U12", "scenario", f"{WHERE}.{name}", (), says, "Give a share above 0.")


def _unknown(settings: Recruitment) -> Iterator[Fault]:
    for area in unknown_areas(settings.recruits_live):
        fix = 'Give a postcode, sector or district that has postcodes, such as "SN1".'
        yield Fault("U13", "scenario", f"{WHERE}.recruits_live", (), f"{area} is not in the ONS directory", fix)


def notes_of_recruitment(settings: Recruitment, years: int) -> tuple[str, ...]:
    """Settings that have less effect than they seem to, as sentences."""
    levers = {name: getattr(settings, name) for name in type(settings).model_fields}
    longer = [name for name, lever in levers.items() if isinstance(lever, Lever) and len(lever.low) > years]
    notes = [
        f"{WHERE}.{name} has {len(levers[name].low)} yearly values and the horizon {years} years: the later ones count "
        "only for what is under way at its end"
        for name in longer
    ]
    paid = max(settings.allowance_uplift.high) > 0
    if paid and settings.enquiries_per_year is None:
        notes.append(
            f"{WHERE}.allowance_uplift changes how many households stop, and no enquiries, as approvals are given"
        )
    if paid:
        notes.append("how enquiries and leaving answer to pay is an assumption without a source; try its range")
    return tuple(notes)
