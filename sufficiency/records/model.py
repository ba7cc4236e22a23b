"""What an authority's data are once they have been read: frozen tables whose columns are documented here once."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from sufficiency.calendar import age_in_years, days
from sufficiency.errors import Fault, InputError
from sufficiency.records.placements import periods_of
from sufficiency.records.pseudonyms import middle_of_month, pseudonyms, sectors
from sufficiency.records.rules import Severity
from sufficiency.vocabulary import ADULT_AGE, AGE_BANDS, age_band_index

FAULT_COLUMNS = ("code", "table", "column", "rows", "says", "fix")


def fault_table(faults: tuple[Fault, ...] | list[Fault]) -> pd.DataFrame:
    """Faults as a table: ``code`` ``table`` ``column`` ``rows`` (tuple of file lines) ``says`` ``fix``."""
    rows = [[getattr(fault, column) for column in FAULT_COLUMNS] for fault in faults]
    return pd.DataFrame(rows, columns=list(FAULT_COLUMNS))


@dataclass(frozen=True)
class Records:
    """An authority's case records and registers, read, repaired and checked.

    ``children``: one row per child in the returns. ``authority`` (name or code of the authority in a region's
    returns, else ""; so in the next two tables), ``child_id`` (text), ``sex`` (female, male, other),
    ``date_of_birth``, ``birth_precision`` (day, or month when only that is given), ``uasc`` (bool: ever
    listed as an unaccompanied asylum-seeking child).

    ``placements``: one row per placement after repairs, in order of child and date; temporary moves are folded
    into the placement they interrupt, rows that only change legal status are merged, short breaks are left out.
    ``child_id``, ``period`` (number of the period of care, unique in the table), ``started``, ``ended`` (missing
    while open; the child is not there on that day), ``kind`` (:data:`~sufficiency.vocabulary.KINDS`), ``place``
    ``provider`` ``legal_status`` ``need`` (903 codes; the latest of the merged rows), ``reason_started`` (RNE of the
    first row), ``reason_ended`` (REC of the last row, empty while open), ``home_latitude`` ``home_longitude``
    ``place_latitude`` ``place_longitude`` [degrees], ``home_precision`` ``place_precision`` (postcode, sector,
    district, or missing), ``home_area`` ``place_area`` (postcode district), ``authority_of_place`` (ONS code),
    ``miles`` (home to placement; missing when unknown),
    ``urn`` (text).

    ``periods``: one row per period of care. ``period``, ``child_id``, ``started``, ``ended``, ``exit_reason``
    (:data:`~sufficiency.vocabulary.EXIT_REASONS`, missing while open), ``left_censored`` (bool: the first row held
    is not a start).

    ``child_register``, ``homes``, ``carers``, ``prices``, ``population``, ``fixed``, ``scores``: the registers as in
    the data contract, typed, with ``latitude``/``longitude`` (``home_…`` and ``school_…`` for children) filled from
    postcodes; ``None`` when the file is not there.

    ``repairs``: ``code``, ``says``, ``rows`` (count). ``set_aside``: rows left out, each with its fault.
    ``sums``: for each table rows ``read`` = ``used`` + ``repaired`` (folded into another row) + ``set_aside``.
    ``years``: years held, by the year the return ends.
    ``data_to``: the last 31 March covered, in a region the last one that every authority covers; ``coverage``: first
    and last day of each run of years that the returns of an ``authority`` cover without a gap. ``authority``: display
    name; ``synthetic``: True for made-up data.
    ``file_hashes``: path inside the folder → SHA-256.
    ``notices``: what was noticed and changes no count (unknown codes, columns kept out, postcodes not found).
    ``repaired_rows``: every row that a repair touched: ``code``, ``table``, ``line``.
    ``legal_statuses``: every row that was read into a placement, in order of date: ``child_id`` ``started``
    ``legal_status`` (the status from that day on), since a placement keeps only its last status.
    """

    children: pd.DataFrame
    placements: pd.DataFrame
    periods: pd.DataFrame
    child_register: pd.DataFrame | None
    homes: pd.DataFrame | None
    carers: pd.DataFrame | None
    prices: pd.DataFrame | None
    population: pd.DataFrame | None
    repairs: pd.DataFrame
    set_aside: tuple[Fault, ...]
    sums: pd.DataFrame
    years: tuple[int, ...]
    data_to: pd.Timestamp
    coverage: pd.DataFrame
    authority: str
    synthetic: bool
    file_hashes: Mapping[str, str]
    notices: tuple[Fault, ...] = ()
    repaired_rows: pd.DataFrame | None = None
    legal_statuses: pd.DataFrame | None = None
    fixed: pd.DataFrame | None = None
    scores: pd.DataFrame | None = None

    @property
    def row_counts(self) -> dict[str, int]:
        """Rows of episodes ``read`` = ``used`` (one a placement) + ``repaired`` + ``set_aside``."""
        episodes = self.sums[self.sums["table"] == "episodes"].drop(columns="table")
        return {str(name): int(count) for name, count in episodes.iloc[0].items()}

    def faults(self, severity: Severity | None = None) -> pd.DataFrame:
        """What was set aside, then what was noticed: ``code`` ``table`` ``column`` ``rows`` ``says`` ``fix``.

        ``severity``: ``error`` for what was left out only, ``warning`` for what changes no count only.
        """
        told = {"error": self.set_aside, "warning": self.notices}
        return fault_table(told[severity] if severity else (*self.set_aside, *self.notices))

    @property
    def authorities(self) -> tuple[str, ...]:
        """The authorities of a region, by name; one name (maybe empty) for a single authority."""
        return tuple(sorted(self.children["authority"].unique()))

    def of_authority(self, authority: str) -> Records:
        """The returns of one authority of a region. The registers, sums and faults stay those of the region.

        Raises :class:`InputError` when the region has no such authority.
        """
        if authority not in self.authorities:
            fix = f"Use one of {', '.join(self.authorities)}"
            raise InputError([Fault("D03", "authority", "", (), "is not in the returns", fix)])
        children, placements, periods = (
            table[table["authority"] == authority].reset_index(drop=True)
            for table in (self.children, self.placements, self.periods)
        )
        coverage = self.coverage[self.coverage["authority"] == authority].reset_index(drop=True)
        first, last = coverage["first_day"].min(), coverage["last_day"].max()
        return replace(
            self,
            children=children,
            placements=placements,
            periods=periods,
            years=tuple(year for year in self.years if first.year < year <= last.year),
            data_to=last,
            coverage=coverage,
            authority=authority,
        )

    def stock(self, on: str | pd.Timestamp) -> pd.DataFrame:
        """Children in care on a date, one row each with the placement they are in; of a region, those of the
        authorities whose returns cover the date.

        The columns of ``placements``, then ``sex`` ``date_of_birth`` ``uasc`` and ``age`` (whole years) ``age_band``
        on that date. Raises :class:`InputError` when the date is outside the data.
        """
        day = self._inside(on)
        placements = self.placements
        covered = self.coverage["authority"][self.coverage["first_day"].le(day) & self.coverage["last_day"].ge(day)]
        there = (placements["started"] <= day) & ~(placements["ended"] <= day)
        now = placements[there & placements["authority"].isin(covered)].merge(
            self.children.drop(columns="authority"), on="child_id", how="left"
        )
        age = age_in_years(days(now["date_of_birth"]), np.datetime64(day, "D"))
        age = np.minimum(age, ADULT_AGE - 1)  # nobody is looked after at 18, but some births are known by month only
        names = np.array(AGE_BANDS)[age_band_index(age)]
        bands = pd.Categorical(names, categories=list(AGE_BANDS), ordered=True)
        return now.assign(age=age, age_band=bands)

    def as_of(self, date: str | pd.Timestamp) -> Records:
        """The data as they stood on a date: what starts later is gone, what ends later is still open.

        Children are those with a placement by then; ``data_to`` is the date. Looking back, population figures of later
        mid-years are gone too. The other registers and the counts of the reading stay as they are. Raises
        :class:`InputError` when the date is outside the data.
        """
        day = self._inside(date)
        placements = _hidden_after(self.placements, day)
        known = self.children["child_id"].isin(placements["child_id"])
        statuses = self.legal_statuses
        return replace(
            self,
            legal_statuses=None if statuses is None else statuses[statuses["started"] <= day].reset_index(drop=True),
            children=self.children[known].reset_index(drop=True),
            placements=placements,
            periods=periods_of(placements, self.children.set_index("child_id")["date_of_birth"]),
            years=tuple(year for year in self.years if pd.Timestamp(year - 1, 4, 1) <= day),
            data_to=day,
            population=self.population if day >= self.data_to else _known_by(self.population, day),
            coverage=self.coverage.assign(last_day=self.coverage["last_day"].where(lambda last: last < day, day)),
        )

    def pseudonymised(self, key: str) -> Records:
        """A copy whose children have pseudonyms: ids as a keyed hash, births as the 15th of their month, postcodes cut
        to their sector. The same ``key`` gives the same pseudonyms, so that two extracts can still be joined; points
        already found are kept to three decimals (about 100 metres).
        """
        register = self.child_register
        if register is not None:
            register = register.assign(
                child_id=pseudonyms(register["child_id"], key),
                date_of_birth=middle_of_month(register["date_of_birth"]),
                sibling_group=pseudonyms(register["sibling_group"], key),
                home_postcode=sectors(register["home_postcode"]),
                school_postcode=sectors(register["school_postcode"]),
                **{name: register[name].round(3) for name in _points(register)},
            )
        births = middle_of_month(self.children["date_of_birth"])
        placements = self.placements
        return replace(
            self,
            children=self.children.assign(
                child_id=pseudonyms(self.children["child_id"], key), date_of_birth=births, birth_precision="month"
            ),
            placements=placements.assign(
                child_id=pseudonyms(placements["child_id"], key),
                **{name: placements[name].round(3) for name in _points(placements)},
            ),
            legal_statuses=_with_pseudonyms(self.legal_statuses, key),
            periods=self.periods.assign(child_id=pseudonyms(self.periods["child_id"], key)),
            child_register=register,
            fixed=_with_pseudonyms(self.fixed, key),
            scores=_with_pseudonyms(self.scores, key),
        )

    def _inside(self, date: str | pd.Timestamp) -> pd.Timestamp:
        first, last = self.coverage["first_day"].min(), self.coverage["last_day"].max()
        try:
            day = pd.Timestamp(date).normalize()
        except ValueError:
            day = None
        if day is None or not first <= day <= last:
            fix = f"Give a date from {first:%Y-%m-%d} to {last:%Y-%m-%d}"
            raise InputError([Fault("D01", "as of", "", (), "the date is outside the data", fix)])
        if not (self.coverage["first_day"].le(day) & self.coverage["last_day"].ge(day)).any():
            fix = "Give a date of a year that has a return, or add the missing one"
            raise InputError([Fault("D01", "as of", "", (), "the date is in a year without a return", fix)])
        return day

    def summary(self) -> str:
        """One screen: whose data and to when, children, placements, repairs with counts, what was set aside."""
        return "\n".join(f"{name:<12}{text}".rstrip() for name, text in self._lines())

    def _lines(self) -> list[tuple[str, str]]:
        made_up = " (synthetic: no real child)" if self.synthetic else ""
        spans = f"{min(self.years)} to {max(self.years)}, data to {self.data_to:%d %B %Y}"
        in_care = f"{len(self.stock(self.data_to)):,} in care on that day"
        lines = [
            ("Authority", f"{self.authority}{made_up}"),
            ("Returns", f"{len(self.years)} years, {spans}"),
            ("Children", f"{len(self.children):,}, {in_care}"),
            ("Placements", f"{len(self.placements):,} in {len(self.periods):,} periods of care"),
            ("Registers", ", ".join(self._registers()) or "none"),
        ]
        rows = [
            f"{row.read:,} of {row.table} read = {row.used:,} used + {row.repaired:,} repaired "
            f"+ {row.set_aside:,} set aside"
            for row in self.sums.itertuples()
        ]
        lines += [("Rows" if first else "", text) for first, text in _first_marked(rows)]
        if len(self.authorities) > 1:
            lines.insert(1, ("Region", f"{len(self.authorities)} authorities: {', '.join(self.authorities)}"))
        told = self.repairs[self.repairs["rows"] > 0]
        repairs = [
            f"{rows:>6,}  {code}  {says}"
            for code, says, rows in zip(told["code"], told["says"], told["rows"], strict=True)
        ]
        lines += [("Repairs" if first else "", text) for first, text in _first_marked(repairs)]
        left_out: dict[tuple[str, str], int] = {}
        for fault in self.set_aside:
            left_out[fault.code, fault.says] = left_out.get((fault.code, fault.says), 0) + len(fault.rows)
        aside = [f"{rows:>6,}  {code}  {says}" for (code, says), rows in left_out.items()]
        lines += [("Set aside" if first else "", text) for first, text in _first_marked(aside)]
        if self.notices:
            lines.append(("Notices", f"{len(self.notices):,}; records.faults() lists them"))
        return lines

    def _registers(self) -> list[str]:
        tables: dict[str, Any] = {
            "children": self.child_register,
            "homes": self.homes,
            "carers": self.carers,
            "prices": self.prices,
            "population": self.population,
            "fixed decisions": self.fixed,
            "scores": self.scores,
        }
        return [f"{name} {len(table):,}" for name, table in tables.items() if table is not None]

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.summary())}</pre>"


def _points(table: pd.DataFrame) -> list[str]:
    """Columns of latitudes and longitudes that tell where a child lives or goes to school."""
    return [str(column) for column in table.columns if str(column).endswith(("_latitude", "_longitude"))]


def _with_pseudonyms(table: pd.DataFrame | None, key: str) -> pd.DataFrame | None:
    return None if table is None else table.assign(child_id=pseudonyms(table["child_id"], key))


def _hidden_after(placements: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Placements that started by ``day``, with ends after it (and their reasons) not yet known."""
    kept = placements[placements["started"] <= day].reset_index(drop=True)
    later = kept["ended"] > day
    return kept.assign(ended=kept["ended"].mask(later), reason_ended=kept["reason_ended"].mask(later))


def _known_by(population: pd.DataFrame | None, day: pd.Timestamp) -> pd.DataFrame | None:
    """Population of the mid-years (30 June) up to a day."""
    if population is None:
        return None
    last = day.year if (day.month, day.day) >= (6, 30) else day.year - 1
    return population[population["year"] <= last].reset_index(drop=True)


LISTED = 12


def _first_marked(texts: list[str]) -> list[tuple[bool, str]]:
    """Texts with the first marked, cut to what one screen holds."""
    shown = texts[:LISTED] + ([f"        and {len(texts) - LISTED} more"] if len(texts) > LISTED else [])
    return [(number == 0, text) for number, text in enumerate(shown)]
