"""The printed tables: means over worlds and origins, each beside no change."""

from __future__ import annotations

import numpy as np
import pandas as pd

GROUPS = {"total": "total", "band": "by age band", "kind": "by kind"}


def headline(rows: pd.DataFrame) -> pd.DataFrame:
    """As the issue's table: MAPE of the total at 1, 3 and 5 years, WIS, the 80% and 95% ranges, by method."""
    return pd.DataFrame({method: _headline(of_one) for method, of_one in rows.groupby("method", sort=False)}).T


def _headline(rows: pd.DataFrame) -> dict[str, float]:
    total, five = rows[rows["group"] == "total"], rows[(rows["group"] == "total") & (rows["horizon"] == 5)]
    shown = {f"MAPE {year}y": total.loc[total["horizon"] == year, "ape"].mean() for year in (1, 3, 5)}
    shown["bias 5y [%]"] = (100 * (five["middle"] / five["actual"] - 1)).mean()
    shown["width 80% 5y, % of median"] = (100 * (five["high_80"] - five["low_80"]) / five["middle"]).median()
    for group, label in GROUPS.items():
        of_group = rows[rows["group"] == group]
        if group != "total":
            shown[f"MAPE {label}"] = of_group["ape"].mean()
        shown[f"WIS {label}"] = of_group["wis"].mean()
        shown[f"80% holds {label}"] = 100 * of_group["in_80"].mean()
        shown[f"95% holds {label}"] = 100 * of_group["in_95"].mean()
    return shown


def ratios(rows: pd.DataFrame) -> pd.DataFrame:
    """WIS of the model over that of no change, by group, with the standard error over worlds (jackknife)."""
    by_world = rows.pivot_table(index=["group", "world"], columns="method", values="wis", aggfunc="sum")
    found = {}
    for group, label in GROUPS.items():
        model, same = by_world.loc[group, "model"], by_world.loc[group, "no change"]
        without = (model.sum() - model) / (same.sum() - same)
        count = len(without)
        error = np.sqrt((count - 1) * ((without - without.mean()) ** 2).mean()) if count > 1 else np.nan
        found[label] = {"WIS / no change": model.sum() / same.sum(), "standard error": error}
    return pd.DataFrame(found).T


def coverage(rows: pd.DataFrame) -> pd.DataFrame:
    """Share of outcomes inside the 80% and 95% ranges [%], by method, group and horizon."""
    held = rows.groupby(["method", "group", "horizon"], sort=False)[["in_80", "in_95"]].mean() * 100
    table = held.unstack("horizon")
    overall = rows.groupby(["method", "group"], sort=False)[["in_80", "in_95"]].mean() * 100
    return pd.concat([table, pd.concat({"all": overall.T}).T.swaplevel(axis=1)], axis=1)[["in_80", "in_95"]]


def by_name(rows: pd.DataFrame) -> pd.DataFrame:
    """Each band and kind: mean error of the median [children], MAPE, WIS against no change's, and coverage."""
    model, same = (rows[rows["method"] == method].groupby(["group", "name"], sort=False) for method in METHODS)
    table = model[["ape", "wis", "in_80", "in_95"]].mean()
    table[["in_80", "in_95"]] *= 100
    table.insert(0, "bias", model["middle"].mean() - model["actual"].mean())
    return table.assign(no_change_ape=same["ape"].mean(), wis_ratio=table["wis"] / same["wis"].mean())


METHODS = ("model", "no change")


def by_history(rows: pd.DataFrame) -> pd.DataFrame:
    """The total by returns held at the origin: MAPE, WIS against no change's, 80% range."""
    held = pd.cut(rows["history"], (0, 5, 9, 99), labels=("up to 5 returns", "6 to 9", "10 and more"))
    total = rows.assign(held=held)[rows["group"] == "total"]
    model, same = (total[total["method"] == method].groupby("held", observed=True) for method in METHODS)
    table = model[["ape", "wis", "in_80"]].mean()
    return table.assign(in_80=100 * table["in_80"], wis_ratio=table["wis"] / same["wis"].mean(), rows=model.size())


def ranks(rows: pd.DataFrame) -> pd.DataFrame:
    """PIT histogram: share of outcomes [%] in each tenth of the model's distribution; 10 each when it is calibrated."""
    model = rows[rows["method"] == "model"]
    tenth = (model["rank"] * 10).clip(upper=9).astype(int) + 1
    return 100 * pd.crosstab(model["group"], tenth, normalize="index").reindex(GROUPS)


def report(rows: pd.DataFrame) -> str:
    """All tables as text."""
    seconds = rows[rows["method"] == "model"].groupby(["world", "origin"])["seconds"].first()
    count = f"{rows['world'].nunique()} worlds, {len(seconds)} projections, {seconds.mean():.1f} s each"
    parts = {
        count: headline(rows).round(1).T,
        "Against no change": ratios(rows).round(3),
        "Outcomes inside the ranges by years ahead [%]": coverage(rows).round(0),
        "By age band and kind": by_name(rows).round(2),
        "Total by returns held": by_history(rows).round(2),
        "Outcomes in each tenth of the distribution [%]": ranks(rows).round(0),
    }
    return "\n\n".join(f"{title}\n{table.to_string()}" for title, table in parts.items())
