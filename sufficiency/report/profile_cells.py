"""The cells of the needs analysis and the sums that tie them, within a table, between tables and between years.

A cell is named by a tuple, the same wherever its number stands: ``("looked_after", 2025)`` is the total of several
tables and the denominator of several shares. Cells that no table shows (what is left of a whole) are named too, since
a reader can work them out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from sufficiency.figures.profile_pairs import EVERY_HOME
from sufficiency.report.protection import Key, Sum
from sufficiency.vocabulary import EXIT_REASONS, FOSTERING_KINDS, KINDS

ALL: Final = "all"
Row = Mapping[Any, Any]
Tables = Mapping[str, pd.DataFrame]


def looked_after(row: Row) -> Key:
    """Children on a 31 March."""
    return ("looked_after", row["year"])


def _stock(row: Row) -> Key:
    band, kind = row.get("age_band", ALL), row.get("kind", ALL)
    return looked_after(row) if band == kind == ALL else ("stock", row["year"], band, kind)


def _provider_group(row: Row) -> Key:
    if row["group"] == "other_kinds":
        return ("other kinds", row["year"])
    return _stock({"year": row["year"], "kind": row["group"]})


def group_total(row: Row) -> Key:
    """How many a group of ``borough`` and ``distance`` counts."""
    totals = {ALL: "looked_after", "new_into_care": "started"}
    return (totals.get(row["group"], row["group"]), row["year"])


def _pair(row: Row) -> Key:
    """Children of one home area in one place; those of every home are all who live in the place."""
    home, place = row["home_area"], row["place_area"]
    return ("placed", place) if home == EVERY_HOME else ("lives", home, place)


def _cell(*names: str, **fixed: Any) -> Callable[[Row], Key]:
    """A key of fixed words and columns of the row."""
    return lambda row: (*fixed.values(), *(row[name] for name in names))


def _numerator(row: Row) -> Key:
    measure, year = row["measure"], row["year"]
    if measure == "three_or_more_placements":
        return ("placements", year, "3_or_more")
    if measure.startswith("over_limit_"):
        return ("over", year, measure.removeprefix("over_limit_"))
    if measure in ("in_house_share", "kinship_share"):
        return _stock({"year": year, "kind": "kinship" if measure == "kinship_share" else "in_house_fostering"})
    return (measure, year)


def _denominator(row: Row) -> Key:
    measure, year, unit = row["measure"], row["year"], row["unit"]
    if measure.startswith("over_limit_"):
        group = {"year": year, "group": measure.removeprefix("over_limit_")}
        return ("known", year, group["group"]) if unit == "share of known" else group_total(group)
    names = {"three_or_more_placements": "looked_after", "adopted": "ceased", "sgo_or_order": "ceased"}
    return (names.get(measure, "ceased" if measure == "returned_home" else f"of {measure}"), year)


COUNTS: Final[Mapping[str, Mapping[str, Callable[[Row], Key]]]] = {
    "children_by_year": {name: _cell("year", name=name) for name in ("looked_after", "started", "ceased")},
    "age_by_kind": {"children": _stock},
    "providers": {"children": _provider_group},
    "provider_codes": {"children": _cell("year", "provider", of="provider")},
    "legal_status": {"children": _cell("year", "group", of="legal")},
    "needs": {"children": _cell("year", "need", of="need")},
    "unaccompanied": {
        "looked_after": looked_after,
        "uasc": _cell("year", of="uasc"),
        "uasc_started": _cell("year", of="uasc_started"),
    },
    "borough": {name: _cell("year", "group", of=f"{name} area") for name in ("inside", "outside", "unknown")},
    "distance": {name: _cell("year", "group", of=name) for name in ("within", "over", "unknown")},
    "placements_in_year": {"children": _cell("year", "placements", of="placements")},
    "sibling_groups": {
        name: _cell("size", of=f"siblings {name}") for name in ("groups", "children", "together", "apart", "unknown")
    },
    "medians": {name: _cell("measure", "group", of=name) for name in ("spells", "ended", "left_censored")},
    "flows": {"moves": _cell("year", "from", "to", of="moves")},
    "origins_and_places": {"children": _pair},
    "areas": {"children_from": _cell("area", of="from"), "children_placed": _cell("area", of="placed")},
    "past_measures": {"numerator": _numerator, "denominator": _denominator},
}
"""Table → column of counts → the key of a row's cell."""

SHARES: Final[Mapping[str, Mapping[str, tuple[Callable[[Row], Key], ...]]]] = {
    "children_by_year": {"rate": (looked_after,)},
    "providers": {"share": (_provider_group, looked_after)},
    **{
        name: {"share": (COUNTS[name]["children"], looked_after)}
        for name in ("provider_codes", "legal_status", "needs", "placements_in_year")
    },
    "unaccompanied": {"share": (COUNTS["unaccompanied"]["uasc"], looked_after)},
    "borough": {
        "share_inside_of_all": (COUNTS["borough"]["inside"], group_total),
        "share_inside_of_known": (COUNTS["borough"]["inside"], COUNTS["borough"]["outside"]),
    },
    "distance": {
        "share_over_of_all": (COUNTS["distance"]["over"], group_total),
        "share_over_of_known": (COUNTS["distance"]["over"], COUNTS["distance"]["within"]),
    },
    "past_measures": {"value": (_numerator, _denominator)},
}
"""Table → share or rate → the cells that it would give back; hidden with any of them."""


@dataclass
class Cells:
    """Cells and sums as they are gathered: ``counts``, ``sums``, and the cells that are ``unpublished``."""

    counts: dict[Key, int] = field(default_factory=dict)
    sums: list[Sum] = field(default_factory=list)
    unpublished: set[Key] = field(default_factory=set)

    def tie(self, total: Key, parts: Mapping[Key, int]) -> None:
        """Name a sum. A total that no table shows is worked out; a sum that does not hold ties nothing."""
        known = {key: times for key, times in parts.items() if key in self.counts}
        found = sum(times * self.counts[key] for key, times in known.items())
        if total not in self.counts:
            self.counts[total] = found
            self.unpublished.add(total)
        if self.counts[total] == found and known:
            self.sums.append(Sum(total, known))

    def rest(self, total: Key, *parts: Key) -> None:
        """Name what is left of a whole beside ``parts``, which a reader can work out."""
        known = [key for key in parts if key in self.counts]
        if total in self.counts and known:
            left = ("rest of", total, *known)
            self.counts[left] = self.counts[total] - sum(self.counts[key] for key in known)
            self.unpublished.add(left)
            self.tie(total, dict.fromkeys([left, *known], 1))


def cells_of(tables: Tables) -> Cells:
    """Every cell of one authority's tables, with every sum that ties them."""
    cells = Cells()
    for name, columns in COUNTS.items():
        for row in tables[name].to_dict("records"):
            for column, key in columns.items():
                if pd.notna(row[column]):
                    cells.counts[key(row)] = int(row[column])
    for name in ("provider_codes", "legal_status", "needs", "placements_in_year"):
        _tie_groups(cells, tables[name], looked_after, COUNTS[name]["children"])
    _tie_kinds(cells, tables["age_by_kind"])
    _tie_years(cells, [row["year"] for row in tables["children_by_year"].to_dict("records")])
    _tie_places(cells, tables)
    _tie_flows(cells, tables["flows"])
    _tie_stays_and_siblings(cells, tables)
    return cells


def _tie_groups(cells: Cells, table: pd.DataFrame, total: Callable[[Row], Key], part: Callable[[Row], Key]) -> None:
    """Rows of a table that add up to a total."""
    parts: dict[Key, dict[Key, int]] = {}
    for row in table.to_dict("records"):
        parts.setdefault(total(row), {})[part(row)] = 1
    for key, known in parts.items():
        cells.tie(key, known)


def _tie_kinds(cells: Cells, table: pd.DataFrame) -> None:
    inner = table[(table["age_band"] != ALL)]
    _tie_groups(cells, inner, lambda row: _stock({**row, "age_band": ALL}), _stock)
    inner = table[(table["kind"] != ALL)]
    _tie_groups(cells, inner, lambda row: _stock({**row, "kind": ALL}), _stock)


def _tie_years(cells: Cells, years: list[int]) -> None:
    """Sums between the columns and tables of one year."""
    for year in years:
        kind = {name: _stock({"year": year, "kind": name}) for name in KINDS}
        others = [key for name, key in kind.items() if name not in (*FOSTERING_KINDS, "residential", "supported")]
        cells.tie(("other kinds", year), dict.fromkeys(others, 1))
        cells.tie(("of in_house_share", year), dict.fromkeys([kind["in_house_fostering"], kind["ifa"]], 1))
        cells.tie(("of kinship_share", year), dict.fromkeys([kind[name] for name in FOSTERING_KINDS], 1))
        cells.rest(("looked_after", year), ("uasc", year))
        cells.rest(("started", year), ("uasc_started", year))
        cells.rest(("of same_placement_two_years", year), ("same_placement_two_years", year))
        cells.rest(("looked_after", year), ("of same_placement_two_years", year))
        cells.rest(("ceased", year), *((reason, year) for reason in EXIT_REASONS))


def _tie_places(cells: Cells, tables: Tables) -> None:
    for row in tables["distance"].to_dict("records"):
        within, over, unknown = (COUNTS["distance"][name](row) for name in ("within", "over", "unknown"))
        known = ("known", row["year"], row["group"])
        cells.tie(known, {within: 1, over: 1})
        cells.tie(group_total(row), {within: 1, over: 1, unknown: 1})
        cells.tie(group_total(row), {known: 1, unknown: 1})
    for row in tables["borough"].to_dict("records"):
        cells.tie(group_total(row), {key(row): 1 for key in COUNTS["borough"].values()})
    _tie_pairs(cells, tables["origins_and_places"], list(tables["areas"]["area"]))
    latest = tables["children_by_year"]["year"].max()
    for side in COUNTS["areas"].values():
        _tie_groups(cells, tables["areas"], lambda row: ("looked_after", latest), side)


def _tie_pairs(cells: Cells, table: pd.DataFrame, areas: list[str]) -> None:
    """Who lives in a district, by home; of each home also who lives outside, and all of those by place."""
    outside = table["home_area"] == EVERY_HOME
    pairs = table[~outside]
    _tie_groups(cells, pairs, lambda row: ("placed", row["place_area"]), _pair)
    gone: dict[Key, int] = {}
    for area in areas:
        inside = {_pair(row): 1 for row in pairs[pairs["home_area"] == area].to_dict("records")}
        home, left = ("from", area), ("lives outside", area)
        cells.counts[left] = cells.counts[home] - sum(cells.counts[key] for key in inside)
        cells.unpublished.add(left)
        cells.tie(home, {left: 1} | inside)
        gone[left] = 1
    cells.tie(("lives outside",), gone)
    cells.tie(("lives outside",), {_pair(row): 1 for row in table[outside].to_dict("records")})


def _tie_flows(cells: Cells, table: pd.DataFrame) -> None:
    """Years add up to all; starts and ways out to their totals; what comes and goes to the change of each kind."""
    moves = COUNTS["flows"]["moves"]
    _tie_groups(cells, table[table["year"] != ALL], lambda row: moves({**row, "year": ALL}), moves)
    for year, rows in table[table["year"] != ALL].groupby("year"):
        known = rows.to_dict("records")
        cells.tie(("started", year), {moves(row): 1 for row in known if row["from"] == "started"})
        cells.tie(("ceased", year), {moves(row): 1 for row in known if row["to"] not in KINDS})
        for reason in EXIT_REASONS:
            cells.tie((reason, year), {moves(row): 1 for row in known if row["to"] == reason and reason not in KINDS})
        stepped = {moves(row): 1 for row in known if row["from"] == "residential" and row["to"] in FOSTERING_KINDS}
        cells.tie(("residential_to_foster", year), stepped)
        for kind in KINDS:
            now, before = (_stock({"year": one, "kind": kind}) for one in (year, int(str(year)) - 1))
            change = {moves(row): (row["to"] == kind) - (row["from"] == kind) for row in known}
            if before in cells.counts:
                cells.tie(now, {before: 1} | {key: times for key, times in change.items() if times})


def _tie_stays_and_siblings(cells: Cells, tables: Tables) -> None:
    medians = tables["medians"]
    for column, key in COUNTS["medians"].items():
        _tie_groups(cells, medians[medians["group"] != ALL], _all_of(column), key)
    for row in medians.to_dict("records"):
        spells, ended = (COUNTS["medians"][name](row) for name in ("spells", "ended"))
        cells.rest(spells, ended)
    for row in tables["sibling_groups"].to_dict("records"):
        found = {name: key(row) for name, key in COUNTS["sibling_groups"].items()}
        cells.tie(found["children"], {found[name]: 1 for name in ("together", "apart", "unknown")})
        if str(row["size"]).isdigit():
            cells.tie(found["children"], {found["groups"]: int(row["size"])})


def _all_of(column: str) -> Callable[[Row], Key]:
    return lambda row: (column, row["measure"], ALL)
