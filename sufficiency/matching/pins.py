"""Whether what a panel has fixed by hand can be kept: each pin by the rules, then all of them side by side.

A pin may not open what the rules close; a rule-out may not take a step-down child's present home. Pins are
contradictory where no plan could keep them all: more children than a home can take, children who stay together apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from sufficiency.errors import Fault
from sufficiency.matching import rules
from sufficiency.records.tables import line_numbers
from sufficiency.vocabulary import USUAL_FOSTERING_LIMIT

if TYPE_CHECKING:
    from sufficiency.matching.practice import Practice

SOURCE: Final = "fixed.csv"
PAIRS_AT_ONCE: Final = 256
"""Pairs whose rules are read at once: all their children against all their homes, of which each needs its own."""

FREE: Final = -1
"""In the place of the number of a broken rule: none is broken."""

RULED_OUT: Final = len(rules.REFUSALS)
"""In the place of the number of a broken rule: a person ruled the home out."""


@dataclass(frozen=True, eq=False)
class Pins:
    """Pins with a known child and home: per pin the row of each in its register, and its line in the file.

    ``pins``: children who are matched, by ``child`` ``home`` ``line`` ``stays`` (the home where a step-down child lives
    now). ``out``: child and home of every pair ruled out. ``present`` (per child): home of a step-down child, else −1;
    ``pool`` (per child): whether it is matched at all.
    """

    children: pd.DataFrame
    homes: pd.DataFrame
    as_of: pd.Timestamp
    pins: pd.DataFrame
    out: frozenset[tuple[int, int]]
    present: np.ndarray
    pool: np.ndarray


def faults_of_fixed(
    fixed: pd.DataFrame, children: pd.DataFrame, homes: pd.DataFrame, practice: Practice, as_of: pd.Timestamp
) -> list[Fault]:
    """Every reason why the decisions of a panel cannot be kept; ``fixed`` checked, its index the lines of the file."""
    faults = unknown_ids(fixed, children, homes, SOURCE)
    rows = _found(fixed, children, homes)
    lives, settled = _lives(children, homes), children["status"].eq("settled").to_numpy()[rows["child"]]
    here = lives[rows["child"]] == rows["home"].to_numpy()
    pin = rows["decision"].eq("pin").to_numpy()
    faults += _fault("K10", rows[pin & settled & ~here], "a settled child, who is not matched, is pinned elsewhere",
                     "Set the child's status to needs_home or step_down, or delete the row")  # fmt: skip
    every = _pins(fixed, children, homes, as_of)
    leaves = rows["decision"].eq("rule_out") & (every.present[rows["child"]] == rows["home"].to_numpy())
    faults += _fault("K18", rows[leaves], "the present home of a step-down child is ruled out",
                     "Delete the row: the child may stay until a home is found; one who must leave has the status "
                     "needs_home")  # fmt: skip
    refused, found = _by_rule(every)
    kept = ~every.pins["child"].duplicated(keep=False).to_numpy() & ~_ruled_out(every, every.pins) & (refused == FREE)
    return [*faults, *found, *_side_by_side(replace(every, pins=every.pins[kept]), practice)]


def fault_of_places_not_left(
    fixed: pd.DataFrame, children: pd.DataFrame, homes: pd.DataFrame, as_of: pd.Timestamp
) -> Fault:
    """What is wrong with decisions that are sound one beside the other when a match proves that no plan keeps them all.

    Then a pin needs the place of a step-down child for whom there is no other home. Arguments as for
    :func:`faults_of_fixed`; the rows are the pins to homes that have fewer places free than children pinned.
    """
    of = _pins(fixed, children, homes, as_of)
    coming = of.pins[~of.pins["stays"]]
    count = coming.groupby("home")["child"].transform("size").to_numpy()
    short = coming[count > rules.places_offered(homes)[coming["home"]]]
    says = "the pins need the places of step-down children, for whom no other homes can be found"
    (fault,) = _fault("K25", short if len(short) else coming, says, "Pin a home with a place free, or delete the pin")
    return fault


def _pins(fixed: pd.DataFrame, children: pd.DataFrame, homes: pd.DataFrame, as_of: pd.Timestamp) -> Pins:
    """The pins of children who are matched and the pairs ruled out, of children and homes that the registers have."""
    rows = _found(fixed, children, homes)
    present = np.where(children["status"].eq("step_down"), _lives(children, homes), -1)
    pool = children["status"].ne("settled").to_numpy()
    pin = rows["decision"].eq("pin")
    pins, out = rows[pin & pool[rows["child"]]], rows[rows["decision"].eq("rule_out")]
    pins = pins.assign(stays=present[pins["child"]] == pins["home"].to_numpy())
    pairs = frozenset(zip(out["child"].tolist(), out["home"].tolist(), strict=True))
    return Pins(children, homes, as_of, pins, pairs, present, pool)


def _lives(children: pd.DataFrame, homes: pd.DataFrame) -> np.ndarray:
    """The row of the home where each child lives now; −1 none, or none of the register."""
    return pd.Index(homes["home_id"]).get_indexer(children["current_home_id"])


def unknown_ids(table: pd.DataFrame, children: pd.DataFrame, homes: pd.DataFrame, source: str) -> list[Fault]:
    """The faults of children and homes that the registers do not have; the index of ``table`` the lines of its file."""
    rows = _located(table, children, homes)
    fix = "Correct the id, or delete the row"
    says, no_home = "the child is not in the register of children", "the home is not in the register of homes"
    return [
        *_fault("K08", rows[rows["child"] < 0], says, fix, "child_id", source),
        *_fault("K09", rows[rows["home"] < 0], no_home, fix, "home_id", source),
    ]


def _located(table: pd.DataFrame, children: pd.DataFrame, homes: pd.DataFrame) -> pd.DataFrame:
    """Rows with both ids: ``child`` and ``home``, where they stand in the registers (−1 unknown), and ``line``."""
    filled = table[table[["child_id", "home_id"]].notna().all(axis=1)]
    return filled.assign(
        child=pd.Index(children["child_id"]).get_indexer(filled["child_id"]),
        home=pd.Index(homes["home_id"]).get_indexer(filled["home_id"]),
        line=line_numbers(filled),
    )


def _found(table: pd.DataFrame, children: pd.DataFrame, homes: pd.DataFrame) -> pd.DataFrame:
    """:func:`_located` without the rows of an unknown child or home."""
    rows = _located(table, children, homes)
    return rows[(rows["child"] >= 0) & (rows["home"] >= 0)]


def _fault(
    code: str, rows: pd.DataFrame, says: str, fix: str, column: str = "child_id, home_id", source: str = SOURCE
) -> list[Fault]:
    """No fault, or one that names every line of ``rows``."""
    lines = tuple(sorted({int(line) for line in rows["line"]}))
    return [Fault(code, source, column, lines, says, fix)] if lines else []


def _ruled_out(of: Pins, pins: pd.DataFrame) -> np.ndarray:
    """Pins (bool) whose home a person has ruled out for the child."""
    pairs = zip(pins["child"].tolist(), pins["home"].tolist(), strict=True)
    return np.array([pair in of.out for pair in pairs], dtype=bool)


def _refusals(of: Pins, child: np.ndarray, home: np.ndarray) -> np.ndarray:
    """Per pair the number of the first rule that it breaks, as :data:`rules.REFUSALS` counts them, else ``FREE``.

    A present home breaks none.
    """
    answer = np.full(len(child), FREE)
    for first in range(0, len(child), PAIRS_AT_ONCE):
        some = slice(first, first + PAIRS_AT_ONCE)
        children, homes = of.children.iloc[child[some]], of.homes.iloc[home[some]]
        checks = rules.passes(children, homes, of.as_of).values()
        shape = (len(children), len(homes))
        refused = np.stack([~np.broadcast_to(holds, shape).diagonal() for holds in checks])
        answer[some] = np.where(refused.any(axis=0), refused.argmax(axis=0), FREE)
    answer[of.present[child] == home] = FREE
    return answer


def _by_rule(of: Pins) -> tuple[np.ndarray, list[Fault]]:
    """The rule that each pin breaks, and a fault for each rule."""
    refused = _refusals(of, of.pins["child"].to_numpy(), of.pins["home"].to_numpy())
    fix = "Delete the pin, or correct the child's row or the home's: a pin opens no home that a rule closes"
    return refused, [
        fault
        for number, says in enumerate(rules.REFUSALS.values())
        for fault in _fault("K11", of.pins[refused == number], f"a child is pinned to a home that is {says}", fix)
    ]


def _side_by_side(of: Pins, practice: Practice) -> list[Fault]:
    """Faults of pins that are sound one by one."""
    faults = []
    coming = [of.pins[~of.pins["stays"]]]
    apart = np.zeros(len(of.pins), dtype=bool)
    for who, parent in _inseparable(of, practice):
        mine = of.pins["child"].isin(who).to_numpy()
        pins = of.pins[mine]
        moves = of.present[pins.loc[~pins["stays"], "child"]]
        all_go = bool((moves >= 0).any() or (parent and len(moves)))
        bound = pins[~pins["stays"] | all_go]
        if bound["home"].nunique() > 1:
            apart |= mine
        elif len(bound):
            with_it = _rest_of_group(of, who, pins, bound.iloc[0], all_go)
            refused = _refused_for_group(of, with_it)
            coming.append(with_it[refused == FREE])
            faults += _told_of_group(with_it, refused)
    faults += _fault("K16", of.pins[apart], "children of a group that must stay together are pinned apart",
                     "Pin them to one home, or take the group out of never_split or parent_and_child")  # fmt: skip
    faults = [*_told_once(faults), *_unapproved(of, practice)]
    together = pd.concat(coming).drop_duplicates(["child", "home"])
    alone = _beside_solo(of, together)
    full = ~together["home"].isin(of.pins.loc[of.pins["line"].isin(_lines(alone)), "home"])
    faults += [*alone, *_too_many(of, together[full])]
    return [*faults, *_reserved(of, together, practice), *_level_3(of, together, practice)]


def _lines(faults: list[Fault]) -> set[int]:
    return {line for fault in faults for line in fault.rows}


def _told_once(faults: list[Fault]) -> list[Fault]:
    """One fault in the place of several that say the same of different rows."""
    rows: dict[Fault, set[int]] = {}
    for fault in faults:
        rows.setdefault(replace(fault, rows=()), set()).update(fault.rows)
    return [replace(fault, rows=tuple(sorted(lines))) for fault, lines in rows.items()]


def _inseparable(of: Pins, practice: Practice) -> Iterator[tuple[np.ndarray, bool]]:
    """The children of each group with a pin that must stay together, and whether it is a parent with a child."""
    if not practice.never_split and not practice.parent_and_child:
        return
    named = of.children["sibling_group"].where(of.pool & ~of.children["solo"].astype(bool))
    pinned = named.isin(named.iloc[of.pins["child"]].dropna())
    for name, rows in pd.Series(np.flatnonzero(pinned)).groupby(named[pinned].to_numpy(dtype=object)):
        parent = name in practice.parent_and_child
        if len(rows) >= 2 and (parent or practice.never_split == "all" or name in practice.never_split):
            yield rows.to_numpy(), parent


def _rest_of_group(of: Pins, who: np.ndarray, pins: pd.DataFrame, bound: pd.Series, all_go: bool) -> pd.DataFrame:
    """The children of a group who must go with those pinned, as pins of the same home and line.

    A step-down child of a group that is never split may stay where it is; when one of them moves, all go with it, as a
    parent and child always do. When but one child of a group that is never split needs a home, it may live anywhere.
    """
    seeking = who[of.present[who] < 0]
    free = len(seeking) == 1 and len(who) > 1
    rest = np.setdiff1d(who if all_go else seeking[:0] if free else seeking, pins["child"])
    rest = rest[of.present[rest] != bound["home"]]
    return pd.DataFrame({"child": rest, "home": int(bound["home"]), "line": int(bound["line"]), "stays": False})


def _refused_for_group(of: Pins, with_it: pd.DataFrame) -> np.ndarray:
    """The rule, or the person's decision, that closes the home to each child who must go there with its group."""
    refused = _refusals(of, with_it["child"].to_numpy(), with_it["home"].to_numpy())
    return np.where(_ruled_out(of, with_it), RULED_OUT, refused)


def _told_of_group(with_it: pd.DataFrame, refused: np.ndarray) -> list[Fault]:
    words = [*rules.REFUSALS.values(), "ruled out"]
    fix = "Pin another home, or take the group out of never_split or parent_and_child"
    faults = []
    for number in sorted(set(refused.tolist()) - {FREE}):
        says = f"a group that must stay together is pinned to a home that is, for one of them, {words[number]}"
        faults += _fault("K17", with_it[refused == number], says, fix)
    return faults


def _unapproved(of: Pins, practice: Practice) -> list[Fault]:
    """Parents and children pinned to a home that is not approved for the two."""
    if not practice.parent_and_child_homes:
        return []
    both = of.children["sibling_group"].isin(practice.parent_and_child).to_numpy()
    approved = of.homes["home_id"].isin(practice.parent_and_child_homes).to_numpy()
    wrong = both[of.pins["child"]] & ~approved[of.pins["home"]] & ~of.pins["stays"]
    return _fault("K20", of.pins[wrong], "a parent or child is pinned to a home not approved for the two",
                  "Pin a home of parent_and_child_homes, or add the home to it")  # fmt: skip


def _beside_solo(of: Pins, coming: pd.DataFrame) -> list[Fault]:
    """Homes to which a child who must live alone is pinned, beside another child."""
    solo = of.children["solo"].to_numpy(dtype=bool)
    staying = of.pins[of.pins["stays"]]
    here = pd.concat([coming, staying])
    here = here[here["home"].isin(coming["home"])]
    count = here.groupby("home")["child"].transform("size").to_numpy()
    crowded = here[(count > 1) & here["home"].isin(here.loc[solo[here["child"]], "home"]).to_numpy()]
    return _fault("K15", crowded, "a child who must live alone is pinned to a home beside another child",
                  "Pin one of them elsewhere, or set solo to false")  # fmt: skip


def _by_home(of: Pins, coming: pd.DataFrame) -> pd.DataFrame:
    """Per home with a pin: ``children`` who come, ``takes`` and ``room`` [places], those that others may leave with it.

    A child who lives alone takes all that a home offers. An empty fostering household takes more than three children
    only when they are a whole sibling group, who then have all of it.
    """
    staying = np.isin(np.arange(len(of.present)), of.pins.loc[of.pins["stays"], "child"])
    group = of.children["sibling_group"].to_numpy(dtype=object)[coming["child"]]
    solo = of.children["solo"].to_numpy(dtype=bool)[coming["child"]]
    asked = coming.assign(group=group, solo=solo, alike=pd.notna(group)).groupby("home").agg(
        children=("child", "size"), groups=("group", "nunique"), alike=("alike", "all"), solo=("solo", "any")
    )  # fmt: skip
    here = of.homes.iloc[asked.index]
    offered = rules.places_offered(here)
    left = np.bincount(of.present[(of.present >= 0) & ~staying], minlength=len(of.homes))[asked.index]
    whole = rules.is_fostering(here) & rules.is_empty(here) & asked["alike"] & (asked["groups"] == 1)
    whole &= (asked["children"] > USUAL_FOSTERING_LIMIT) & (asked["children"] <= here["places"].to_numpy(dtype=int))
    for home in asked.index[whole]:
        whole[home] = _all_may_come(of, coming, home)
    room = np.where(whole, asked["children"], offered + np.where(asked["solo"], 0, left))
    takes = np.where(whole | asked["solo"], offered, asked["children"])
    return pd.DataFrame({"children": asked["children"], "takes": takes, "room": room}, index=asked.index)


def _all_may_come(of: Pins, coming: pd.DataFrame, home: int) -> bool:
    """Whether the sibling group of those who come to a home could live there whole."""
    here = coming.loc[coming["home"] == home, "child"].to_numpy()
    group = of.children["sibling_group"]
    all_of_it = np.flatnonzero(of.pool & ~of.children["solo"].astype(bool) & (group == group.iloc[here[0]]))
    rest = pd.DataFrame({"child": np.setdiff1d(all_of_it, here), "home": home})
    elsewhere = rest["child"].isin(of.pins.loc[of.pins["home"] != home, "child"]).to_numpy()
    closed = elsewhere | (_refused_for_group(of, rest) != FREE)
    return len(all_of_it) <= int(of.homes["places"].iloc[home]) and not closed.any()


def _too_many(of: Pins, coming: pd.DataFrame) -> list[Fault]:
    """Homes to which more children are pinned than they have places for, even when all who may leave have left."""
    asked = _by_home(of, coming)
    over = asked.index[asked["children"] > asked["room"]]
    return _fault("K14", coming[coming["home"].isin(over)], "more children are pinned to a home than it can take",
                  "Pin some of them elsewhere, or correct the home's places_free; a fostering household takes three "
                  "at most, unless all are one sibling group")  # fmt: skip


def _reserved(of: Pins, coming: pd.DataFrame, practice: Practice) -> list[Fault]:
    """Pins that leave fewer places free in a kind than are to be kept, as far as that many are free now."""
    faults: list[Fault] = []
    takes = _by_home(of, coming)["takes"]
    for kind, kept in practice.reserve.items():
        of_kind = rules.open_homes_of(of.homes, of.as_of, kind)
        free = int(rules.places_offered(of.homes)[of_kind].sum())
        if takes[of_kind[takes.index]].sum() > free - min(int(kept), free):
            says = f"the pins take places in {kind} that reserve keeps free"
            mine = coming[of_kind[coming["home"]]]
            faults += _fault("K22", mine, says, "Lower the reserve, or pin fewer children there")
    return faults


def _level_3(of: Pins, coming: pd.DataFrame, practice: Practice) -> list[Fault]:
    """Fostering households that would have two children of needs level 3, where carers take one at most."""
    if not practice.one_level_3:
        return []
    level_3 = of.children["needs_level"].eq(3).to_numpy()
    lives = _lives(of.children, of.homes)
    settled = lives[~of.pool & level_3 & (lives >= 0)]
    staying = of.pins.loc[of.pins["stays"] & level_3[of.pins["child"]], "home"]
    there = np.bincount([*settled, *staying], minlength=len(of.homes))
    come = coming[level_3[coming["child"]] & rules.is_fostering(of.homes)[coming["home"]]]
    both = come.groupby("home")["child"].transform("size").to_numpy() + there[come["home"]]
    return _fault("K23", come[both > 1], "the pins bring two children of needs level 3 into one fostering household",
                  "Pin one of them elsewhere, or switch one_level_3 off")  # fmt: skip
