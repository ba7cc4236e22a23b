"""Child population as the exposure of entries: principal, low and high variants mixed over the paths."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sufficiency.settings import Demand as DemandSettings
from sufficiency.vocabulary import ADULT_AGE, AGE_BANDS, age_band_index

VARIANTS = ("low", "principal", "high")


def growth_by_month(
    population: pd.DataFrame | None, as_of: pd.Timestamp, months: int, variant: np.ndarray
) -> np.ndarray:
    """Population against that on the as-of day, shape (paths, months, age bands + 1 for all ages 0-17).

    Mid-year figures are joined by straight lines; beyond the last year, and without a table, the population stands
    still. ``variant`` gives the position in :data:`VARIANTS` for each path.
    """
    if population is None or population.empty:
        return np.ones((len(variant), months, len(AGE_BANDS) + 1))
    by_variant = np.stack([_one_variant(population, name, as_of, months) for name in VARIANTS])
    return by_variant[variant]


def _one_variant(population: pd.DataFrame, variant: str, as_of: pd.Timestamp, months: int) -> np.ndarray:
    mid_year, table = _by_band(population, variant)
    middles = [(as_of + pd.DateOffset(months=month, days=15)).toordinal() for month in range(months)]
    columns = [
        np.interp(middles, mid_year, table[column]) / np.interp(as_of.toordinal(), mid_year, table[column])
        for column in table.columns
    ]
    return np.nan_to_num(np.column_stack(columns), nan=1.0)


def _by_band(population: pd.DataFrame, variant: str) -> tuple[np.ndarray, pd.DataFrame]:
    """Days of the mid-years (ordinals) and the population by age band and in ``total``, gaps from the principal."""
    rows = population[(population["variant"] == variant) | (population["variant"] == "principal")]
    rows = rows[rows["age"] < ADULT_AGE].sort_values("variant", key=lambda names: names == variant, kind="stable")
    rows = rows.drop_duplicates(["year", "age"], keep="last")
    band = age_band_index(rows["age"].to_numpy())
    table = rows.assign(band=band).pivot_table(index="year", columns="band", values="population", aggfunc="sum")
    table = table.reindex(columns=range(len(AGE_BANDS))).assign(total=table.sum(axis=1))
    return np.array([pd.Timestamp(int(year), 6, 30).toordinal() for year in table.index]), table


def exposure_of(population: pd.DataFrame | None, until: pd.Timestamp) -> str:
    """What population stands behind starts up to a day, in words."""
    if population is None or population.empty:
        return "flat: no population.csv, or none that was known by then"
    last = int(population["year"].max())
    return "population.csv" if last >= until.year else f"population.csv to mid-{last}, flat after it"


def past_population(population: pd.DataFrame | None, as_of: pd.Timestamp, on: np.ndarray) -> np.ndarray:
    """Children aged 0-17 on some days against the as-of day, principal variant; 1 without a table."""
    if population is None or population.empty:
        return np.ones(len(on))
    mid_year, table = _by_band(population, "principal")
    total = table["total"].to_numpy(dtype=float)
    ordinal = on.astype("datetime64[D]").astype(int) + pd.Timestamp(1970, 1, 1).toordinal()
    return np.asarray(np.interp(ordinal, mid_year, total) / np.interp(as_of.toordinal(), mid_year, total))


def draw_variants(settings: DemandSettings, paths: int, generator: np.random.Generator) -> np.ndarray:
    """Variant of the population for each path, by the stated weights."""
    weights = [
        settings.population_low,
        1 - settings.population_low - settings.population_high,
        settings.population_high,
    ]
    return generator.choice(len(VARIANTS), size=paths, p=weights)
