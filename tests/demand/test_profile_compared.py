"""The comparison with published figures: the layouts that are read, and the message for one that is not."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from sufficiency import InputError, Records, profile
from sufficiency.demand.profile import read_published

PLACE = (
    "time_period,time_identifier,geographic_level,country_code,country_name,region_code,region_name,old_la_code,"
    "la_name,new_la_code"
)
ENGLAND = "2025,Reporting year,National,E92000001,England,,,,,"
SOUTH_WEST = "2025,Reporting year,Regional,E92000001,England,E12000009,South West,,,"
SWINDON = "2025,Reporting year,Local authority,E92000001,England,E12000009,South West,866,Swindon,E06000030"
WILTSHIRE = "2025,Reporting year,Local authority,E92000001,England,E12000009,South West,865,Wiltshire,E06000054"
LEEDS = "2025,Reporting year,Local authority,E92000001,England,E12000003,Yorkshire and The Humber,383,Leeds,E08000035"


def written(tmp_path: Path, header: str, *rows: str) -> Path:
    path = tmp_path / "published.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def value(table: pd.DataFrame, area: str, measure: str, year: int = 2025) -> float:
    rows = table[(table["area"] == area) & (table["measure"] == measure) & (table["year"] == year)]
    assert len(rows) == 1, (area, measure)
    return float(rows["value"].iloc[0])


def test_a_tidy_file(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "Area,Year,Measure,Value",
        "England,2025,rate,67",
        "Wiltshire,2025,rate,c",
        "England,2025,dentists,0.8",
    )
    table = read_published(path)
    assert value(table, "England", "rate") == 67
    assert pd.isna(value(table, "Wiltshire", "rate"))


def test_numbers_and_rates_as_dfe_publishes_them_from_2025(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        f"{PLACE},population_type,population_estimate,children_count,rate_per_10000",
        f"{ENGLAND},Children looked after on 31 March each year,12183016,81770,67",
        f"{ENGLAND},Children starting to be looked after each year,12183016,32270,26",
        f"{SWINDON},Children ceasing to be looked after each year,54244,125,23",
        f"{SOUTH_WEST},Children looked after on 31 March each year,1109000,6600,60",
    )
    table = read_published(path)
    assert (value(table, "England", "looked_after"), value(table, "England", "rate")) == (81770, 67)
    assert value(table, "England", "started_rate") == 26
    assert value(table, "Swindon", "ceased") == 125
    assert value(table, "South West", "rate") == 60


@pytest.mark.parametrize(
    "names",
    ["characteristic,breakdown,children_count,children_percent", "cla_group,characteristic,number,percentage"],
)
def test_characteristics_on_31_march_in_both_layouts(tmp_path: Path, names: str) -> None:
    path = written(
        tmp_path,
        f"{PLACE},{names}",
        f"{ENGLAND},Age group,10 to 15 years,31000,38",
        f"{ENGLAND},Age group,Total,81770,100",
        f"{ENGLAND},Placement,Foster placements,54000,66",
        f"{ENGLAND},Category of need,N1. Abuse or neglect,52000,64",
        f"{SWINDON},Distance between home and placement,Placed more than 20 miles from home,114,37",
        f"{SWINDON},Locality of placement,Placed inside the local authority boundary,c,c",
    )
    table = read_published(path)
    assert value(table, "England", "aged_10_to_15") == pytest.approx(0.38)
    assert value(table, "England", "looked_after") == 81770
    assert value(table, "England", "fostered") == pytest.approx(0.66)
    assert value(table, "England", "need_abuse_or_neglect") == pytest.approx(0.64)
    assert value(table, "Swindon", "over_20_miles") == pytest.approx(0.37)
    assert pd.isna(value(table, "Swindon", "inside_area"))


def test_characteristics_of_starters_give_their_number_and_no_share(tmp_path: Path) -> None:
    """Its categories of need are of those who started, not of those looked after."""
    path = written(
        tmp_path,
        f"{PLACE},characteristic,breakdown,children_count,children_percent",
        f"{ENGLAND},Age on starting,Total,32270,100",
        f"{ENGLAND},Category of need,N1. Abuse or neglect,18000,56",
    )
    table = read_published(path)
    assert table["measure"].tolist() == ["started"]


def test_stability_and_years_of_two_parts(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        f"{PLACE},cla_group,placement_stability,children_count,children_percent",
        f"{ENGLAND},CLA on 31 March,With 3 or more placements during the year,8000,10",
        f"{ENGLAND.replace('2025', '202425')},CLA under 16,Living with the same carer for at least 2 years,19680,69",
    )
    table = read_published(path)
    assert value(table, "England", "three_or_more_placements") == pytest.approx(0.1)
    assert value(table, "England", "same_placement_two_years") == pytest.approx(0.69)


def test_own_figures_stand_first_beside_england_and_neighbours(sample_records: Records, tmp_path: Path) -> None:
    path = written(
        tmp_path,
        f"{PLACE},population_type,population_estimate,children_count,rate_per_10000",
        *(
            f"{place},Children looked after on 31 March each year,1,{number},{rate}"
            for place, number, rate in ((ENGLAND, 81770, 67), (SWINDON, 307, 57), (WILTSHIRE, 500, 48))
        ),
    )
    answer = profile(sample_records, published=path)
    table = answer.tables()["against_published"]
    assert table.columns.tolist() == ["year", "area", "measure", "value", "unit"]
    assert table.loc[0, "area"] == "Sample Borough"
    assert value(table, "Sample Borough", "rate") == pytest.approx(307 / 54244 * 10_000)
    assert value(table, "Swindon", "looked_after") == 307
    assert set(table["unit"]) == {"children", "per 10,000"}
    title = " ".join(answer.chart("against_published").title.text)
    assert title == "57 children looked after per 10,000 in 2025, against 67 in England"


def test_of_a_national_file_the_own_region_stays(sample_records: Records, tmp_path: Path) -> None:
    """The sample's homes lie in Swindon (E06000030), so its neighbours are those of the South West."""
    far = [
        LEEDS.replace("Leeds", f"Elsewhere {number}").replace("E08000035", f"E9{number:07d}") for number in range(20)
    ]
    rows = [
        f"{place},Children looked after on 31 March each year,1,400,60"
        for place in (ENGLAND, SOUTH_WEST, SWINDON, WILTSHIRE, *far)
    ]
    path = written(tmp_path, f"{PLACE},population_type,population_estimate,children_count,rate_per_10000", *rows)
    areas = set(profile(sample_records, published=path).tables()["against_published"]["area"])
    assert areas == {"Sample Borough", "England", "South West", "Swindon", "Wiltshire"}


def test_a_hidden_own_figure_is_hidden_in_the_comparison(few: Records) -> None:
    tidy = pd.DataFrame({"area": ["England"], "year": [2024], "measure": ["looked_after"], "value": [83630]})
    answer = profile(few, published=tidy)
    own = answer.tables()["against_published"].query("area != 'England'")
    assert own["value"].tolist() == [2.0]
    shown = answer.published_tables()["against_published"].query("area != 'England'")
    assert shown["value"].isna().all()


def test_an_unknown_layout_is_one_message_with_file_and_columns(tmp_path: Path) -> None:
    path = written(tmp_path, "council,when,what,how_many", "Swindon,2025,children,307")
    with pytest.raises(InputError) as error:
        read_published(path)
    assert len(error.value.faults) == 1
    text = str(error.value)
    assert "published.csv" in text
    assert "council, when, what, how_many" in text
    assert "area, year, measure, value" in text


def test_bad_cells_of_a_tidy_file_are_told_with_their_rows(tmp_path: Path) -> None:
    path = written(
        tmp_path, "area,year,measure,value", "England,2025,rate,67", "England,soon,rate,lots", ",2025,rate,3"
    )
    with pytest.raises(InputError) as error:
        read_published(path)
    assert {(fault.column, fault.rows) for fault in error.value.faults} == {
        ("year", (3,)),
        ("value", (3,)),
        ("area, measure", (4,)),
    }


def test_a_missing_file_is_the_users_fault(few: Records, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.csv"):
        profile(few, published=tmp_path / "nowhere.csv")
