"""The table of a siting as it is read at a meeting: one row for each candidate that is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sufficiency.vocabulary import KIND_LABELS

if TYPE_CHECKING:
    from sufficiency.siting.answer import Siting


def homes_to_open_of(siting: Siting) -> pd.DataFrame:
    """The table of :meth:`~sufficiency.siting.answer.Siting.homes_to_open`.

    Further children and savings are those that would be lost if this candidate alone were left out. Figures are means
    over the demand paths, with what 8 of 10 paths lie between, where there are several.
    """
    problem, table = siting.problem, siting.table()
    table = table[table["opened"] > 0].reset_index(drop=True)
    limit, many = problem.paths[0].instance.limit_miles, len(problem.paths) > 1
    unit = "[mean a path (8 of 10 paths)]" if many else "[children]"
    years = f"{siting.years:g} year{'' if siting.years == 1 else 's'}"
    area = table["area"].fillna("").astype(str)
    ages = table["min_age"].astype("Int64").astype(str) + " to " + table["max_age"].astype("Int64").astype(str)
    shown = {
        "Candidate": table["candidate_id"]
        .astype(str)
        .where(area == "", table["candidate_id"].astype(str) + ", " + area),
        "Kind of home": table["kind"].astype(str).map(KIND_LABELS),
        "Needs level, up to": table["max_needs_level"],
        "Ages [years]": ages,
        "Places in each": table["places"],
        "How many to open": table["opened"],
        f"Cost over {years} [£]": table["spend"].round().astype("int64"),
        "Used in [% of paths]": (100 * table["used_in_paths"]).round().astype("Int64"),
        f"Children who live there {unit}": _ranged(table, "lives_there", many=many),
        f"Further children with a home {unit}": _ranged(table, "further_placed", many=many),
        f"Further children within {limit:g} miles {unit}": _ranged(table, "further_within", many=many),
        f"Saves over {years}, its own cost counted [£{', mean a path' if many else ''}]": table["saves_mean"]
        .round()
        .astype("int64"),
        f"Cost of each further child within {limit:g} miles [£]": table["spend_per_further_within"]
        .round()
        .astype("Int64"),
    }
    return pd.DataFrame(shown)


def _ranged(table: pd.DataFrame, name: str, *, many: bool) -> pd.Series:
    """A mean, and the range beside it where there are several paths."""
    mean, low, high = (table[f"{name}_{column}"] for column in ("mean", "p10", "p90"))
    if not many:
        return mean.round().astype("Int64")
    texts = [f"{m:.1f} ({a:.0f} to {b:.0f})" for m, a, b in zip(mean, low, high, strict=True)]
    return pd.Series(texts, index=table.index, dtype="str")
