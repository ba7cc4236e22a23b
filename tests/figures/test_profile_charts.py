"""The charts of the needs analysis: every table is drawn, the same each time, and what is hidden stays hidden."""

from __future__ import annotations

import html
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import vl_convert

from sufficiency.figures import save, to_png, to_svg

from .past import CHARTS, STAMP, YEARS, areas, drawn, origins_and_places, table_of

NAMES = sorted(CHARTS)
KEPT = ("year", "months", "latitude", "longitude")
"""Numbers that are never hidden."""


@cache
def usual_picture(name: str) -> str:
    return to_svg(drawn(name, table_of(name)))


def texts_of(chart: Any) -> list[str]:
    """What stands on a chart, as a reader sees it: one text a title, an axis label, a mark."""
    return texts_in(to_svg(chart))


def texts_in(picture: str) -> list[str]:
    found = re.findall(r"<text[^>]*>(.*?)</text>", picture, flags=re.DOTALL)
    return [html.unescape(re.sub(r"\s*<[^>]*>\s*", " ", text)).strip().replace("  ", " ") for text in found]


def all_hidden(table: pd.DataFrame) -> pd.DataFrame:
    numbers = [column for column in table.select_dtypes("number").columns if column not in KEPT]
    return table.assign(**dict.fromkeys(numbers, np.nan))


def last_year_of(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["year"].isin([YEARS[-1], "all"])] if "year" in table.columns else table


def rows_with(chart: Any, *columns: str) -> list[pd.DataFrame]:
    """The data sets behind a chart that have these columns, read from its specification."""
    frames = [pd.DataFrame(rows) for rows in chart.to_dict()["datasets"].values() if rows]
    return [frame for frame in frames if set(columns) <= set(frame.columns)]


@pytest.mark.parametrize("name", NAMES)
def test_the_same_table_gives_the_same_picture(name: str) -> None:
    assert to_svg(drawn(name, table_of(name))) == usual_picture(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_chart_says_what_it_shows_and_where_that_is_from(name: str) -> None:
    chart = drawn(name, table_of(name))
    texts = texts_in(usual_picture(name))
    assert "No data" not in texts
    assert "What the chart says, in one sentence" in texts
    assert "Needs analysis. Source: Anyshire, SSDA903 returns to 31 March 2025" in " ".join(texts)
    assert chart.to_dict()["description"] == "What it looks like"


@pytest.mark.parametrize("name", NAMES)
def test_one_year_is_drawn(name: str) -> None:
    assert "No data" not in texts_of(drawn(name, last_year_of(table_of(name))))


@pytest.mark.parametrize("name", NAMES)
def test_a_table_without_rows_says_so(name: str) -> None:
    empty = table_of(name).iloc[:0]
    texts = texts_of(drawn(name, empty))
    assert "No data" in texts
    assert "The returns and registers hold nothing for this chart." in " ".join(texts)
    bare = pd.DataFrame(columns=empty.columns)
    assert drawn(name, bare).to_dict() == drawn(name, empty).to_dict()


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"areas"}))
def test_a_table_with_every_number_hidden_says_so(name: str) -> None:
    texts = texts_of(drawn(name, all_hidden(table_of(name))))
    assert "No data" in texts
    assert "Every number for this chart is hidden" in " ".join(texts)


def test_hidden_areas_are_small_circles_without_a_number() -> None:
    texts = texts_of(drawn("areas", all_hidden(areas())))
    assert "1 to 5 (hidden)" in texts
    assert not [text for text in texts if re.match(r"[A-Z]{2}\d+ ", text)]


@pytest.mark.parametrize("name", ["children_by_year", "providers", "distance", "past_measures", "kind_by_year"])
def test_twenty_five_years_fit(name: str) -> None:
    one = table_of(name)
    one = one[one["year"] == YEARS[-1]]
    many = pd.concat([one.assign(year=year) for year in range(2001, 2026)], ignore_index=True)
    texts = texts_of(drawn(name, many))
    years = [text for text in texts if re.fullmatch(r"20\d\d", text)]
    assert "2025" in years
    assert "2024" not in years


@pytest.mark.parametrize("name", NAMES)
def test_of_a_region_the_whole_is_drawn(name: str) -> None:
    table = table_of(name)
    region = pd.concat([table.assign(authority="all"), table.iloc[::-1].assign(authority="North")], ignore_index=True)
    assert drawn(name, region).to_dict() == drawn(name, table).to_dict()


def test_a_year_without_a_return_is_a_gap() -> None:
    table = table_of("children_by_year")
    texts = texts_of(drawn("children_by_year", table[table["year"] != YEARS[1]]))
    assert texts.count(str(YEARS[1])) == 2
    assert "337" not in texts


def test_a_hidden_number_is_written_c_and_explained() -> None:
    table = table_of("children_by_year")
    shown = table.assign(ceased=table["ceased"].where(table["year"] != YEARS[-1]))
    texts = texts_of(drawn("children_by_year", shown))
    assert "125" not in texts
    assert texts.count("c") == 1
    assert "c: 1 to 5 children, hidden" in " ".join(texts)
    assert "hidden" not in " ".join(texts_of(drawn("children_by_year", table)))


def test_stacks_add_up_to_the_total_with_what_is_hidden() -> None:
    table = table_of("age_by_kind")
    hide = (table["kind"].isin(["residential", "secure"])) & (table["age_band"] == "5-9")
    shown = table.assign(children=table["children"].astype(float).mask(hide))
    piles = rows_with(drawn("age_by_kind", shown), "age_band", "top", "part")[0]
    last = shown[(shown["year"] == YEARS[-1]) & (shown["kind"] == "all") & (shown["age_band"] != "all")]
    assert piles.groupby("age_band")["top"].max().to_dict() == last.set_index("age_band")["children"].to_dict()
    assert "Other placements and hidden numbers" in set(piles["part"])
    assert "Children's homes" not in set(piles.loc[piles["age_band"] == "5-9", "part"])


def test_both_denominators_stand_below_the_bars() -> None:
    texts = texts_of(drawn("distance", table_of("distance"), limit_miles=15))
    assert texts.count("Over, % of all") == texts.count("Over, % of known") == 3
    assert "Within 15 miles of home" in texts
    assert {"34", "37"} <= set(texts)  # 93 of 273, and 93 of the 253 that are known


def test_sorted_bars_set_the_first_year_beside_the_last() -> None:
    texts = texts_in(usual_picture("needs"))
    assert "48% (33)" in texts  # 30 + 3 of 13 + 23 + 33
    assert "50% (30)" in texts
    assert texts.index("48% (33)") < texts.index("33% (23)") < texts.index("19% (13)")
    one = texts_of(drawn("needs", last_year_of(table_of("needs"))))
    assert "2022" not in one


def medians_of(**columns: object) -> pd.DataFrame:
    usual = {"measure": "time_in_placement", "group": ["all"], "spells": 90, "median_months": 6.44, "low": 5.6}
    return pd.DataFrame({**usual, "high": np.nan, **columns})


@pytest.mark.parametrize("spells", [np.nan, 9])
def test_a_hidden_median_is_not_read_off_the_curve(spells: float) -> None:
    """Hidden as the stays of the group are, or as there are few of them."""
    hidden = medians_of(group=["all", "kinship"], spells=[90, spells], median_months=[6.4, np.nan], low=[5.6, np.nan])
    texts = texts_of(drawn("time_in_placement", table_of("time_in_placement"), medians=hidden))
    assert "Kinship care" in " ".join(texts)
    assert sum(text.count("Median ") for text in texts) == 1
    assert "A panel without a median: hidden." in " ".join(texts)
    late = medians_of(median_months=np.nan, low=np.nan)
    assert "Median not reached" in " ".join(
        texts_of(drawn("time_in_placement", table_of("time_in_placement"), medians=late))
    )


def test_medians_come_from_their_table_and_else_from_the_curve() -> None:
    table = table_of("time_in_placement")
    texts = texts_of(drawn("time_in_placement", table, medians=medians_of()))
    assert "Median 6.4 months (5.6 to not reached)" in texts
    assert "Median 12 months (10 to 13)" in texts  # exp(-12 / 16) < 0.5; its band 0.9 and 1.1 times as high
    never = table.assign(share_still_there=0.9, low=0.8, high=1.0)
    assert "Median not reached" in texts_of(drawn("time_in_placement", never))


def test_curves_end_where_few_are_watched() -> None:
    table = table_of("time_in_care")
    few = table.assign(at_risk=np.where(table["months"] > 6, 9, 50), share_still_there=0.9, low=0.8, high=1.0)
    (curve,) = rows_with(drawn("time_in_care", few[few["group"] == "all"]), "months", "share_still_there")
    assert curve["months"].max() == 6
    hidden = few.assign(at_risk=np.nan)
    (curve,) = rows_with(drawn("time_in_care", hidden[hidden["group"] == "all"]), "months", "share_still_there")
    assert curve["months"].max() == 60


def test_measures_state_their_numbers_and_denominators() -> None:
    text = " ".join(texts_in(usual_picture("past_measures")))
    known = "of those whose distance is known 2022: 41% (114 of 279) 2025: 41% (114 of 279)"
    assert f"Over 20 miles: all children {known}" in text
    assert "of all looked after on 31 March 2022: 37% (114 of 307)" in text
    assert "moves in the year 2022: 9 2025: 9" in text
    assert "A new measure share of something" in text


def test_counts_are_compared_by_their_change() -> None:
    texts = texts_in(usual_picture("against_published"))
    assert "Children looked after, first year = 100" in texts
    assert "105" in texts  # 57 in 2022, 60 in 2025
    assert "104 England" in texts
    assert "71 England" in texts


def test_flows_tell_the_other_kind_from_the_other_way_out() -> None:
    texts = texts_in(usual_picture("flows"))
    assert {"Other placements", "Left: another reason", "Started in care", "Left: turned 18"} <= set(texts)
    assert "60" in texts
    assert "Grey stubs: flows of fewer than 7 moves" in " ".join(texts)


def test_flows_of_one_year_and_their_hidden_ones() -> None:
    table = table_of("flows")
    shown = table.assign(moves=table["moves"].astype(float).mask(table["to"] == "sgo_or_order"))
    texts = texts_of(drawn("flows", shown, year=2025))
    assert "Moves in the year to 31 March 2025" in " ".join(texts)
    assert "Hidden, and not in the numbers: 1 flow" in " ".join(texts)
    assert "90" not in texts


def test_pairs_stand_near_and_far_without_the_hidden_ones() -> None:
    chart = drawn("origins_and_places", origins_and_places())
    texts = texts_of(chart)
    assert "BA 13" in texts
    assert "10" in texts
    assert not [text for text in texts if text.startswith("GL")]
    assert "Not drawn: 9 children" in " ".join(texts)
    assert len(rows_with(chart, "way")) == 2


def test_source_of_the_stamp() -> None:
    assert STAMP.source() == (
        "Needs analysis. Source: Anyshire, SSDA903 returns to 31 March 2025; sufficiency 1.0. "
        "Synthetic sample data: no real child, carer or home."
    )


def test_both_files_hold_the_same_picture(tmp_path: Path) -> None:
    """The PNG is made of the SVG, and is what a drawing anew would give."""
    chart = drawn("needs", table_of("needs"))
    saved = save(chart, tmp_path / "needs")
    assert saved.svg.read_text(encoding="utf-8") == usual_picture("needs")
    assert saved.png.read_bytes() == to_png(chart)
    assert saved.png.read_bytes() == vl_convert.vegalite_to_png(chart.to_dict(), vl_version="6.1", scale=2)
