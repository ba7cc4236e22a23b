"""What may leave: nothing gives a count of 1 to 5 back, and charts and sentences are made of what is shown."""

from __future__ import annotations

import itertools
import json
import re

import numpy as np
import pandas as pd
import pytest

from sufficiency import Profile, Records, profile
from sufficiency.report.disclosure import HIDDEN
from sufficiency.report.profile_cells import COUNTS, SHARES, cells_of
from sufficiency.report.profile_published import FEWEST_SPELLS, hidden_cells, published


@pytest.fixture(scope="module")
def answer(sample_records: Records) -> Profile:
    return profile(sample_records)


@pytest.fixture(scope="module")
def shown(answer: Profile) -> dict[str, pd.DataFrame]:
    return answer.published_tables()


def test_no_small_count_is_shown(answer: Profile, shown: dict[str, pd.DataFrame]) -> None:
    for name, columns in COUNTS.items():
        for column in set(columns) & set(shown[name].columns):
            values = pd.to_numeric(shown[name][column].mask(shown[name][column].astype(str) == HIDDEN))
            assert not values.between(1, 5).any(), (name, column)
    small = [answer.tables()[name][column].between(1, 5).sum() for name, cols in COUNTS.items() for column in cols]
    assert sum(small) > 500, "the sample has many to hide"


def test_no_small_count_can_be_worked_out_from_all_the_tables_together(answer: Profile) -> None:
    """Null space of every sum between the cells, by eigenvectors: each small cell has another solution."""
    tables = answer.tables()
    cells, hidden = cells_of(tables), hidden_cells(tables)
    unknown = [key for key in cells.counts if ("", key) in hidden or key in cells.unpublished]
    place = {key: number for number, key in enumerate(unknown)}
    matrix = np.zeros((len(cells.sums), len(unknown)))
    for row, one in enumerate(cells.sums):
        for key, times in (*one.parts.items(), (one.total, -1)):
            if key in place and (cells.counts[key] or key == one.total):
                matrix[row, place[key]] = times
    values, vectors = np.linalg.eigh(matrix.T @ matrix)
    free = np.abs(vectors[:, values < 1e-6]).max(axis=1)
    small = [key for key in unknown if 0 < cells.counts[key] < 6]
    assert len(small) > 500
    assert [key for key in small if free[place[key]] < 1e-7] == []


def test_a_hidden_part_is_never_alone_beside_its_shown_total(shown: dict[str, pd.DataFrame]) -> None:
    """Read from the published tables alone, as somebody with a pocket calculator would."""
    for name in ("provider_codes", "legal_status", "needs", "placements_in_year"):
        for _, rows in shown[name].groupby("year"):
            assert (rows["children"].astype(str) == HIDDEN).sum() != 1
    table = shown["age_by_kind"].assign(children=shown["age_by_kind"]["children"].astype(str))
    for _, rows in table.groupby("year"):
        cells = rows.pivot(index="age_band", columns="kind", values="children")
        for lines in (cells, cells.T):
            for label, line in lines.iterrows():
                parts = line.drop("all")
                if line["all"] != HIDDEN:
                    assert (parts == HIDDEN).sum() != 1, label
    years = shown["flows"].assign(moves=shown["flows"]["moves"].astype(str))
    for _, rows in years.groupby(["from", "to"]):
        whole = rows.loc[rows["year"].astype(str) == "all", "moves"].iloc[0]
        if whole != HIDDEN:
            assert (rows["moves"] == HIDDEN).sum() != 1


def test_shares_are_hidden_with_their_counts(shown: dict[str, pd.DataFrame]) -> None:
    for name in ("provider_codes", "legal_status", "needs", "placements_in_year", "providers"):
        table = shown[name]
        assert ((table["children"].astype(str) == HIDDEN) <= (table["share"].astype(str) == HIDDEN)).all()
    far = shown["distance"].astype(str)
    lone = (far["over"] == HIDDEN) | (far["within"] == HIDDEN)
    assert (far.loc[lone, "share_over_of_known"] == HIDDEN).all()
    assert set(SHARES) <= set(shown)


def test_what_is_shown_is_the_number(answer: Profile, shown: dict[str, pd.DataFrame]) -> None:
    for name in ("age_by_kind", "needs", "flows", "medians"):
        for column in COUNTS[name]:
            open_ = shown[name][column].astype(str) != HIDDEN
            assert (shown[name].loc[open_, column].astype(int) == answer.tables()[name].loc[open_, column]).all()


def test_few_stays_have_no_curve_and_no_median(answer: Profile, shown: dict[str, pd.DataFrame]) -> None:
    few = answer.tables()["medians"].query(f"0 < spells < {FEWEST_SPELLS}")
    assert len(few)
    for row in few.itertuples():
        line = shown["medians"].query("measure == @row.measure and group == @row.group").iloc[0]
        assert line["median_months"] == HIDDEN
        curve = shown[row.measure].query("group == @row.group")
        assert curve["share_still_there"].tolist() == [HIDDEN]
    numbers = pd.to_numeric(shown["time_in_care"]["at_risk"], errors="coerce").dropna()
    assert (numbers % 10 == 0).all()
    assert numbers.min() >= FEWEST_SPELLS


def test_hidden_pairs_of_districts_stand_together(answer: Profile, shown: dict[str, pd.DataFrame]) -> None:
    table = shown["origins_and_places"]
    rest = table["place_area"] == "other districts"
    assert (table.loc[rest, "children"] == HIDDEN).all()
    assert (table.loc[~rest, "children"].astype(int) >= 6).all()
    assert set(table["home_area"]) == set(answer.tables()["origins_and_places"]["home_area"])


def test_the_map_of_moves_shows_most_children(answer: Profile) -> None:
    (text,) = re.findall(
        r"([0-9,]+) are drawn", " ".join(answer.chart("origins_and_places").to_dict()["title"]["subtitle"])
    )
    assert int(text) > 307 / 2


def test_charts_are_drawn_from_what_is_shown(answer: Profile) -> None:
    """No number of 1 to 5 children stands in the data of a chart of counts."""
    for name in ("age_by_kind", "needs", "areas", "flows"):
        chart = json.dumps(answer.chart(name).to_dict()["datasets"])
        frames = json.loads(chart).values()
        rows = list(itertools.chain.from_iterable(frames))
        for column in ("children", "children_then", "children_from", "children_placed", "moves"):
            values = [row[column] for row in rows if isinstance(row.get(column), int | float)]
            assert not [value for value in values if 1 <= value <= 5], (name, column)


def test_each_chart_says_what_it_finds(answer: Profile) -> None:
    charts = answer.charts()
    assert len(charts) == 19
    for name, chart in charts.items():
        assert chart.title.text, name
        assert len(chart.description) > 60, name
    assert "307 children looked after" in " ".join(charts["children_by_year"].title.text)


def test_a_region_hides_what_an_authority_gives_away(region: Records) -> None:
    """One authority's number is the region's less the other's, so a small one hides another beside it."""
    shown = published(profile(region.as_of("2018-03-31")).tables())["age_by_kind"]
    wide = shown.assign(children=shown["children"].astype(str)).pivot(
        index=["year", "age_band", "kind"], columns="authority", values="children"
    )
    hidden = wide.eq(HIDDEN).sum(axis=1)
    assert (hidden > 1).any()
    assert not (hidden == 1).any()


def test_the_summary_and_the_sentences_hold_no_identifier(answer: Profile, sample_records: Records) -> None:
    text = repr(answer) + answer._repr_html_()
    assert "SYN0" not in text
    assert "307 children" in text
    assert not any(child in text for child in sample_records.children["child_id"].head(50))
