"""The chapters of a sufficiency strategy: which charts and tables stand where, for paper and screen alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from sufficiency.report.printed import PrintedTable
from sufficiency.report.publication import Figure, Publication
from sufficiency.report.strategy_tables import (
    assumption_tables,
    budget_tables,
    carer_tables,
    children_tables,
    measure_tables,
    near_home_tables,
    need_tables,
)
from sufficiency.stamp import SHORTLIST_NOTE, Stamp


@dataclass(frozen=True)
class Drawing:
    """A figure without the words that stand around it: the chart bare, its ``title`` and its ``notes`` as text."""

    title: str
    alt_text: str
    notes: str
    chart: Any


@dataclass(frozen=True)
class Chapter:
    """One chapter: what it shows (``about``), its drawings and tables, and what the author is asked to write."""

    key: str
    title: str
    about: tuple[str, ...]
    drawings: tuple[Drawing, ...]
    tables: tuple[PrintedTable, ...]
    prompt: str


@dataclass(frozen=True)
class _Plan:
    """What a chapter is made of; ``figures`` are the names of the figures that belong to it."""

    key: str
    title: str
    about: str
    figures: tuple[str, ...]
    prompt: str


PLANS: Final = (
    _Plan(
        "children",
        "Children looked after",
        "How many children we have looked after, and how many we may look after, by age and by where they live.",
        ("population",),
        "what lies behind these numbers, which children they are, and what is being done to keep families together",
    ),
    _Plan(
        "carers",
        "Foster carers",
        "Fostering households of our own: how many are approved, how many stop, and how many are open at a year's end.",
        ("carers",),
        "how carers are recruited, supported and kept, and what carers say",
    ),
    _Plan(
        "need",
        "Places against need",
        "Children who need a family, a children's home or supported accommodation, beside the places that can be used.",
        ("places_against_need",),
        "where the gaps are felt most, and which of them the strategy means to close",
    ),
    _Plan(
        "near_home",
        "Near home",
        "How many children live within the distance limit of their home, among those whose distance is known.",
        ("map_of_matches",),
        "why children live further away, for whom that is the right choice, and what would bring others nearer",
    ),
    _Plan(
        "cost",
        "Cost",
        "What placements, carers and homes cost in each financial year, in the prices of that year.",
        ("budget",),
        "how these costs stand against the budget, and how the plan is paid for",
    ),
    _Plan(
        "measures",
        "The plan's measures",
        "What the plan promises, where each measure stands today, and where it is heading.",
        ("measures",),
        "what has been done since the last report, and what follows where a measure is at risk or off track",
    ),
    _Plan(
        "method",
        "Assumptions and method",
        "",
        (),
        "who checked these assumptions, and when they are looked at again",
    ),
)
METHOD: Final = (
    "The projection simulates each child month by month, {paths} times over. Rates of starting, moving and leaving are "
    "estimated from the returns; how uncertain they are, and shocks that last for years, are part of every future.",
    "In every future the children are matched to the places that carers and homes then offer; those for whom there is "
    "none are placed in what is bought, at its price and distance.",
    "A range is where 80 of 100 futures lie, and the middle is where half lie above and half below. Quantities are "
    "added up inside each future before they are summarised, so the middles of parts do not add up to the middle of "
    "their whole.",
    "Shares near home leave out children whose distance is not known.",
)
HIDDEN_NOTE: Final = (
    "Counts of 1 to 5 children, and figures from which they could be worked out, are shown as c, as the Department for "
    "Education does."
)


def chapters(publication: Publication) -> tuple[Chapter, ...]:
    """The chapters in the order of a strategy, each figure of the publication in exactly one of them."""
    tables = _tables(publication.tables)
    belongs = {name: _chapter_of(name) for name in publication.figures}
    made = []
    for plan in PLANS:
        figures = [figure for name, figure in publication.figures.items() if belongs[name] == plan.key]
        drawings = tuple(drawing(figure, publication.stamp) for figure in figures)
        about = (plan.about,) if plan.about else _method(publication.stamp, tables)
        made.append(Chapter(plan.key, plan.title, about, drawings, tables[plan.key], plan.prompt))
    return tuple(made)


def drawing(figure: Figure, stamp: Stamp) -> Drawing:
    """A figure with its words beside it: title and notes leave the chart, to be set in the page's own type."""
    import altair as alt

    heading = figure.chart.title
    found = getattr(heading, "subtitle", alt.Undefined)
    lines = [found] if isinstance(found, str) else found if isinstance(found, list) else []
    bare = figure.chart.copy(deep=False)
    bare.title = alt.Undefined
    notes = " ".join(lines).replace(stamp.source(), "").strip()
    return Drawing(figure.title, figure.alt_text, notes, bare)


def _tables(tables: Mapping[str, pd.DataFrame]) -> dict[str, tuple[PrintedTable, ...]]:
    return {
        "children": children_tables(tables["history"], tables["population"], tables["placements"]),
        "carers": carer_tables(tables["measures"], tables["carers"], tables["places"]),
        "need": need_tables(tables["places_against_need"]),
        "near_home": near_home_tables(tables["near_home"]),
        "cost": budget_tables(tables["budget"]),
        "measures": measure_tables(tables["measures"]),
        "method": assumption_tables(tables["changes"], tables["assumptions"]),
    }


def _chapter_of(name: str) -> str:
    """Key of the chapter that a figure belongs to; the last chapter takes those that no chapter names."""
    found = (plan.key for plan in PLANS if name in plan.figures)
    return next(found, PLANS[-1].key)


def _method(stamp: Stamp, tables: Mapping[str, tuple[PrintedTable, ...]]) -> tuple[str, ...]:
    hidden = any(table.hides_small_numbers() for part in tables.values() for table in part)
    notes = [note.format(paths=stamp.paths) for note in METHOD]
    return (*notes, *([HIDDEN_NOTE] if hidden else []), SHORTLIST_NOTE)
