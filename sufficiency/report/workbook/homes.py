"""Sheets about homes: carers recruited and kept, places against need, and how near home children live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from sufficiency.report.workbook.looks import SHARE
from sufficiency.report.workbook.page import Column, Page
from sufficiency.report.workbook.years import (
    ALL,
    MONTHS_IN_YEAR,
    across,
    day,
    months_covered,
    range_rows,
    year_columns,
    year_ends,
)
from sufficiency.vocabulary import KIND_LABELS, NEEDS_LEVELS

Tables = Mapping[str, pd.DataFrame]

IN_THE_YEAR = {
    "enquiries": "Enquiries",
    "applications": "Applications",
    "approvals": "Households approved",
    "approvals_level_3": "Households approved at level 3",
    "leavers": "Households that stopped",
    "net_growth": "Net growth in households",
}
AT_YEAR_END = {"households": "Households", "places": "Approved places"}
NEED_LABELS = {
    "need": "Children who need such a place (children)",
    "places": "Usable places of ours (places)",
    "shortfall": "Children without such a place (children)",
}
NEED_KINDS = {"in_house_fostering": "In-house fostering households"}


def carer_columns(tables: Tables) -> list[Column]:
    """A column a financial year."""
    return year_columns(list(tables["carers_by_year"]["financial_year"].unique()), "Fostering households of our own")


def carers(page: Page, tables: Tables) -> Sequence[str]:
    """Enquiry to leaving in each year [households a year]; households and places at its end."""
    yearly, monthly = tables["carers_by_year"], tables["carers"]
    names = list(yearly["financial_year"].unique())
    page.section("In the year (households)")
    for measure, label in IN_THE_YEAR.items():
        range_rows(page, label, yearly, "financial_year", names, measure=measure)
    ends = year_ends(monthly[monthly["measure"] == "households"])[1:]
    page.section(f"At the end of the year, on {ends[0].day} {ends[0]:%B} (households, places)")
    for measure, label in AT_YEAR_END.items():
        range_rows(page, label, monthly, "date", ends, measure=measure, level=ALL)
    for level in NEEDS_LEVELS:
        range_rows(page, f"Households at level {level}", monthly, "date", ends, measure="households", level=str(level))
    return (
        "Households move from enquiry to application to approval with the delays found in practice, so the approvals "
        "of a year come mostly from the enquiries of the year before. Not every approved place can be used at a time.",
    )


def need_columns(tables: Tables) -> list[Column]:
    """A column a year end."""
    return year_columns([day(date) for date in year_ends(tables["places_against_need"])], "Places against need")


def places_against_need(page: Page, tables: Tables) -> Sequence[str]:
    """Need, usable places and shortfall at each year end by kind; the chance of a shortfall."""
    table = tables["places_against_need"]
    dates, kinds = year_ends(table), list(table["kind"].unique())
    for kind in kinds:
        page.section(_need_kind(kind))
        for measure, label in NEED_LABELS.items():
            range_rows(page, label, table, "date", dates, kind=kind, measure=measure)
    page.section("How likely places fall short (share of the simulated futures)")
    for kind in kinds:
        shares = across(table, "date", dates, "mean", kind=kind, measure="share_of_futures_short")
        page.row([_need_kind(kind), "Share", *shares], "rule", number=SHARE)
    return (
        "Need is the children who live in placements of the kind, with those in agency fostering counted as needing a "
        "household of our own. Places are those that our children hold or could take.",
    )


def _need_kind(kind: str) -> str:
    return NEED_KINDS.get(kind, KIND_LABELS.get(kind, kind))


def near_columns(tables: Tables) -> list[Column]:
    """A column a financial year, with its months where the projection covers only part of it."""
    names = list(tables["near_home"]["financial_year"].unique())
    return year_columns(financial_heads(names, tables["flows"]), "Distance from home")


def financial_heads(names: Sequence[str], monthly: pd.DataFrame) -> list[str]:
    """Financial years as headings; one that the projection covers only in part says so."""
    months = months_covered(monthly)
    part = {name: count for name, count in months.items() if count < MONTHS_IN_YEAR}
    return [f"{name} ({part[name]} months)" if name in part else name for name in names]


def near_home(page: Page, tables: Tables) -> Sequence[str]:
    """Children within and over the limit, and unknown, of all and of new placements; shares with denominators."""
    table, limit = tables["near_home"], limit_text(tables["assumptions"])
    names = list(table["financial_year"].unique())
    groups = {
        "all children": ("All children at the end of the year", "children"),
        "new placements": ("Placements that began in the year", "placements"),
    }
    shares = {
        "share_within_of_known": f"Within {limit}, share of those whose distance is known",
        "share_over_of_known": f"Over {limit}, share of those whose distance is known",
        "share_over_of_all": f"Over {limit}, share of all",
    }
    counts = {"within": f"Within {limit}", "over": f"Over {limit}", "unknown": "Distance not known"}
    for group, (heading, unit) in groups.items():
        page.section(f"{heading} ({unit})")
        for measure, label in counts.items():
            range_rows(page, label, table, "financial_year", names, group=group, measure=measure)
        page.section(f"{heading}: shares (%)")
        for measure, label in shares.items():
            range_rows(page, label, table, "financial_year", names, SHARE, group=group, measure=measure)
    return (
        "Distance is the straight line from the child's home to the placement. It is not known for children without a "
        "home postcode, such as unaccompanied children; each share says whether they are in what it divides by.",
    )


def limit_text(assumptions: pd.DataFrame) -> str:
    """The limit of the scenario in words: 20 miles."""
    values = assumptions.loc[assumptions["setting"] == "matching.limit_miles", "value"]
    return f"{values.iloc[0]} miles" if len(values) else "the limit"
