"""What each chart of the needs analysis says, in one sentence, and the text for those who cannot see it.

Made from the published numbers: where one is hidden or there is none, the sentence only names the subject.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import pandas as pd

from sufficiency.demand.profile.past import ALL
from sufficiency.figures.profile_flows import LABELS, STARTED, name_of_end
from sufficiency.figures.profile_pairs import EVERY_HOME
from sufficiency.figures.profile_parts import whole
from sufficiency.vocabulary import KIND_LABELS

Numbers = Mapping[str, pd.DataFrame]
HALF: Final = 0.5
LEFT: Final = "left: "

SUBJECTS: Final = {
    "children_by_year": "Children looked after, starting and ceasing by year",
    "against_published": "The authority beside England and its neighbours",
    "age_by_kind": "Children by age and kind of placement",
    "kind_by_year": "Children by kind of placement and year",
    "age_by_year": "Children by age and year",
    "providers": "Children by who provides their home",
    "provider_codes": "Children by provider",
    "legal_status": "Children by legal status",
    "needs": "Children by category of need",
    "unaccompanied": "Unaccompanied asylum-seeking children by year",
    "borough": "Children inside and outside the authority's area",
    "distance": "Children by distance from home",
    "time_in_care": "How long children stay in care",
    "time_in_placement": "How long children stay in a placement",
    "placements_in_year": "Children by how many placements they had in the year",
    "sibling_groups": "Brothers and sisters who are to live together",
    "flows": "Moves from the start of care, between kinds of placement and out of care",
    "origins_and_places": "From which district to which children have gone, and where outside",
    "areas": "Where children come from and where they live",
    "past_measures": "The plan's measures in every past year",
}
FORMS: Final = {
    "children_by_year": "Bars by year of children on 31 March; below, bars of those who started and who ceased.",
    "against_published": "Lines by year, one panel a measure.",
    "age_by_kind": "One bar an age band, divided by kind of placement.",
    "kind_by_year": "One small panel of bars by year for each kind of placement.",
    "age_by_year": "One small panel of bars by year for each age band.",
    "time_in_care": "Falling curves with their 95% range, one panel an age band at the start.",
    "time_in_placement": "Falling curves with their 95% range, one panel a kind of placement.",
    "sibling_groups": "One bar a size of group, divided into together, apart and not known.",
    "flows": "Ribbons from the start of care and each kind of placement to the next kind or out of care.",
    "origins_and_places": "A map with lines between districts, and one with lines to the postcode areas outside.",
    "areas": "Two maps of postcode districts and areas with circles.",
    "past_measures": "One small panel of bars by year for each measure.",
}
STACKS: Final = ("providers", "borough", "distance", "placements_in_year", "unaccompanied")
"""Charts that are bars by year; the others without a form of their own are sorted bars of the latest year."""


def finding_of(name: str, numbers: Numbers, limit_miles: float) -> str:
    """The sentence of a chart; its subject where the numbers that it needs are hidden or not there."""
    tables = {key: whole(table) for key, table in numbers.items()}
    try:
        found = FINDINGS[name](tables, limit_miles) if name in FINDINGS else None
    except Unknown:
        found = None
    return found or SUBJECTS[name]


def alt_text_of(name: str, finding: str, numbers: Numbers) -> str:
    """What a chart shows, for those who cannot see it."""
    form = FORMS.get(name, "Bars by year, divided." if name in STACKS else "Bars of the latest year, largest first.")
    subject = "" if finding == SUBJECTS[name] else f"{SUBJECTS[name]}. "
    years = whole(numbers["children_by_year"])["year"]
    when = f" Years {years.min()} to {years.max()}." if len(years) else ""
    return f"{finding}. {subject}{form}{when}"


class Unknown(Exception):
    """A number that a sentence needs is hidden or not there."""


def _known(value: float) -> float:
    if pd.isna(value):
        raise Unknown
    return float(value)


def _count(value: float) -> str:
    return f"{_known(value):,.0f}"


def _percent(share: float) -> str:
    return f"{100 * _known(share):.0f}%"


def _ends(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Rows of the first and of the last year."""
    if rows.empty:
        raise Unknown
    ordered = rows.astype({"year": object}).sort_values("year", kind="stable")
    return ordered.iloc[0], ordered.iloc[-1]


def _most(rows: pd.DataFrame, column: str, total: float | None = None) -> pd.Series:
    """The row with the largest number. Unknown when two share it, or when a hidden one could be larger: what is left
    of ``total`` beside the known ones."""
    known = rows.dropna(subset=[column])
    largest = known[column].astype(float).sort_values(ascending=False, kind="stable")
    if largest.empty or not largest.iloc[0] > 0 or (largest == largest.iloc[0]).sum() > 1:
        raise Unknown
    if total is not None and len(known) < len(rows) and not total - largest.sum() < largest.iloc[0]:
        raise Unknown
    return known.loc[largest.index[0]]


def _then(first: pd.Series, last: pd.Series, text: str) -> str:
    """What it was in the first year, behind what it is now."""
    return f", {text} in {first['year']}" if first["year"] < last["year"] else ""


def _children(tables: Numbers, limit_miles: float) -> str:
    first, last = _ends(tables["children_by_year"])
    then = _then(first, last, _count(first["looked_after"]))
    return f"{_count(last['looked_after'])} children looked after on 31 March {last['year']}{then}"


def _ages(tables: Numbers, limit_miles: float) -> str:
    table = tables["age_by_kind"]
    rows = table[(table["kind"] == ALL) & (table["year"] == table["year"].max())]
    bands, whole_row = rows[rows["age_band"] != ALL], rows.loc[rows["age_band"] == ALL, "children"]
    total = _known(whole_row.iloc[0] if len(whole_row) else float("nan"))
    most = _most(bands, "children", total)
    band = str(most["age_band"]).replace("-", " to ")
    aged = f"Most children are aged {band}" if most["children"] > HALF * total else f"The largest age group is {band}"
    return f"{aged}: {_count(most['children'])} of {_count(total)} children on 31 March {most['year']}"


def _largest_change(column: str) -> Callable[[Numbers, float], str]:
    """The kind or age whose share of all children has changed most."""
    other = "age_band" if column == "kind" else "kind"

    def told(tables: Numbers, limit_miles: float) -> str:
        table = tables["age_by_kind"]
        rows = table[table[other] == ALL]
        wide = rows.pivot(index=column, columns="year", values="children").astype(float)
        if wide.empty or wide.shape[1] < 2:
            raise Unknown
        shares = (wide / wide.loc[ALL]).drop(index=ALL)
        first, last = shares.columns.min(), shares.columns.max()
        ends = pd.DataFrame({"now": shares[last], "then": shares[first]})
        most = _most(ends.assign(change=(ends["now"] - ends["then"]).abs()), "change")
        name = str(most.name)
        label = KIND_LABELS.get(name, f"Aged {name.replace('-', ' to ')}")
        then = f"{_percent(most['then'])} on 31 March {first}"
        return f"{label}: {_percent(most['now'])} of children on 31 March {last}, {then}"

    return told


def _in_house(tables: Numbers, limit_miles: float) -> str:
    table = tables["providers"]
    first, last = _ends(table[table["group"] == "in_house_fostering"])
    then = _then(first, last, _percent(first["share"]))
    return f"In-house fostering looks after {_percent(last['share'])} of children in {last['year']}{then}"


def _largest(name: str) -> Callable[[Numbers, float], str]:
    """The largest group of the latest year."""

    def told(tables: Numbers, limit_miles: float) -> str:
        table = tables[name]
        most = _most(table[table["year"] == table["year"].max()], "share", total=1.0)
        return f"{most['label']}: {_percent(most['share'])} of children on 31 March {most['year']}"

    return told


def _unaccompanied(tables: Numbers, limit_miles: float) -> str:
    _, last = _ends(tables["unaccompanied"])
    return (
        f"{_count(last['uasc'])} of {_count(last['looked_after'])} children ({_percent(last['share'])}) are "
        f"unaccompanied asylum-seeking children on 31 March {last['year']}"
    )


def _borough(tables: Numbers, limit_miles: float) -> str:
    table = tables["borough"]
    first, last = _ends(table[table["group"] == ALL])
    then = _then(first, last, _percent(first["share_inside_of_known"]))
    share = _percent(last["share_inside_of_known"])
    return f"{share} of children whose place is known live inside the authority's area in {last['year']}{then}"


def _distance(tables: Numbers, limit_miles: float) -> str:
    table = tables["distance"]
    _, last = _ends(table[table["group"] == ALL])
    return (
        f"{_percent(last['share_over_of_all'])} of children live over {limit_miles:g} miles from home in "
        f"{last['year']}, {_percent(last['share_over_of_known'])} of those whose distance is known"
    )


def _half(measure: str, what: str) -> Callable[[Numbers, float], str]:
    def told(tables: Numbers, limit_miles: float) -> str:
        table = tables["medians"]
        rows = table[(table["measure"] == measure) & (table["group"] == ALL)]
        if rows.empty:
            raise Unknown
        return f"Half of all {what} end within {_known(rows.iloc[0]['median_months']):.1f} months"

    return told


def _placements(tables: Numbers, limit_miles: float) -> str:
    table = tables["placements_in_year"]
    first, last = _ends(table[table["placements"] == "3_or_more"])
    then = _then(first, last, _percent(first["share"]))
    return (
        f"{_percent(last['share'])} of children had three or more placements in the year to March {last['year']}{then}"
    )


def _siblings(tables: Numbers, limit_miles: float) -> str:
    table = tables["sibling_groups"]
    rows = table[table["size"] != "1"]
    together, apart = (
        float(rows[name].astype("Float64").astype(float).sum(skipna=False)) for name in ("together", "apart")
    )
    if not _known(together + apart) > 0:
        raise Unknown
    return f"{together:,.0f} of {together + apart:,.0f} children of sibling groups live with their whole group"


def _flows(tables: Numbers, limit_miles: float) -> str:
    table = tables["flows"]
    most = _most(table[(table["year"].astype(str) == ALL) & (table["from"] != table["to"])], "moves")
    before, after = (LABELS[name_of_end(str(most[end]))].lower() for end in ("from", "to"))
    if most["from"] == STARTED:
        before = "the start of care"
    way = f"out of {before} ({after})" if after.startswith(LEFT) else f"from {before} to {after}"
    return f"The largest flow is {way}: {_count(most['moves'])} moves"


def _areas(tables: Numbers, limit_miles: float) -> str:
    table = tables["areas"]
    known = table[table["latitude"].notna()]
    total = _known(_ends(tables["children_by_year"])[1]["looked_after"])
    origin, place = (_most(known, column, total) for column in ("children_from", "children_placed"))
    come = f"More children come from {origin['area']} ({_count(origin['children_from'])}) than from any other area"
    return f"{come}; more live in {place['area']} ({_count(place['children_placed'])}) than in any other"


def _gone(tables: Numbers, limit_miles: float) -> str:
    pairs, areas = tables["origins_and_places"], tables["areas"]
    outside = pairs[pairs["home_area"] == EVERY_HOME]
    inside = areas.loc[~areas["area"].isin(outside["place_area"]), "children_placed"].astype(float).sum()
    total = _known(_ends(tables["children_by_year"])[1]["looked_after"]) - inside
    most = _most(outside, "children", total)
    return f"Of the areas outside the authority, {most['place_area']} has the most children: {_count(most['children'])}"


def _compared(tables: Numbers, limit_miles: float) -> str:
    table = tables["against_published"]
    rates = table[(table["measure"] == "rate")].dropna(subset=["value"])
    england = rates[rates["area"] == "England"]
    own = rates[rates["area"] == (table["area"].iloc[0] if len(table) else "")]
    both = sorted(set(england["year"]) & set(own["year"]))
    if not both:
        raise Unknown
    here, there = (float(rows.loc[rows["year"] == both[-1], "value"].iloc[0]) for rows in (own, england))
    return f"{here:.0f} children looked after per 10,000 in {both[-1]}, against {there:.0f} in England"


FINDINGS: Final[Mapping[str, Callable[[Numbers, float], str]]] = {
    "children_by_year": _children,
    "against_published": _compared,
    "age_by_kind": _ages,
    "kind_by_year": _largest_change("kind"),
    "age_by_year": _largest_change("age_band"),
    "providers": _in_house,
    "provider_codes": _largest("provider_codes"),
    "legal_status": _largest("legal_status"),
    "needs": _largest("needs"),
    "unaccompanied": _unaccompanied,
    "borough": _borough,
    "distance": _distance,
    "time_in_care": _half("time_in_care", "periods of care"),
    "time_in_placement": _half("time_in_placement", "placements"),
    "placements_in_year": _placements,
    "sibling_groups": _siblings,
    "flows": _flows,
    "origins_and_places": _gone,
    "areas": _areas,
}
