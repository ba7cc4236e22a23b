"""One simulated council: its size, its habits and the calendar it lives through, all drawn from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from benchmarks.worlds import habits
from benchmarks.worlds.levels import FAMILIES, drifting, outliers, reverting, surge, turning
from benchmarks.worlds.vocabulary import BANDS, KINDS

LAST_YEAR: Final = 2025
"""Every world's returns end on 31 March of this year."""

TRUTH_YEARS: Final = 5
"""Years of truth behind the last origin."""

ORIGINS: Final = 3
CALM_YEARS: Final = 20
"""Years without calendar effects, in which starts are scaled until the council has its size."""

WAITING_YEARS: Final = 10
"""Years with calendar effects before the first return, so that the stock carries their traces."""

HISTORIES: Final = (3, 4, 5, 6, 6, 7, 8, 10)
"""Returns before the first origin, as likely each [years]."""

SIZES: Final = (150, 1000)
MEDIAN_SIZE: Final = 420
SIZE_SPREAD: Final = 0.5
"""Children looked after that councils are scaled to: log-normal, within limits."""

VOLATILITY: Final = {"starts": 0.19, "leaving": 0.145, "spells": 0.16, "uasc": 0.30, "mix": 0.10, "national": 0.045}
"""Sd of a year's shocks to log levels in the average world. Sizes are set by :mod:`.calibration`."""


SPELL: Final = 0.4
"""Half-life of spells in which courts and teams let more or fewer leave than usual [years]."""

USUAL_SIZE: Final = 420
SIZE_POWER: Final = 0.15
"""Smaller councils than the usual one are shaken more, by this power of their size, beyond chance itself."""


@dataclass(frozen=True)
class Calendar:
    """Monthly log levels, one row a month from the first of the calm years; nought within these.

    ``starts`` ``uasc`` ``leaving`` ``moving`` (months,); ``ways`` (months, 4) on top of leaving by way; ``ages``
    (months, bands) log factor on starts by age; ``kinds`` (months, kinds) on destinations; ``carers`` (months,) log
    of places of in-house carers against those at the end of the calm years; ``population`` (months, bands) actual,
    ``expected_population`` the same as published, both as a factor on the first month.
    """

    starts: np.ndarray
    uasc: np.ndarray
    leaving: np.ndarray
    moving: np.ndarray
    ways: np.ndarray
    ages: np.ndarray
    kinds: np.ndarray
    carers: np.ndarray
    population: np.ndarray
    expected_population: np.ndarray


@dataclass(frozen=True)
class Council:
    """What a council is like. Tables as in :mod:`.habits`, varied.

    ``number`` of the world, ``size`` children aimed at, ``first_year`` of the returns, ``origins`` years whose 31
    March is projected from, ``families`` of the levels of starts and of leaving, ``uasc_share`` of starts,
    ``limited`` whether in-house fostering follows carers, ``frailty`` (kind, spread), ``reentry`` chance of coming
    back.
    """

    number: int
    size: int
    first_year: int
    origins: tuple[int, ...]
    families: tuple[str, str]
    uasc_share: float
    limited: bool
    frailty: tuple[str, float]
    reentry: float
    noise: float
    start_shares: np.ndarray
    first_kind: np.ndarray
    next_kind: np.ndarray
    leaving: np.ndarray
    leaving_by_kind: np.ndarray
    moving: np.ndarray
    season: np.ndarray
    children_aged_0_17: float
    calendar: Calendar

    @property
    def begins(self) -> int:
        """Year in whose April the simulation begins."""
        return self.first_year - 1 - WAITING_YEARS - CALM_YEARS

    @property
    def months(self) -> int:
        """Months simulated."""
        return 12 * (LAST_YEAR - self.begins)


def draw_council(seed: int, number: int) -> Council:
    """The council of a seed and a number; the same whenever it is drawn."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, number, 1]))
    history, step = int(rng.choice(HISTORIES)), int(rng.integers(1, 3))
    last = LAST_YEAR - TRUTH_YEARS
    origins = tuple(last - step * back for back in reversed(range(ORIGINS)))
    first_year = origins[0] - history + 1
    size = int(np.clip(MEDIAN_SIZE * np.exp(rng.normal(0, SIZE_SPREAD)), *SIZES))
    limited = bool(rng.random() < 0.6)
    months = 12 * (LAST_YEAR - first_year + 1 + WAITING_YEARS)
    families = tuple(rng.choice(list(FAMILIES), 2, p=[share for _, share in FAMILIES.values()]))
    return Council(
        number=number,
        size=size,
        first_year=first_year,
        origins=origins,
        families=families,
        uasc_share=float(rng.beta(2.0, 18)),
        limited=limited,
        frailty=("classes" if rng.random() < 0.5 else "lognormal", float(rng.uniform(0.3, 0.9))),
        reentry=float(rng.uniform(0.1, 0.28)),
        noise=float(rng.uniform(0.0, 0.18)),
        start_shares=_shares(rng, habits.START_SHARES, 0.15),
        first_kind=_shares(rng, habits.FIRST_KIND, 0.35),
        next_kind=_shares(rng, habits.NEXT_KIND, 0.35),
        leaving=habits.LEAVING * _factors(rng, 0.2, (4, 1)) * _factors(rng, 0.15) * _tail(rng),
        leaving_by_kind=habits.LEAVING_BY_KIND * _factors(rng, 0.15, habits.LEAVING_BY_KIND.shape),
        moving=habits.MOVING * _factors(rng, 0.25),
        season=habits.SEASON ** rng.uniform(0.5, 2.0),
        children_aged_0_17=size / rng.uniform(0.0045, 0.0095),
        calendar=_after_calm(draw_calendar(rng, months, families, limited, size)),
    )


def draw_calendar(
    rng: np.random.Generator, months: int, families: tuple[str, str], limited: bool, children: int
) -> dict[str, np.ndarray]:
    """The levels of the years with calendar effects."""
    strength = np.exp(rng.normal(0, 0.2, 3)) * (USUAL_SIZE / children) ** SIZE_POWER
    size = {name: VOLATILITY[name] * one for name, one in zip(("starts", "leaving", "uasc"), strength, strict=True)}
    own = [
        FAMILIES[family][0](rng, months, size[name])
        for family, name in zip(families, ("starts", "leaving"), strict=True)
    ]
    national = turning(rng, months, 2 * VOLATILITY["national"]) + rng.normal(0.004, 0.01) * np.arange(months) / 12
    lean = rng.uniform(-0.3, 0.5)
    uasc = reverting(rng, months, size["uasc"])
    if rng.random() < 0.35:
        uasc = uasc + surge(rng, months, 60)
    years = np.arange(months) / 12
    expected = _population(rng, years)
    return {
        "starts": own[0] + national + outliers(rng, months),
        "leaving": own[1] + lean * own[0] + reverting(rng, months, VOLATILITY["spells"], SPELL),
        "uasc": uasc,
        "moving": reverting(rng, months, 0.12),
        "ways": drifting(rng, months, 0.08, 4),
        "ages": drifting(rng, months, VOLATILITY["mix"] * np.exp(rng.normal(0, 0.3)), len(BANDS)),
        "kinds": drifting(rng, months, VOLATILITY["mix"] * np.exp(rng.normal(0, 0.3)), len(KINDS)),
        "carers": (rng.normal(-0.012, 0.02) * years + reverting(rng, months, 0.06, 6.0)) * limited,
        "population": expected + np.cumsum(rng.normal(0, 0.004 / np.sqrt(12), months))[:, None],
        "expected_population": expected,
    }


def _after_calm(levels: dict[str, np.ndarray]) -> Calendar:
    """The levels with the calm years in front: nought, and populations as at their end."""
    calm = 12 * CALM_YEARS
    padded = {name: np.concatenate([np.zeros((calm, *series.shape[1:])), series]) for name, series in levels.items()}
    for name in ("population", "expected_population"):
        padded[name] = np.exp(padded[name])
    return Calendar(**padded)


def _population(rng: np.random.Generator, years: np.ndarray) -> np.ndarray:
    """Log population by band: a steady growth, and a wave of births that grows older."""
    middle = np.array([0.5, 3.0, 7.5, 13.0, 17.0])
    phase = rng.uniform(0, 2 * np.pi)
    turn = 2 * np.pi / rng.uniform(18, 30)
    wave = np.sin(phase + turn * (years[:, None] - middle)) - np.sin(phase - turn * middle)
    return rng.normal(0.003, 0.005) * years[:, None] + rng.uniform(0.01, 0.05) * wave


def _factors(rng: np.random.Generator, spread: float, shape: tuple[int, ...] | int = 1) -> np.ndarray:
    """Log-normal factors."""
    return np.exp(rng.normal(0, spread, shape))


def _shares(rng: np.random.Generator, table: np.ndarray, spread: float) -> np.ndarray:
    """Shares of a row, each column varied by one factor of the world and a smaller one of its row."""
    varied = table * _factors(rng, spread, table.shape[-1]) * _factors(rng, spread / 3, table.shape)
    return varied / varied.sum(axis=-1, keepdims=True)


def _tail(rng: np.random.Generator) -> np.ndarray:
    """Factor by time in care: some councils let many go early and keep the rest long, others less so."""
    lean = rng.normal(0, 0.12)
    return np.exp(lean * np.linspace(1, -1, habits.LEAVING.shape[1]))
