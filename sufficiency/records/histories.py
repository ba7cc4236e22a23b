"""From the tables of all returns to children, placements and periods of care, with an account of every row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.errors import Fault
from sufficiency.records.authorities import there_twice
from sufficiency.records.complete import FEWEST, MOSTLY
from sufficiency.records.episodes import (
    children_of,
    lay_end_to_end,
    typed_episodes,
    typed_headers,
    typed_uasc,
    with_whole_births,
)
from sufficiency.records.placements import (
    GAP,
    MERGES,
    on_the_map,
    periods_of,
    placements_of,
    with_periods,
    with_placements,
)
from sufficiency.records.plausible import implausible_returns, late_starts, vanished_children
from sufficiency.records.reading import Reading, rows_by_file
from sufficiency.records.repairs import REPAIRS, mend
from sufficiency.records.return_cells import CELL_RULES
from sufficiency.records.return_rules import ROW_RULES, told
from sufficiency.records.returns import TABLES, Return
from sufficiency.records.rules import broken_cells
from sufficiency.records.spelling import one_spelling
from sufficiency.records.tables import date_fix

BETWEEN: Final = ":"
"""Stands between authority and child's number where a number is used by two authorities of a region."""


@dataclass(frozen=True)
class Histories:
    """Children, placements, periods and repairs as :class:`~sufficiency.records.model.Records` documents them.

    ``sums``: for each table, rows ``read`` = ``used`` + ``repaired`` (folded into another) + ``set_aside``.
    ``legal_statuses``: the status of every row that was read into a placement, from its day on.
    """

    children: pd.DataFrame
    placements: pd.DataFrame
    periods: pd.DataFrame
    repairs: pd.DataFrame
    repaired_rows: pd.DataFrame
    sums: pd.DataFrame
    legal_statuses: pd.DataFrame


def histories_of(returns: Sequence[Return], reading: Reading) -> Histories | None:
    """Read, check and repair the tables of all returns; ``None`` when faults in ``reading`` stop it."""
    faults_before = len(reading.faults)
    text = _text(returns, reading)
    if text is None:
        return None
    tables, sums = _checked(text, returns, reading)
    if len(reading.faults) > faults_before:
        return None
    episodes, children = tables["episodes"], children_of(tables["header"], tables["uasc"])
    if not episodes.empty:
        mended, log = mend(episodes)
        if not mended.empty:
            faults, notices = vanished_children(episodes, log)
            reading.file_at_fault(faults)
            reading.notices += [*implausible_returns(episodes), *notices]
            return _as_histories(mended, log, children, sums, reading)
    says = "no placement is left once rows at fault, short breaks and rows after the 18th birthday are set apart"
    reading.faults.append(Fault("F12", "returns", "", (), says, "Check the extract"))
    return None


def _text(returns: Sequence[Return], reading: Reading) -> dict[str, pd.DataFrame] | None:
    """The three tables as text; None when one that is needed has no row."""
    text = {}
    for name in TABLES:
        text[name], notices = lay_end_to_end(returns, name)
        reading.notices += notices
    for name in TABLES[:2]:
        if text[name].empty:
            says = f"the {name} table has no row in any return"
            reading.faults.append(Fault("F14", "returns", "", (), says, "Check the extract"))
            return None
    respelt, notices = one_spelling(text)
    reading.notices += notices
    return _apart(respelt, reading)


def _apart(text: dict[str, pd.DataFrame], reading: Reading) -> dict[str, pd.DataFrame]:
    """Children of different authorities told apart: where two use one number, all numbers get the authority's name."""
    pairs = pd.concat([table[["authority", "CHILD"]] for table in text.values()])
    pairs = pairs[pairs["CHILD"] != ""].drop_duplicates()
    shared = int(pairs["CHILD"].duplicated().sum())
    if not shared:
        return text
    reading.file_at_fault(there_twice(text["header"]))
    says = f"{shared} numbers stand for children of more than one authority, so each begins with its authority here"
    reading.notices.append(Fault("N103", "returns", "CHILD", (), says, "Nothing to do"))
    return {
        name: table.assign(CHILD=(table["authority"] + BETWEEN + table["CHILD"]).where(table["CHILD"] != "", ""))
        for name, table in text.items()
    }


def _checked(
    text: Mapping[str, pd.DataFrame], returns: Sequence[Return], reading: Reading
) -> tuple[dict[str, pd.DataFrame], dict[str, dict[str, int]]]:
    """The tables typed, without the rows at fault; and how many rows were read and set aside of each."""
    whole, notices = with_whole_births(text["header"])
    births, more_notices = with_whole_births(text["uasc"])
    reading.notices += [*notices, *more_notices]
    headers, bad_headers = typed_headers(whole)
    episodes, bad_episodes = typed_episodes(text["episodes"])
    uasc, bad_uasc = typed_uasc(births)
    headers = headers.assign(has_episode=_stands_in(headers, episodes))
    sound = {"header": _sound(headers, "header", bad_headers, reading)}
    children = children_of(sound["header"], uasc)
    born = children.set_index("child_id")["date_of_birth"]
    uasc = uasc.assign(
        header_born=born.reindex(uasc["child"]).to_numpy(), known=uasc["child"].isin(children["child_id"])
    )
    sound["uasc"] = _sound(uasc, "uasc", bad_uasc, reading)
    episodes = _about_the_child(episodes, headers, children, returns)
    sound["episodes"] = _sound(episodes, "episodes", bad_episodes, reading)
    sums = {name: {"read": len(text[name]), "set_aside": len(text[name]) - len(sound[name])} for name in TABLES}
    return sound, sums


def _stands_in(table: pd.DataFrame, other: pd.DataFrame) -> np.ndarray:
    """Whether each row's child stands in the ``other`` table of the same return."""
    there = pd.MultiIndex.from_frame(other[["child", "order"]])
    return pd.MultiIndex.from_frame(table[["child", "order"]]).isin(there)


def _about_the_child(
    episodes: pd.DataFrame, headers: pd.DataFrame, children: pd.DataFrame, returns: Sequence[Return]
) -> pd.DataFrame:
    """Episodes with ``born`` ``uasc`` ``in_header`` of the child, and ``data_to`` of the authority.

    A return whose header lies with another one (a combined header without YEAR) is not asked for the child.
    """
    of_child = children.set_index("child_id").reindex(episodes["child"])
    last_days = {one.authority: pd.Timestamp(max(o.year for o in returns if o.authority == one.authority), 3, 31)
                 for one in returns}  # fmt: skip
    without_header = ~episodes["order"].isin(headers["order"])
    return episodes.assign(
        born=of_child["date_of_birth"].to_numpy(),
        birth_precision=of_child["birth_precision"].to_numpy(),
        uasc=of_child["uasc"].eq(True).to_numpy(),
        in_header=_stands_in(episodes, headers) | without_header,
        data_to=episodes["authority"].map(last_days).astype("datetime64[us]"),
    )


def _sound(table: pd.DataFrame, name: str, unreadable: Mapping[str, pd.Series], reading: Reading) -> pd.DataFrame:
    """The rows that break no rule that is an error; the others raise later or are set aside. Warnings are noted."""
    broken = np.zeros(len(table), dtype=bool)
    for column, cells in unreadable.items():
        bad = table.index.isin(cells.index)
        reading.rows_at_fault(rows_by_file("R03", column, table[bad], "not a date", date_fix(cells)))
        broken |= bad
    for faults, rows in _broken(table, name, "error"):
        reading.rows_at_fault(faults)
        broken |= rows
    if reading.on_fault != "raise":
        reading.file_at_fault(_mostly_broken(table, broken))
    kept = table[~broken]
    for faults, _ in _broken(kept, name, "warning"):
        reading.notices += faults
    return kept


def _mostly_broken(table: pd.DataFrame, broken: np.ndarray) -> list[Fault]:
    """Files of which most rows are at fault: what is left of them is no table to count."""
    shares = pd.Series(broken).groupby(table["table"].to_numpy()).agg(["mean", "size"])
    found = shares[(shares["mean"] > MOSTLY) & (shares["size"] >= FEWEST)].index
    says, fix = "most rows of the table are at fault, so that the rest cannot stand for it", "Export the table again"
    return [Fault("F35", str(source), "", (), says, fix) for source in found]


def _broken(table: pd.DataFrame, name: str, severity: str) -> Iterator[tuple[list[Fault], np.ndarray]]:
    """The faults of each rule of one severity that some row breaks, and the rows (bool)."""
    if table.empty:
        return
    cells = [one for one in CELL_RULES[name] if one.severity == severity]
    for rule, bad in broken_cells(cells, table):
        yield rows_by_file(rule.code, told((rule.column,)), table[bad], rule.says, rule.fix), bad
    for one in ROW_RULES[name]:
        if one.severity == severity:
            wrong = one.bad_rows(table).fillna(False).to_numpy(dtype=bool)
            yield rows_by_file(one.code, told(one.columns), table[wrong], one.says, one.fix), wrong


def _as_histories(
    mended: pd.DataFrame,
    log: pd.DataFrame,
    children: pd.DataFrame,
    sums: dict[str, dict[str, int]],
    reading: Reading,
) -> Histories:
    """Merge rows into placements, place them on the map, and account for every row read."""
    in_periods, gaps = with_periods(mended)
    merged, merge_log = with_placements(in_periods)
    gap_log = in_periods.loc[gaps, ["table", "line"]].assign(code=GAP)
    rows = pd.concat([log, gap_log, merge_log], ignore_index=True)[["code", "table", "line"]]
    effects = {one.code: one.effect for one in REPAIRS}
    for one in REPAIRS:
        if one.effect == "set aside":
            reading.set_aside += rows_by_file(one.code, "", rows[rows["code"] == one.code], one.says, "Nothing to do")
    placements = on_the_map(placements_of(merged))
    periods = periods_of(placements, children.set_index("child_id")["date_of_birth"])
    reading.notices += late_starts(periods, mended["data_to"].min())
    sums["episodes"]["set_aside"] += int(rows["code"].map(effects).eq("set aside").sum())
    used = {
        "header": len(children),
        "episodes": len(placements),
        "uasc": int(children["uasc"].sum()),
    }
    statuses = mended[["child", "decom", "ls"]].set_axis(["child_id", "started", "legal_status"], axis=1)
    statuses = statuses.sort_values("started", kind="stable", ignore_index=True)
    return Histories(children, placements, periods, _counted(rows), rows, _added_up(sums, used), statuses)


def _added_up(sums: Mapping[str, Mapping[str, int]], used: Mapping[str, int]) -> pd.DataFrame:
    """``table read used repaired set_aside``: what is neither used nor set aside was folded into another row."""
    table = pd.DataFrame([{"table": name, **sums[name], "used": used[name]} for name in TABLES])
    table = table.assign(repaired=table["read"] - table["used"] - table["set_aside"])
    return table[["table", "read", "used", "repaired", "set_aside"]]


def _counted(rows: pd.DataFrame) -> pd.DataFrame:
    """Every repair with the number of rows it touched, none left out, in the order of the repairs."""
    says = {one.code: one.says for one in REPAIRS} | MERGES
    counts = rows["code"].value_counts()
    table = pd.DataFrame({"code": list(says), "says": list(says.values())})
    return table.assign(rows=table["code"].map(counts).fillna(0).astype("int64"))
