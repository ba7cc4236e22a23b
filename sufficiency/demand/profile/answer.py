"""The needs analysis as an answer: its tables, as they are and as they may leave, its charts and its folder."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from sufficiency.demand.profile.children import age_by_kind, children_by_year, placements_in_year, unaccompanied
from sufficiency.demand.profile.compared import UNNAMED, against_published
from sufficiency.demand.profile.findings import alt_text_of, finding_of
from sufficiency.demand.profile.mix import legal_status, needs, provider_codes, providers
from sufficiency.demand.profile.moves import flows
from sufficiency.demand.profile.past_measures import past_measures
from sufficiency.demand.profile.published_file import published_rows, read_published
from sufficiency.demand.profile.siblings import sibling_groups
from sufficiency.demand.profile.stays import medians, time_in_care, time_in_placement
from sufficiency.demand.profile.where import (
    DEFAULT_LIMIT_MILES,
    areas,
    borough,
    distance,
    origins_and_places,
    own_codes,
)
from sufficiency.errors import Fault, InputError
from sufficiency.records.model import Records
from sufficiency.stamp import DataStamp, data_stamp_of

COMPARED: Final = "against_published"
TABLES: Final[Mapping[str, Callable[[Records], pd.DataFrame]]] = {
    "children_by_year": children_by_year,
    "age_by_kind": age_by_kind,
    "providers": providers,
    "provider_codes": provider_codes,
    "legal_status": legal_status,
    "needs": needs,
    "unaccompanied": unaccompanied,
    "borough": borough,
    "time_in_care": time_in_care,
    "time_in_placement": time_in_placement,
    "medians": medians,
    "placements_in_year": placements_in_year,
    "sibling_groups": sibling_groups,
    "flows": flows,
    "origins_and_places": origins_and_places,
    "areas": areas,
}
WITH_LIMIT: Final[Mapping[str, Callable[[Records, float], pd.DataFrame]]] = {
    "distance": distance,
    "past_measures": past_measures,
}
ORDER: Final = (
    "children_by_year", COMPARED, "age_by_kind", "providers", "provider_codes", "legal_status", "needs",
    "unaccompanied", "borough", "distance", "time_in_care", "time_in_placement", "medians", "placements_in_year",
    "sibling_groups", "flows", "origins_and_places", "areas", "past_measures",
)  # fmt: skip
"""Tables in the order in which a strategy prints them."""
CHARTS: Final = {
    **{name: name for name in ORDER if name != "medians"},
    "kind_by_year": "age_by_kind",
    "age_by_year": "age_by_kind",
}
"""Chart → the table that it draws."""
WITH_MILES: Final = ("distance", "past_measures", "areas", "origins_and_places")
MAPS: Final = ("areas", "origins_and_places")
CURVES: Final = ("time_in_care", "time_in_placement")


@dataclass(frozen=True)
class Profile:
    """The needs analysis of an authority or a region: what its returns tell of the past, with nothing simulated.

    ``stamp``: where it comes from; ``limit_miles``: the limit of "near home"; ``private``: the tables as they are,
    which hold small numbers and stay with the user. Charts and published tables never show a count of 1 to 5.
    """

    stamp: DataStamp
    limit_miles: float
    private: Mapping[str, pd.DataFrame] = field(repr=False)
    compared: pd.DataFrame | None = field(default=None, repr=False)
    codes: tuple[str, ...] = ()

    def tables(self) -> dict[str, pd.DataFrame]:
        """Name → table, with its small numbers: not for publication."""
        return self._whole(self.private, {name: table.copy() for name, table in self.private.items()})

    def published_tables(self) -> dict[str, pd.DataFrame]:
        """Name → table with small numbers, and what gives them back, as "c"."""
        from sufficiency.report.profile_published import without_hidden_pairs

        shown = {name: table.copy() for name, table in self._published.items()}
        shown["origins_and_places"] = without_hidden_pairs(shown["origins_and_places"])
        return self._whole(self._numbers, shown)

    def chart(self, name: str) -> Any:
        """One chart (Altair), by the name of its table, or ``kind_by_year`` or ``age_by_year``; drawn from the
        published numbers. Raises :class:`InputError` when there is no such chart."""
        import sufficiency.figures as figures

        names = self.chart_names()
        if name not in names:
            raise InputError(
                [Fault("P02", "chart", "", (), f"there is no chart {name!r}", f"Use one of {', '.join(names)}")]
            )
        numbers = self._numbers_and_comparison
        table = numbers[CHARTS[name]]
        options: dict[str, Any] = {"limit_miles": self.limit_miles} if name in WITH_MILES else {}
        if name in MAPS:
            options["outline"] = self._outline
        if name == "origins_and_places":
            options["areas"] = numbers["areas"]
        if name == "past_measures":
            table = table[self._published[name]["numerator"].notna()]
        if name in CURVES:
            options["medians"] = numbers["medians"]
        title = finding_of(name, numbers, self.limit_miles)
        draw = getattr(figures, f"{name}_chart")
        return draw(table, self.stamp, title=title, alt_text=alt_text_of(name, title, numbers), **options)

    def charts(self) -> dict[str, Any]:
        """Every chart by its name."""
        return {name: self.chart(name) for name in self.chart_names()}

    def chart_names(self) -> tuple[str, ...]:
        """The charts there are."""
        return tuple(name for name, table in CHARTS.items() if table in self._numbers_and_comparison)

    def export(self, folder: str | Path, *, progress: Callable[[int], None] | None = None) -> Path:
        """Write ``tables/`` (published), ``charts/`` and ``private/`` into a folder, all or none, and return it.

        ``progress`` is told of each chart that is drawn (1)."""
        from sufficiency.report.profile_export import export_profile

        return export_profile(self, Path(folder), progress)

    def summary(self) -> str:
        """One screen: where it comes from, and the finding of each chart."""
        numbers = self._numbers_and_comparison
        findings = [f"  {name:<26}{finding_of(name, numbers, self.limit_miles)}" for name in self.chart_names()]
        return "\n".join([self.stamp.source(), *findings])

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.summary())}</pre>"

    @cached_property
    def _published(self) -> dict[str, pd.DataFrame]:
        from sufficiency.report.profile_published import published

        return published(self.private)

    @cached_property
    def _numbers(self) -> dict[str, pd.DataFrame]:
        """Published tables as numbers, missing where hidden."""
        from sufficiency.report.profile_published import numeric

        return {name: numeric(table) for name, table in self._published.items()}

    @cached_property
    def _numbers_and_comparison(self) -> dict[str, pd.DataFrame]:
        return self._whole(self._numbers, self._numbers)

    @cached_property
    def _outline(self) -> pd.DataFrame:
        from sufficiency.figures import authority_outline
        from sufficiency.figures.profile_parts import whole

        table = whole(self.private["areas"]).dropna(subset=["latitude"])
        return authority_outline(table.rename(columns={"children_from": "children"}))

    def _whole(
        self, numbers: Mapping[str, pd.DataFrame], tables: Mapping[str, pd.DataFrame]
    ) -> dict[str, pd.DataFrame]:
        """Tables in order, with the comparison made of ``numbers`` where there is a published file."""
        answer = dict(tables)
        if self.compared is not None:
            answer[COMPARED] = against_published(
                numbers,
                self.compared,
                area=self.stamp.authority or UNNAMED,
                codes=self.codes,
                limit_miles=self.limit_miles,
            )
        return {name: answer[name] for name in ORDER if name in answer}


def profile(
    records: Records,
    *,
    limit_miles: float = DEFAULT_LIMIT_MILES,
    published: str | Path | pd.DataFrame | None = None,
) -> Profile:
    """The needs analysis: every table of the past that a sufficiency strategy prints, over all years held.

    ``limit_miles``: near home is at most so many miles from it. ``published``: a file (or its table) to compare with:
    a CSV with ``area year measure value``, or one of DfE's files by local authority. Raises :class:`InputError` for a
    limit that is no distance and for a file that is in no layout known.
    """
    if not np.isfinite(limit_miles) or limit_miles <= 0:
        raise InputError([Fault("P01", "limit_miles", "", (), f"is {limit_miles:g}", "Give a number of miles above 0")])
    tables = {name: table(records) for name, table in TABLES.items()}
    tables |= {name: table(records, limit_miles) for name, table in WITH_LIMIT.items()}
    return Profile(
        stamp=data_stamp_of(records),
        limit_miles=float(limit_miles),
        private={name: tables[name] for name in ORDER if name in tables},
        compared=_compared(published),
        codes=tuple(own_codes(records.placements).values()),
    )


def _compared(published: str | Path | pd.DataFrame | None) -> pd.DataFrame | None:
    if isinstance(published, pd.DataFrame):
        return published_rows(published)
    return None if published is None else read_published(Path(published))
