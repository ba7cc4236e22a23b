"""Random matching problems in the contract's own columns, as text cells: what a CSV file would hold."""

from __future__ import annotations

import numpy as np
import pandas as pd

KINDS = ("kinship", "in_house_fostering", "ifa", "residential", "supported", "secure")
KIND_SHARES = (0.10, 0.36, 0.20, 0.20, 0.10, 0.04)
AS_OF = pd.Timestamp("2025-03-31")
OPEN_DATES = (
    ("", ""),
    ("2019-04-01", "2030-03-31"),
    ("2025-03-31", ""),
    ("2025-04-01", ""),
    ("", "2025-03-31"),
    ("", "2025-03-30"),
)
"""First and last day open, the cases on the edge of the day on which the instances are matched."""
CHILD_COLUMNS = (
    "child_id date_of_birth sex needs_level home_postcode home_latitude home_longitude school_postcode sibling_group "
    "status current_home_id max_miles distance_exempt avoid_homes solo allowed_kinds"
).split()
HOME_COLUMNS = (
    "home_id kind provider postcode latitude longitude places places_free min_age max_age sex max_needs_level "
    "weekly_cost registered open_from open_to ofsted_urn"
).split()


def draw(seed: int, children: int = 30, homes: int = 30) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Children and homes drawn from a seed, with every odd case of the contract in them."""
    rng = np.random.default_rng(seed)
    home_table = pd.DataFrame([_home(rng, number) for number in range(homes)], columns=HOME_COLUMNS)
    child_table = pd.DataFrame([_child(rng, number) for number in range(children)], columns=CHILD_COLUMNS)
    _make_siblings(rng, child_table)
    _make_step_downs(rng, child_table, home_table)
    for table in (child_table, home_table):
        table.iloc[:] = table.iloc[rng.permutation(len(table))].to_numpy()
    return child_table, home_table


def _point(rng: np.random.Generator, spread: float) -> tuple[str, str]:
    return f"{51.56 + rng.normal(0, spread):.6f}", f"{-1.78 + rng.normal(0, 1.5 * spread):.6f}"


def _home(rng: np.random.Generator, number: int) -> dict[str, str]:
    kind = str(rng.choice(KINDS, p=KIND_SHARES))
    household = kind in ("kinship", "in_house_fostering", "ifa")
    sizes, shares = (
        ((1, 2, 3, 4, 5), (0.35, 0.3, 0.15, 0.12, 0.08)) if household else ((1, 2, 4, 6), (0.3,) * 3 + (0.1,))
    )
    places = int(rng.choice(sizes, p=shares))
    free = int(rng.choice([0, rng.integers(0, places + 1), places], p=[0.2, 0.4, 0.4]))
    latitude, longitude = _point(rng, 0.2)
    youngest = {"supported": 14, "residential": 8}.get(kind, int(rng.choice([0, 0, 4, 10])))
    cost = {"kinship": 400, "in_house_fostering": 600, "ifa": 950, "residential": 5000, "supported": 900}.get(
        kind, 9000
    )
    opened, closed = OPEN_DATES[int(rng.choice(len(OPEN_DATES), p=(0.6, 0.1, 0.08, 0.08, 0.07, 0.07)))]
    return {
        "home_id": f"H{number:03d}",
        "kind": kind,
        "latitude": latitude,
        "longitude": longitude,
        "places": str(places),
        "places_free": str(free),
        "min_age": str(youngest),
        "max_age": str(17 if rng.random() < 0.8 else youngest + 4),
        "sex": str(rng.choice(["any", "", "female", "male"], p=[0.6, 0.1, 0.15, 0.15])),
        "max_needs_level": str(rng.choice([1, 2, 3], p=[0.2, 0.4, 0.4])),
        "weekly_cost": f"{cost * rng.uniform(0.7, 1.5):.2f}",
        "registered": "false" if rng.random() < 0.05 else "",
        "open_from": opened,
        "open_to": closed,
    } | dict.fromkeys(("provider", "postcode", "ofsted_urn"), "")


def _child(rng: np.random.Generator, number: int) -> dict[str, str]:
    known = rng.random() > 0.08
    latitude, longitude = _point(rng, 0.1) if known else ("", "")
    born = AS_OF - pd.Timedelta(days=int(rng.integers(30, 18 * 365)))
    return dict.fromkeys(CHILD_COLUMNS, "") | {
        "child_id": f"C{number:03d}",
        "date_of_birth": born.strftime("%Y-%m-%d"),
        "sex": str(rng.choice(["female", "male", "other", ""], p=[0.45, 0.45, 0.05, 0.05])),
        "needs_level": str(rng.choice([1, 2, 3], p=[0.5, 0.3, 0.2])),
        "home_latitude": latitude,
        "home_longitude": longitude,
        "status": str(rng.choice(["", "needs_home", "settled"], p=[0.3, 0.6, 0.1])),
        "max_miles": f"{rng.uniform(3, 40):.1f}" if rng.random() < 0.1 else "",
        "distance_exempt": "true" if rng.random() < 0.06 else "",
        "avoid_homes": "H001;H007;NOWHERE" if rng.random() < 0.1 else "",
        "allowed_kinds": "in_house_fostering;kinship;ifa" if rng.random() < 0.1 else "",
    }


def _make_siblings(rng: np.random.Generator, children: pd.DataFrame) -> None:
    """Groups of one to five for about half of the children, of like age so that some homes can take them all."""
    row, number = 0, 0
    while row < len(children) * 0.5:
        size = int(rng.choice([1, 2, 3, 4, 5], p=[0.1, 0.4, 0.25, 0.15, 0.1]))
        rows = range(row, min(row + size, len(children)))
        born = AS_OF - pd.Timedelta(days=int(rng.integers(400, 16 * 365)))
        for offset, each in enumerate(rows):
            children.loc[each, "sibling_group"] = f"S{number}"
            children.loc[each, "date_of_birth"] = (born + pd.Timedelta(days=110 * offset)).strftime("%Y-%m-%d")
            children.loc[each, ["home_latitude", "home_longitude"]] = children.loc[
                rows[0], ["home_latitude", "home_longitude"]
            ]
        row, number = row + size, number + 1
    alone = children.index[(children["sibling_group"] == "") & (rng.random(len(children)) < 0.12)]
    children.loc[alone, "solo"] = "true"


def _make_step_downs(rng: np.random.Generator, children: pd.DataFrame, homes: pd.DataFrame) -> None:
    """About one child in six lives in a place that is not free; now and then a whole group lives in one home."""
    beds = [
        home
        for home, places, free in zip(homes["home_id"], homes["places"], homes["places_free"], strict=True)
        for _ in range(int(places) - int(free))
    ]
    beds = [str(home) for home in rng.permutation(beds)]
    wanting = [row for row in children.index if rng.random() < 1 / 6]
    for row in wanting:
        if not beds or children.loc[row, "status"] == "settled":
            continue
        group = children.loc[row, "sibling_group"]
        rows = [row]
        if group and rng.random() < 0.3:
            mates = children.index[(children["sibling_group"] == group) & (children["status"] != "settled")]
            rows = [mate for mate in mates if not children.loc[mate, "current_home_id"]][: beds.count(beds[-1])]
        home = beds[-1]
        for each in rows:
            if not children.loc[each, "current_home_id"] and home in beds:
                children.loc[each, ["status", "current_home_id"]] = ["step_down", home]
                beds.remove(home)


def prices() -> pd.DataFrame:
    """A price table with a price by level, an older one, and one not yet in force."""
    rows = [
        ("in_house_fostering", "", "2020-04-01", "500"),
        ("in_house_fostering", "", "2024-04-01", "600"),
        ("in_house_fostering", "3", "2024-04-01", "900"),
        ("in_house_fostering", "", "2026-04-01", "9999"),
        ("residential", "", "2024-04-01", "5000"),
    ]
    return pd.DataFrame(rows, columns=["kind", "needs_level", "from_date", "weekly_cost"])
