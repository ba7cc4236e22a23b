"""The registers agree with one another, with the returns and with the data contract."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sufficiency.calendar import age_in_years, days
from sufficiency.records.registers import check_register, check_registers_together
from sufficiency.records.tables import read_table
from sufficiency.vocabulary import placement_kind

AS_OF = pd.Timestamp(2025, 3, 31)


def register(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv")


def stock(folder: Path) -> pd.DataFrame:
    """Open episodes of the last return, by child, with ``kind``; a child on a temporary move keeps no kind here."""
    rows = pd.read_csv(folder / "returns" / "2025" / "episodes.csv", dtype=str)
    rows = rows[rows["DEC"].isna() & ~rows["LS"].isin(["V3", "V4"])]
    return rows.assign(kind=placement_kind(rows["PLACE"], rows["PLACE_PROVIDER"])).set_index("CHILD")


@pytest.mark.parametrize("name", ["children", "homes", "carers", "prices", "population"])
def test_register_keeps_the_contract(sample: Path, name: str) -> None:
    _, faults = check_register(name, read_table(sample / f"{name}.csv"), f"{name}.csv")
    assert faults == []


def test_one_row_for_each_child_looked_after(sample: Path) -> None:
    children = register(sample, "children")
    assert sorted(children["child_id"]) == sorted(stock(sample).index)


def test_children_live_in_homes_of_their_kind_at_the_postcode_of_the_return(sample: Path) -> None:
    children, homes, returns = (register(sample, "children"), register(sample, "homes"), stock(sample))
    lives = children.dropna(subset=["current_home_id"]).merge(homes, left_on="current_home_id", right_on="home_id")
    held = returns.loc[lives["child_id"]]
    lasting = ~held["PLACE"].str.startswith("T").to_numpy()
    assert (lives["kind"].to_numpy()[lasting] == held["kind"].to_numpy()[lasting]).all()
    same = [there.startswith(sent) for there, sent in zip(lives["postcode"], held["PL_POST"], strict=True)]
    assert pd.Series(same)[lasting].all()


def test_every_child_fostered_in_house_is_settled_in_a_household(sample: Path) -> None:
    children, returns = register(sample, "children").set_index("child_id"), stock(sample)
    own = children.loc[returns.index[returns["kind"] == "in_house_fostering"]]
    assert len(own) >= 48
    assert own["current_home_id"].str.fullmatch(r"H\d{3}").all()
    assert set(own["status"]) == {"settled"}


def test_nobody_lives_where_there_is_no_place(sample: Path) -> None:
    children, homes = register(sample, "children"), register(sample, "homes").set_index("home_id")
    ours = children["current_home_id"].value_counts().reindex(homes.index, fill_value=0)
    assert homes["places_free"].between(0, homes["places"]).all()
    assert (ours <= homes["places"] - homes["places_free"]).all()


def test_homes_are_approved_for_the_children_in_them(sample: Path) -> None:
    children, homes = register(sample, "children"), register(sample, "homes")
    lives = children.merge(homes, left_on="current_home_id", right_on="home_id", suffixes=("", "_home"))
    age = age_in_years(days(pd.to_datetime(lives["date_of_birth"])), np.datetime64(AS_OF, "D"))
    assert pd.Series(age).between(lives["min_age"], lives["max_age"]).all()
    assert (lives["needs_level"] <= lives["max_needs_level"]).all()
    assert ((lives["sex_home"] == "any") | (lives["sex_home"] == lives["sex"])).all()


def test_in_house_households_are_the_same_in_both_registers(sample: Path) -> None:
    homes, carers = register(sample, "homes"), register(sample, "carers")
    own = homes[homes["kind"] == "in_house_fostering"].set_index("home_id")
    open_ones = carers[carers["approved_on"].notna() & carers["left_on"].isna()].set_index("household_id")
    assert set(open_ones.index) == set(own.index)
    assert (open_ones.loc[own.index, "places"] == own["places"]).all()
    assert own["weekly_cost"].isna().all()
    assert carers["household_id"].is_unique


def test_carers_move_forward_through_the_pipeline(sample: Path) -> None:
    carers = register(sample, "carers")
    steps = [pd.to_datetime(carers[name]) for name in ("enquired_on", "applied_on", "approved_on", "left_on")]
    for earlier, later in pairwise(steps):
        both = earlier.notna() & later.notna()
        assert (earlier[both] < later[both]).all()
    recent = steps[0] >= "2022-04-01"
    assert 130 * 3 <= recent.sum() <= 300 * 3
    assert 0.08 <= steps[1][recent].notna().sum() / recent.sum() <= 0.16


def test_who_waits_for_a_home_is_about_as_many_as_an_authority_has(sample: Path) -> None:
    children = register(sample, "children")
    counts = children["status"].value_counts()
    assert 35 <= counts["needs_home"] <= 50
    assert 20 <= counts["step_down"] <= 30
    down = children[children["status"] == "step_down"]
    assert down["current_home_id"].str.startswith("R").all()
    for column in ("max_miles", "distance_exempt", "avoid_homes", "solo", "allowed_kinds"):
        assert children[column].notna().any()


def test_brothers_and_sisters_share_the_home_they_come_from(sample: Path) -> None:
    groups = register(sample, "children").dropna(subset=["sibling_group"]).groupby("sibling_group")
    assert (groups.size() >= 2).all()
    assert (groups["home_postcode"].nunique() == 1).mean() > 0.95
    assert not register(sample, "children").dropna(subset=["sibling_group"])["solo"].notna().any()


def test_registers_hold_together(sample: Path) -> None:
    children, _ = check_register("children", read_table(sample / "children.csv"), "children.csv")
    homes, _ = check_register("homes", read_table(sample / "homes.csv"), "homes.csv")
    assert check_registers_together(children, homes) == []


def test_every_kind_has_a_price_and_every_variant_its_years(sample: Path) -> None:
    prices, people = register(sample, "prices"), register(sample, "population")
    assert prices["kind"].nunique() == 9
    assert prices["source"].str.len().gt(20).all()
    sizes = people.groupby("variant").size()
    assert sizes.to_dict() == {"high": 20 * 18, "low": 20 * 18, "principal": 20 * 18}
    last = people[people["year"] == 2031].groupby("variant")["population"].sum()
    assert last["low"] < last["principal"] < last["high"]
