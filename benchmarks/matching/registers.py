"""Registers of children and homes, of the asked size, drawn with a seed in the columns of the contract.

Shares that are not sourced are round assumptions, made so that the rules allow about three pairs in ten and that homes
near by are scarce; what is measured is the time, not the council.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.matching.places import AROUND_SWINDON, ENGLAND, SWINDON, WEST, draw_points
from sufficiency.errors import raise_faults
from sufficiency.records.registers import check_register, check_registers_together
from sufficiency.vocabulary import FOSTERING_KINDS, MATCHED_KINDS

AS_OF = pd.Timestamp("2025-03-31")

AGE_STARTS = np.array([0, 1, 5, 10, 16, 18])
AGE_SHARES = (0.05, 0.12, 0.17, 0.38, 0.28)
"""Children looked after by DfE age band, England, 31 March 2025, rounded."""

LEVEL_SHARES = (0.55, 0.30, 0.15)
GROUP_SIZES, GROUP_SHARES = (2, 3, 4, 5), (0.55, 0.27, 0.13, 0.05)
SHARE_WITH_OWN_LIMIT = 0.10

KIND_SHARES = (0.10, 0.30, 0.28, 0.20, 0.12)
"""Of kinship, in-house fostering, agency fostering, children's homes and supported accommodation."""

HOUSEHOLD_PLACES, HOUSEHOLD_SHARES = (1, 2, 3, 4), (0.45, 0.35, 0.15, 0.05)
"""Households approved for so many children (Ofsted, Fostering in England 2018 to 2019)."""

HOME_PLACES, HOME_SHARES = (1, 2, 3, 4, 5), (0.15, 0.20, 0.25, 0.25, 0.15)

COST_MIDDLE = {"ifa": 900.0, "residential": 6500.0, "supported": 900.0}
"""£ a week of homes that set their own price; fees of relatives and of in-house carers go by the child's level."""

COST_SPREAD = 0.20
"""Standard deviation of the logarithm of a home's own price."""

FEES = {"kinship": (400.0, 480.0, 560.0), "in_house_fostering": (480.0, 620.0, 808.0)}
"""£ a week by needs level."""


@dataclass(frozen=True)
class Size:
    """How many children and homes, and the postcode areas that the children come from and in which the homes are."""

    children: int
    homes: int
    come_from: tuple[str, ...]
    areas: tuple[str, ...]


SIZES = {
    "authority": Size(400, 350, SWINDON, AROUND_SWINDON),
    "loop": Size(60, 150, SWINDON, AROUND_SWINDON),
    "region": Size(6_000, 5_000, WEST, WEST),
    "england": Size(82_000, 60_000, ENGLAND, ENGLAND),
}


@dataclass(frozen=True)
class Mix:
    """Shares of the children, 0 to 1: in sibling groups to keep together, to live alone, stepping down from a home,
    for whom distance is no measure, with homes to avoid."""

    siblings: float = 0.0
    solo: float = 0.0
    step_down: float = 0.05
    exempt: float = 0.03
    avoid: float = 0.03


PLAIN = Mix()
"""A pure network: each child takes one place."""

WITH_SIBLINGS = Mix(siblings=0.25, solo=0.02)


@dataclass(frozen=True, eq=False)
class Registers:
    """Children, homes and prices as ``check_register`` returns them."""

    children: pd.DataFrame
    homes: pd.DataFrame
    prices: pd.DataFrame


def draw_registers(size: Size, mix: Mix = PLAIN, seed: int = 1) -> Registers:
    """Registers drawn with a seed; raises :class:`~sufficiency.errors.InputError` if a check finds a fault."""
    home_rng, child_rng = (np.random.default_rng(each) for each in np.random.SeedSequence(seed).spawn(2))
    homes = _homes(home_rng, size)
    children = _with_step_downs(child_rng, _children(child_rng, size, mix, homes), homes, mix.step_down)
    raw = {"children": children, "homes": homes, "prices": _prices()}
    checked = {}
    for name, table in raw.items():
        checked[name], faults = check_register(name, table, f"{name}.csv")
        raise_faults(faults)
    raise_faults(check_registers_together(checked["children"], checked["homes"]))
    return Registers(**checked)


def _homes(rng: np.random.Generator, size: Size) -> pd.DataFrame:
    """Homes with vacancies, and full ones among them."""
    count = size.homes
    kind = rng.choice(MATCHED_KINDS, count, p=KIND_SHARES)
    household, supported = np.isin(kind, FOSTERING_KINDS), kind == "supported"
    in_household = rng.choice(HOUSEHOLD_PLACES, count, p=HOUSEHOLD_SHARES)
    places = np.where(household, in_household, rng.choice(HOME_PLACES, count, p=HOME_SHARES))
    some = np.minimum(places, rng.integers(0, places + 1))
    points = draw_points(rng, size.areas, count)
    youngest = np.where(household, rng.choice([0, 0, 0, 5, 10], count), rng.choice([7, 8, 10, 12], count))
    oldest = np.where(rng.random(count) < 0.55, 17, np.minimum(youngest + rng.choice([5, 7, 9], count), 17))
    level = np.where(household, rng.choice([1, 2, 3], count, p=(0.25, 0.45, 0.3)), rng.choice([2, 3, 3], count))
    return pd.DataFrame(
        {
            "home_id": _ids("H", rng.permutation(count)),
            "kind": kind,
            "latitude": points[:, 0],
            "longitude": points[:, 1],
            "places": places,
            "places_free": np.where(rng.random(count) < 0.25, places, some),
            "min_age": np.where(supported, 16, youngest),
            "max_age": np.where(supported, 17, oldest),
            "sex": rng.choice(["any", "female", "male"], count, p=(0.86, 0.07, 0.07)),
            "max_needs_level": np.where(supported, rng.choice([1, 2, 3], count), level),
            "weekly_cost": _own_prices(rng, kind),
            "registered": rng.random(count) > 0.02,
        }
    )


def _own_prices(rng: np.random.Generator, kind: np.ndarray) -> np.ndarray:
    """£ a week that a home asks, to the pound; NaN where the fee goes by the child's level."""
    middle = np.array([COST_MIDDLE.get(name, np.nan) for name in MATCHED_KINDS])
    return np.rint(middle[pd.Index(MATCHED_KINDS).get_indexer(kind)] * rng.lognormal(0, COST_SPREAD, len(kind)))


def _prices() -> pd.DataFrame:
    rows = [(kind, level, fee) for kind, fees in FEES.items() for level, fee in enumerate(fees, start=1)]
    table = pd.DataFrame(rows, columns=["kind", "needs_level", "weekly_cost"])
    return table.assign(from_date=AS_OF - pd.DateOffset(years=1), source="benchmark")


def _children(rng: np.random.Generator, size: Size, mix: Mix, homes: pd.DataFrame) -> pd.DataFrame:
    """Children who need a home; sibling groups share the place they come from and are some 20 months apart."""
    count = size.children
    family = _families(rng, count, mix.siblings)
    first = np.r_[True, family[1:] != family[:-1]]
    eldest = np.maximum.accumulate(np.where(first, np.arange(count), 0))
    grouped = np.bincount(family)[family] > 1
    band = rng.choice(len(AGE_SHARES), count, p=AGE_SHARES)
    age_days = 365.25 * (AGE_STARTS[band] + rng.random(count) * np.diff(AGE_STARTS)[band])
    age_days = np.where(first, age_days, age_days[eldest] - 600 * (np.arange(count) - eldest))
    points = draw_points(rng, size.come_from, count)[eldest]
    needs = rng.choice([1, 2, 3], count, p=LEVEL_SHARES)
    avoided = homes["home_id"].to_numpy()[rng.integers(len(homes), size=(count, 2))]
    avoids, families_only = rng.random(count) < mix.avoid, (rng.random(count) < 0.05) & (age_days < 365 * 13)
    number = rng.permutation(count)
    return pd.DataFrame(
        {
            "child_id": _ids("C", number),
            "date_of_birth": AS_OF - pd.to_timedelta(np.maximum(age_days, 20).astype(int), unit="D"),
            "sex": rng.choice(["female", "male"], count),
            "needs_level": needs,
            "home_latitude": points[:, 0],
            "home_longitude": points[:, 1],
            "sibling_group": pd.Series([f"S{name:06d}" for name in family]).where(grouped),
            "status": "needs_home",
            "current_home_id": pd.Series(pd.NA, index=range(count), dtype="object"),
            "max_miles": np.where(
                rng.random(count) < SHARE_WITH_OWN_LIMIT, rng.choice([5.0, 10, 30, 40], count), np.nan
            ),
            "distance_exempt": rng.random(count) < mix.exempt,
            "avoid_homes": [tuple(two) if avoid else () for two, avoid in zip(avoided, avoids, strict=True)],
            "solo": ~grouped & (rng.random(count) < mix.solo),
            "allowed_kinds": [FOSTERING_KINDS if only else () for only in families_only],
        }
    )


def _families(rng: np.random.Generator, count: int, share: float) -> np.ndarray:
    """Number of each child's family, in rising order; the share of children with siblings comes first."""
    sizes = rng.choice(GROUP_SIZES, 1 + int(count * share / min(GROUP_SIZES)), p=GROUP_SHARES)
    sizes = sizes[sizes.cumsum() <= count * share]
    return np.repeat(np.arange(len(sizes) + count - sizes.sum()), np.r_[sizes, np.ones(count - sizes.sum(), dtype=int)])


def _with_step_downs(
    rng: np.random.Generator, children: pd.DataFrame, homes: pd.DataFrame, share: float
) -> pd.DataFrame:
    """Some without siblings now live in a children's home, in their part of the country, and could leave it."""
    taken = np.where(homes["kind"] == "residential", homes["places"] - homes["places_free"], 0)
    beds = np.repeat(np.arange(len(homes)), taken)
    alone = np.flatnonzero(children["sibling_group"].isna() & ~children["solo"])
    count = min(int(len(children) * share), len(beds), len(alone))
    who, bed = rng.choice(alone, count, replace=False), rng.choice(beds, count, replace=False)
    ids = homes["home_id"].to_numpy(dtype=object)
    who = who[_from_south_to_north(children.iloc[who][["home_latitude", "home_longitude"]].to_numpy())]
    bed = bed[_from_south_to_north(homes.iloc[bed][["latitude", "longitude"]].to_numpy())]
    status, home = (children[name].to_numpy(dtype=object, copy=True) for name in ("status", "current_home_id"))
    status[who], home[who] = "step_down", ids[bed]
    return children.assign(status=status, current_home_id=home)


def _from_south_to_north(points: np.ndarray) -> np.ndarray:
    """Order by bands of half a degree, from west to east within each."""
    return np.lexsort((points[:, 1], np.floor(points[:, 0] * 2)))


def _ids(letter: str, numbers: np.ndarray) -> list[str]:
    return [f"{letter}{number:06d}" for number in numbers]
