"""The problem as plain arrays, read from the registers by the rules of the contract and not by the library's engine.

Every rival starts from these, so that what is compared is the way to the optimum and not the reading.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.matching.registers import AS_OF, Registers
from sufficiency.vocabulary import FOSTERING_KINDS, SUPPORTED_FROM_AGE, USUAL_FOSTERING_LIMIT

LIMIT_MILES = 20.0
METRES_PER_MILE = 1609.344
EARTH_METRES = 6_371_009.0
SURE = 0.01
"""A sphere's distance is within 0.6% of the ellipsoid's: beyond this share of the limit it settles which side."""

CELLS_AT_ONCE = 20_000_000


@dataclass(frozen=True, eq=False)
class Allowed:
    """Pairs that the rules allow, by child, then home; and columns of whole sibling groups.

    Per pair: ``child`` ``home`` ``takes`` [places] ``near`` (bool) ``pence`` [a week]. Per group and home that could
    take all of it: ``group`` ``group_home`` ``group_takes`` ``group_near`` [children] ``group_pence``. ``family``: the
    number of each child's group, −1 for none. ``places``: what each home can hold, those who may leave it included;
    ``must``: children who have a home now and keep one.
    """

    child: np.ndarray
    home: np.ndarray
    takes: np.ndarray
    near: np.ndarray
    pence: np.ndarray
    group: np.ndarray
    group_home: np.ndarray
    group_takes: np.ndarray
    group_near: np.ndarray
    group_pence: np.ndarray
    family: np.ndarray
    places: np.ndarray
    must: np.ndarray

    @property
    def group_sizes(self) -> np.ndarray:
        """Children in each group."""
        return np.bincount(self.family[self.family >= 0])

    @property
    def is_network(self) -> bool:
        """Each child takes one place and goes alone: a flow through a network."""
        return len(self.group) == 0 and bool((self.takes == 1).all())


def read_allowed(registers: Registers, limit_miles: float = LIMIT_MILES) -> Allowed:
    """The arrays of two registers; children and homes numbered as their rows."""
    children, homes = registers.children, registers.homes
    lived_in = (homes["places"] - homes["places_free"]).to_numpy()
    household = homes["kind"].isin(FOSTERING_KINDS).to_numpy()
    free = homes["places_free"].to_numpy()
    offered = np.where(household, np.minimum(free, np.maximum(USUAL_FOSTERING_LIMIT - lived_in, 0)), free)
    present = pd.Index(homes["home_id"]).get_indexer(children["current_home_id"])
    must = (children["status"] == "step_down").to_numpy()
    places = offered + np.bincount(present[must], minlength=len(homes))
    child, home = _pairs(children, homes, offered, places, np.where(must, present, -1))
    near = _near(children, homes, child, home, limit_miles)
    pence = _pence(registers, child, home)
    solo = children["solo"].to_numpy()
    family = pd.factorize(children["sibling_group"], sort=True)[0]
    takes = np.where(solo[child] & (present[child] != home), offered[home], 1)
    groups = _groups(family, child, home, near, pence, (household & (lived_in == 0), household), offered, places, homes)
    return Allowed(child, home, takes.astype(np.int32), near, pence, *groups, family, places, must)


def values_of(allowed: Allowed, home: np.ndarray) -> dict[str, int]:
    """What an answer reaches, counted from the pairs: children, and pence a week.

    ``home``: row of each child's home, −1 for none. Raises ``ValueError`` when the answer breaks a rule.
    """
    count = len(allowed.places)
    who = np.flatnonzero(home >= 0)
    keys = allowed.child.astype(np.int64) * count + allowed.home
    wanted = who * count + home[who]
    pair = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    together = [np.flatnonzero(allowed.family == number) for number in range(len(allowed.group_sizes))]
    whole = [group for group in together if home[group[0]] >= 0 and (home[group] == home[group[0]]).all()]
    if (keys[pair] != wanted).any() or (home[allowed.must] < 0).any() or not _fit(allowed, home, pair, whole):
        raise ValueError("an answer breaks a rule")
    return {
        "placed": len(who),
        "within_limit": int(allowed.near[pair].sum()),
        "siblings_together": sum(len(group) for group in whole),
        "weekly_cost": int(allowed.pence[pair].sum()),
    }


def _fit(allowed: Allowed, home: np.ndarray, pair: np.ndarray, whole: list[np.ndarray]) -> bool:
    """No home holds more than it can; a large group alone in a household counts as all that the household offers."""
    held = np.bincount(allowed.home[pair], allowed.takes[pair], minlength=len(allowed.places))
    columns = zip(allowed.group.tolist(), allowed.group_home.tolist(), strict=True)
    takes = dict(zip(columns, allowed.group_takes.tolist(), strict=True))
    for group in whole:
        number, where = int(allowed.family[group[0]]), int(home[group[0]])
        held[where] += takes.get((number, where), len(group)) - len(group)
    return bool((held <= allowed.places).all())


def _pairs(
    children: pd.DataFrame, homes: pd.DataFrame, offered: np.ndarray, places: np.ndarray, stays: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Children and homes of every allowed pair that could ever have room, some rows of children at a time."""
    step = max(CELLS_AT_ONCE // len(homes), 1)
    open_to_all = homes["registered"].to_numpy() & (places > 0)
    row_of = {name: row for row, name in enumerate(homes["home_id"])}
    parts = []
    for start in range(0, len(children), step):
        some = children.iloc[start : start + step]
        cells = _fits(some, homes) & open_to_all & (~some["solo"].to_numpy()[:, None] | (offered > 0))
        for row, names in enumerate(some["avoid_homes"]):
            cells[row, [row_of[name] for name in names if name in row_of]] = False
        rows = np.flatnonzero(stays[start : start + step] >= 0)
        cells[rows, stays[start : start + step][rows]] = True
        found = np.nonzero(cells)
        parts.append((found[0].astype(np.int32) + start, found[1].astype(np.int32)))
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def _fits(children: pd.DataFrame, homes: pd.DataFrame) -> np.ndarray:
    """Ages, sex, needs level, kinds and solo, shape (children, homes)."""
    born = children["date_of_birth"]
    not_yet = (born.dt.month > AS_OF.month) | ((born.dt.month == AS_OF.month) & (born.dt.day > AS_OF.day))
    age = (AS_OF.year - born.dt.year - not_yet).to_numpy()[:, None]
    kind, sex = homes["kind"].to_numpy(dtype=object), homes["sex"].to_numpy(dtype=object)
    fits = (homes["min_age"].to_numpy() <= age) & (age <= homes["max_age"].to_numpy())
    fits &= (kind != "supported") | (age >= SUPPORTED_FROM_AGE)
    fits &= children["needs_level"].to_numpy()[:, None] <= homes["max_needs_level"].to_numpy()
    fits &= (sex == "any") | (children["sex"].to_numpy(dtype=object)[:, None] == sex)
    fits &= ~children["solo"].to_numpy()[:, None] | (homes["places_free"] == homes["places"]).to_numpy()
    for row, kinds in enumerate(children["allowed_kinds"]):
        if kinds:
            fits[row] &= np.isin(kind.astype(str), kinds)
    return fits


def _near(
    children: pd.DataFrame, homes: pd.DataFrame, child: np.ndarray, home: np.ndarray, limit_miles: float
) -> np.ndarray:
    """Pairs within the child's limit: by the sphere where that is sure, by the geodesic near the limit."""
    from pyproj import Geod

    own = children["max_miles"].to_numpy(dtype=float)
    limit = np.where(np.isnan(own), limit_miles, own)[child] * METRES_PER_MILE
    away, there = _on_sphere(children, "home_"), _on_sphere(homes, "")
    chord = np.sqrt(sum((away[axis][child] - there[axis][home]) ** 2 for axis in range(3)))
    metres = 2 * EARTH_METRES * np.arcsin(np.minimum(chord / 2, 1))
    near = metres <= limit
    unsure = np.flatnonzero(np.abs(metres - limit) <= SURE * limit)
    points = [children[f"home_{axis}"].to_numpy()[child[unsure]] for axis in ("longitude", "latitude")]
    points += [homes[axis].to_numpy()[home[unsure]] for axis in ("longitude", "latitude")]
    near[unsure] = Geod(ellps="WGS84").inv(*points)[2] <= limit[unsure]
    return near & ~children["distance_exempt"].to_numpy()[child]


def _on_sphere(table: pd.DataFrame, prefix: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    north, east = (np.radians(table[f"{prefix}{axis}"].to_numpy()) for axis in ("latitude", "longitude"))
    return np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)


def _pence(registers: Registers, child: np.ndarray, home: np.ndarray) -> np.ndarray:
    """Pence a week: the home's own price, else the fee for the child's level."""
    fees = registers.prices.set_index(["kind", "needs_level"])["weekly_cost"].to_dict()
    kind = registers.homes["kind"].to_numpy(dtype=object)
    by_level = np.array([[fees.get((name, level), np.nan) for level in (0, 1, 2, 3)] for name in kind])
    own = registers.homes["weekly_cost"].to_numpy(dtype=float)
    level = registers.children["needs_level"].to_numpy()
    pounds = np.where(np.isnan(own)[:, None], by_level, own[:, None])[home, level[child]]
    return np.rint(pounds * 100).astype(np.int64)


def _groups(
    family: np.ndarray,
    child: np.ndarray,
    home: np.ndarray,
    near: np.ndarray,
    pence: np.ndarray,
    households: tuple[np.ndarray, np.ndarray],
    offered: np.ndarray,
    places: np.ndarray,
    homes: pd.DataFrame,
) -> tuple[np.ndarray, ...]:
    """Columns of groups in homes that all members may live in and that have room for all.

    Four or more may live in a fostering household only when it is empty, and then they take all that it offers.
    """
    empty, household = households
    count = len(places)
    grouped = np.flatnonzero(family[child] >= 0)
    key = family[child[grouped]].astype(np.int64) * count + home[grouped]
    keys, position, allowed = np.unique(key, return_inverse=True, return_counts=True)
    group, where = keys // count, keys % count
    size = np.bincount(family[family >= 0])[group] if len(group) else np.zeros(0, dtype=int)
    large = household[where] & (size > USUAL_FOSTERING_LIMIT)
    room = np.where(large, empty[where] & (homes["places"].to_numpy()[where] >= size), size <= places[where])
    kept = (allowed == size) & room
    sums = [np.bincount(position, each[grouped], minlength=len(keys)).astype(np.int64)[kept] for each in (near, pence)]
    return group[kept], where[kept], np.where(large, offered[where], size)[kept], *sums
