"""Matching problems with what a register has now and then: large groups, lone children who step down, homes at the
very limit, equal prices, schools, unknown places; and options of practice to go with them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
from geopy.distance import geodesic

from sufficiency.matching.practice import Practice

from . import instances, oracle

OPTIONAL = ("school_within", "in_house", "preference")
SCHOOLS = {
    "SN1 3XN": (51.555422602, -1.778158991),
    "SN3 4SS": (51.586857576, -1.716028071),
    "SN4 8SB": (51.532346845, -1.900247987),
    "SN8 4AR": (51.416141221, -1.725685231),
    "SN9 1AF": (51.419666257, -1.733631182),
    "SN15 5JJ": (51.555870854, -2.054300539),
    "OX1 1DP": (51.749902465, -1.256551162),
}
"""Points of the ONS Postcode Directory, by pyproj from its British grid."""
LIMITS = (20.0, 20.0, 20.0, 5.0, 31.4)
METRES_OFF = (-5.0, -1.0, -0.1, -0.01, -0.001, 0.001, 0.01, 0.1, 1.0, 5.0)


def draw(seed: int, children: int = 30, homes: int = 30) -> tuple[pd.DataFrame, pd.DataFrame, float]:
    """Children, homes and the limit [miles]: those of :func:`instances.draw` with some odd features more."""
    child_table, home_table = instances.draw(seed, children, homes)
    child_table, home_table = (table.reset_index(drop=True) for table in (child_table, home_table))
    rng = np.random.default_rng([seed, 1])
    limit = float(rng.choice(LIMITS))
    for feature, share in FEATURES:
        if rng.random() < share and len(child_table) and len(home_table):
            feature(rng, child_table, home_table)
    if rng.random() < 0.4:
        _homes_at_the_limit(rng, child_table, home_table, limit)
    return child_table, home_table, limit


def _some(rng: np.random.Generator, table: pd.DataFrame, share: float) -> pd.Index:
    return table.index[rng.random(len(table)) < share]


def _schools(rng: np.random.Generator, children: pd.DataFrame, homes: pd.DataFrame) -> None:
    rows = _some(rng, children, 0.7)
    children.loc[rows, "school_postcode"] = rng.choice(sorted(SCHOOLS), len(rows))


def _large_group(rng: np.random.Generator, children: pd.DataFrame, homes: pd.DataFrame) -> None:
    """Four to six brothers or sisters of like age, some already living somewhere, and a home that could take all."""
    free = children.index[(children["status"] != "settled") & (children["solo"] != "true")]
    rows = rng.permutation(free)[: int(rng.integers(4, 7))]
    born = instances.AS_OF - pd.Timedelta(days=int(rng.integers(1500, 15 * 365)))
    for offset, row in enumerate(rows):
        children.loc[row, "sibling_group"] = "LARGE"
        children.loc[row, "date_of_birth"] = (born + pd.Timedelta(days=70 * offset)).strftime("%Y-%m-%d")
        children.loc[row, ["needs_level", "sex"]] = [str(rng.choice([1, 2])), "female"]
        children.loc[row, ["avoid_homes", "allowed_kinds"]] = ["", ""]
    for home in rng.permutation(homes.index)[: int(rng.integers(1, 3))]:
        if homes.loc[home, "places"] == homes.loc[home, "places_free"]:
            kind = str(rng.choice(["ifa", "in_house_fostering", "residential"]))
            places = str(rng.integers(4, 8))
            homes.loc[home, ["kind", "places", "places_free"]] = [kind, places, places]
            homes.loc[home, ["min_age", "max_age", "sex", "max_needs_level"]] = ["0", "17", "any", "3"]


def _lone_step_downs(rng: np.random.Generator, children: pd.DataFrame, homes: pd.DataFrame) -> None:
    alone = (children["status"] == "step_down") & (children["sibling_group"] == "")
    children.loc[alone & (rng.random(len(children)) < 0.6), "solo"] = "true"


def _over_the_usual_limit(rng: np.random.Generator, children: pd.DataFrame, homes: pd.DataFrame) -> None:
    """More children living there than three, under an exemption: places grow, free ones do not."""
    rows = [row for row in _some(rng, homes, 0.3) if homes.loc[row, "kind"] in oracle.FOSTERING]
    homes.loc[rows, "places"] = [str(int(homes.loc[row, "places"]) + 3) for row in rows]


def _equal_prices(rng: np.random.Generator, children: pd.DataFrame, homes: pd.DataFrame) -> None:
    homes["weekly_cost"] = homes["kind"].map(lambda kind: "600.00" if kind in oracle.FOSTERING else "5000.00")


def _exempt(rng: np.random.Generator, children: pd.DataFrame, homes: pd.DataFrame) -> None:
    children.loc[_some(rng, children, 0.3), "distance_exempt"] = "true"


def _unknown_places(rng: np.random.Generator, children: pd.DataFrame, homes: pd.DataFrame) -> None:
    children.loc[_some(rng, children, 0.3), ["home_latitude", "home_longitude"]] = ["", ""]


def _level_3(rng: np.random.Generator, children: pd.DataFrame, homes: pd.DataFrame) -> None:
    """Many children of needs level 3, some of them settled where others could come."""
    children.loc[_some(rng, children, 0.4), "needs_level"] = "3"
    homes.loc[_some(rng, homes, 0.6), "max_needs_level"] = "3"
    living = children["current_home_id"].value_counts()
    room = {
        home: int(places) - int(free) - int(living.get(home, 0))
        for home, places, free in zip(homes["home_id"], homes["places"], homes["places_free"], strict=True)
    }
    for row in children.index[children["status"] == "settled"]:
        home = next((home for home, left in room.items() if left > 0), None)
        if home is not None and not children.loc[row, "current_home_id"]:
            children.loc[row, "current_home_id"] = home
            room[home] -= 1


FEATURES = (
    (_schools, 0.7),
    (_large_group, 0.35),
    (_lone_step_downs, 0.3),
    (_over_the_usual_limit, 0.3),
    (_equal_prices, 0.25),
    (_exempt, 0.25),
    (_unknown_places, 0.25),
    (_level_3, 0.3),
)
"""Each feature with the share of instances that have it."""


def _homes_at_the_limit(rng: np.random.Generator, children: pd.DataFrame, homes: pd.DataFrame, limit: float) -> None:
    """Homes within metres of a child's own limit, or of the one for all."""
    known = children.index[children["home_latitude"] != ""]
    for row in _some(rng, homes, 0.5) if len(known) else []:
        child = children.loc[rng.choice(known)]
        miles = float(child["max_miles"] or limit)
        point = (float(child["home_latitude"]), float(child["home_longitude"]))
        reach = geodesic(miles=miles, meters=float(rng.choice(METRES_OFF)))
        there = reach.destination(point, bearing=rng.uniform(0, 360))
        homes.loc[row, ["latitude", "longitude"]] = [f"{there.latitude:.9f}", f"{there.longitude:.9f}"]


def draw_objectives(seed: int, optional: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Placed, then some of the others in any order, the optional ones among them."""
    rng = np.random.default_rng([seed, 2])
    others = [*oracle.DEFAULT_ORDER[1:], *(name for name in optional if rng.random() < 0.6)]
    keep = int(rng.integers(2, len(others) + 1)) if rng.random() < 0.3 else len(others)
    return ("placed", *(str(name) for name in rng.permutation(others)[:keep]))


def draw_options(seed: int, children: pd.DataFrame, homes: pd.DataFrame) -> oracle.Options:
    """Options of practice, each now and then; pins are taken from a plan that keeps all of them."""
    rng = np.random.default_rng([seed, 3])
    pool = children[children["status"] != "settled"]
    groups = sorted(set(pool["sibling_group"]) - {""})
    some = tuple(name for name in groups if rng.random() < 0.4)
    never_split = (rng.choice(["none", "some", "all"], p=[0.5, 0.3, 0.2])).item()
    units = tuple(name for name in groups if rng.random() < 0.25) if rng.random() < 0.35 else ()
    listed = rng.permutation(homes["home_id"].to_numpy(dtype=str))[: int(rng.integers(1, 12))]
    kinds = [kind for kind in oracle.MATCHED if rng.random() < 0.4] if rng.random() < 0.4 else []
    options = {
        "never_split": {"none": (), "some": some, "all": "all"}[never_split],
        "parent_and_child": units,
        "parent_and_child_homes": tuple(str(home) for home in listed) if units and rng.random() < 0.5 else (),
        "reserve": {kind: int(rng.integers(0, 7)) for kind in kinds},
        "one_level_3": bool(rng.random() < 0.35),
        "school_limit_miles": float(rng.choice([1.0, 3.0, 8.0])),
        "scores": _scores(rng, pool, homes),
        "schools": SCHOOLS,
    }
    if rng.random() < 0.4 and len(pool) and len(homes):
        options["fixed"] = _fixed(rng, pool, homes, children, oracle.Options(**options))
    return oracle.Options(**options)


def practice_of(options: oracle.Options) -> Practice:
    """The same options as the package takes them; it looks schools up by itself."""
    named = {each.name: getattr(options, each.name) for each in dataclasses.fields(options)}
    named.pop("schools")
    return Practice(**named)


def _scores(rng: np.random.Generator, pool: pd.DataFrame, homes: pd.DataFrame) -> pd.DataFrame:
    pairs = pd.MultiIndex.from_product([pool["child_id"], homes["home_id"]], names=["child_id", "home_id"])
    scores = pairs.to_frame(index=False)
    scores["score"] = rng.integers(-100, 101, len(scores))
    return scores[rng.random(len(scores)) < 0.4].reset_index(drop=True)


def _fixed(
    rng: np.random.Generator,
    pool: pd.DataFrame,
    homes: pd.DataFrame,
    children: pd.DataFrame,
    options: oracle.Options,
) -> pd.DataFrame:
    """Up to four pairs of one plan pinned; up to ten others ruled out, never a present home."""
    order = ("placed", "preference")
    plan = oracle.best_plan(children, homes, as_of=instances.AS_OF.date(), objectives=order, options=options).home_of
    pinned = [str(child) for child in rng.permutation(sorted(plan))[: int(rng.integers(0, 5))]]
    rows = [(child, plan[child], "pin") for child in pinned]
    present = dict(zip(pool["child_id"], pool["current_home_id"], strict=True))
    for _ in range(int(rng.integers(0, 11))):
        child, home = str(rng.choice(pool["child_id"])), str(rng.choice(homes["home_id"]))
        known = {(row[0], row[1]) for row in rows}
        if present[child] != home and child not in pinned and (child, home) not in known:
            rows.append((child, home, "rule_out"))
    return pd.DataFrame(rows, columns=["child_id", "home_id", "decision"], dtype="str")
