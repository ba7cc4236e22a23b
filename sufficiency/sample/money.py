"""``prices.csv`` and ``population.csv``: what a week costs and how many children live in the area."""

from __future__ import annotations

from typing import Final

import pandas as pd

from sufficiency.sample.targets import Targets

PAY: Final = "Swindon Borough Council, foster carer pay from July 2023: average £572, up to £808 for complex needs"
CMA: Final = (
    "Competition and Markets Authority, Children's social care market study 2022: about £820 a week in 2020-21, "
    "uplifted 4% a year for four years (assumption)"
)
CMA_2024: Final = CMA.replace("four years", "three years") + "; split by level is an assumption"
RETURN: Final = (
    "DfE, Local Authority Interactive Tool (section 251 return), Swindon 2024-25: residential care £6,780 a week; "
    "split by level as in 2025 (assumption)"
)
NEWS: Final = "Swindon Borough Council, autumn 2025: about £7,300 a week in residential care"
FOI: Final = "Supported accommodation, one county's answer to a freedom of information request 2023: average £621"
PRICES: Final = (
    ("in_house_fostering", 1, "2023-07-01", 480, PAY + "; level 1 is an assumption below the average"),
    ("in_house_fostering", 2, "2023-07-01", 620, PAY + "; level 2 is an assumption near the average"),
    ("in_house_fostering", 3, "2023-07-01", 808, PAY),
    ("kinship", None, "2023-07-01", 480, PAY + "; kinship at the in-house level 1 price is an assumption"),
    ("ifa", 1, "2024-04-01", 855, CMA_2024),
    ("ifa", 2, "2024-04-01", 925, CMA_2024),
    ("ifa", 3, "2024-04-01", 1105, CMA_2024),
    ("ifa", 1, "2025-04-01", 890, CMA + "; split by level is an assumption"),
    ("ifa", 2, "2025-04-01", 960, CMA + "; split by level is an assumption"),
    ("ifa", 3, "2025-04-01", 1150, CMA + "; split by level is an assumption"),
    ("residential", 1, "2024-04-01", 5480, RETURN),
    ("residential", 2, "2024-04-01", 6130, RETURN),
    ("residential", 3, "2024-04-01", 7200, RETURN),
    ("residential", 1, "2025-04-01", 5900, NEWS + "; level 1 is an assumption below it"),
    ("residential", 2, "2025-04-01", 6600, NEWS + "; level 2 is an assumption below it"),
    ("residential", 3, "2025-04-01", 7750, NEWS + "; level 3 is an assumption, so that the average is about £7,300"),
    ("supported", 1, "2023-04-01", 560, FOI + "; split by level is an assumption"),
    ("supported", 2, "2023-04-01", 640, FOI + "; split by level is an assumption"),
    ("supported", 3, "2023-04-01", 1300, FOI + " (range £260 to £6,776); level 3 is an assumption"),
    ("secure", None, "2024-04-01", 8500, "Assumption: above a children's home, no local figure is published"),
    ("with_parents", None, "2024-04-01", 60, "Assumption: support to the family only"),
    ("adoption", None, "2024-04-01", 90, "Assumption: adoption support before the order"),
    (
        "other",
        None,
        "2024-04-01",
        2500,
        "Assumption: a mix of family centres, health and custody, little of it paid for",
    ),
)

GROWTH: Final = 0.011
"""Growth a year of the 0-17 population since 2012 (ONS mid-year estimates)."""

VARIANT_GROWTH: Final = {"low": GROWTH - 0.005, "principal": GROWTH, "high": GROWTH + 0.005}
"""Growth a year after 2024, half a point either side: an assumption."""

FIRST_BIRTHS: Final = 1994
BIRTHS: Final = (
    *(97, 94, 94, 93, 92, 90, 87, 86, 86, 90, 93, 94, 98, 101, 104),
    *(104, 106, 106, 107, 103, 103, 103, 103, 100, 97, 94, 90, 92, 89, 87),
)
"""Children born in 1994 and each year after, as an index (the last stays): an assumption in the shape of births in
England; totals are the ONS ones."""


def prices() -> pd.DataFrame:
    """Prices per child and week [£], in the contract's columns."""
    table = pd.DataFrame(PRICES, columns=["kind", "needs_level", "from_date", "weekly_cost", "source"])
    return table.assign(needs_level=table["needs_level"].astype("Int64"))


def population(targets: Targets) -> pd.DataFrame:
    """Children by single year of age, mid-2012 to mid-2031; to 2024 all three variants are the same."""
    rows = []
    for variant, growth in VARIANT_GROWTH.items():
        for year in range(2012, 2032):
            shares = {age: BIRTHS[min(year - age - FIRST_BIRTHS, len(BIRTHS) - 1)] for age in range(18)}
            total = _total(targets, year, growth)
            rows += [(year, age, count, variant) for age, count in _apportion(total, shares).items()]
    return pd.DataFrame(rows, columns=["year", "age", "population", "variant"])


def _total(targets: Targets, year: int, growth: float) -> int:
    """The two published years exactly, a steady rate between and before them, the variant's growth after."""
    early, late = targets.count("population", 2018, "0-17"), targets.count("population", 2024, "0-17")
    if year > 2024:
        return round(late * (1 + growth) ** (year - 2024))
    return round(early * (late / early) ** ((year - 2018) / 6))


def _apportion(total: int, shares: dict[int, int]) -> dict[int, int]:
    """Whole children by age that add up to the total (largest remainders)."""
    exact = {age: total * share / sum(shares.values()) for age, share in shares.items()}
    counts = {age: int(value) for age, value in exact.items()}
    by_remainder = sorted(exact, key=lambda age: counts[age] - exact[age])
    return {age: counts[age] + (age in by_remainder[: total - sum(counts.values())]) for age in counts}
