"""Own carers, brothers and sisters, and why a placement was bought: by hand, and held against an outlook's stays."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sufficiency import Outlook
from sufficiency.answers import bought, in_house, siblings
from sufficiency.answers.bought import WHY
from sufficiency.answers.places_then import EveryPath
from sufficiency.placing import Stays
from sufficiency.placing.stays import BOUGHT, OPENED
from sufficiency.vocabulary import KINDS

IN_HOUSE, IFA, RESIDENTIAL, KINSHIP = (
    KINDS.index(kind) for kind in ("in_house_fostering", "ifa", "residential", "kinship")
)
DATES = pd.DatetimeIndex([pd.Timestamp("2025-03-31") + pd.DateOffset(months=month) for month in range(13)])


def stays_of(rows: list[tuple[int, int, int, str, int, int, float]]) -> Stays:
    """Stays of one path from ``child kind home opened first last miles``."""
    child, kind, home, opened, first, last, miles = (np.array(column) for column in zip(*rows, strict=True))
    return Stays(
        path=np.zeros(len(rows), dtype=int),
        child=child,
        kind=kind,
        home=home,
        level=np.ones(len(rows), dtype=int),
        miles=miles,
        within=np.ones(len(rows), dtype=int),
        weekly_cost=np.ones(len(rows)),
        opened=np.array([OPENED.index(why) for why in opened]),
        first=first,
        last=last,
    )


def means(table: pd.DataFrame) -> dict[str, float]:
    return dict(zip(table["measure"], table["mean"], strict=True))


def test_in_house_shares_by_hand() -> None:
    """At the year's end one child each in-house, with an agency, in kinship care and in a children's home; another
    stepped down in month 5 and left in month 7."""
    stays = stays_of(
        [
            (0, IN_HOUSE, 1, "now", 0, 13, 5.0),
            (1, IFA, BOUGHT, "now", 0, 13, 5.0),
            (2, KINSHIP, BOUGHT, "now", 0, 13, 5.0),
            (3, RESIDENTIAL, BOUGHT, "now", 0, 13, 5.0),
            (4, RESIDENTIAL, BOUGHT, "now", 0, 5, 5.0),
            (4, IN_HOUSE, 2, "stepped_down", 5, 7, 5.0),
        ]
    )
    found = means(in_house(stays, DATES, 1))
    assert found["in_house_children"] == 1
    assert found["in_house_share_of_all_fostering"] == pytest.approx(1 / 3)
    assert found["in_house_share_of_all_children"] == 0.25
    assert found["own_carers_share_of_all_children"] == 0.5
    assert found["residential_children"] == found["stepped_down_in_year"] == 1


def test_siblings_by_hand() -> None:
    """Five pairs: in one household; in two; in one placement bought; in two bought; bought at unknown distances. A
    sixth group has only one child who came into care."""
    stays = stays_of(
        [
            (0, IN_HOUSE, 7, "started", 2, 13, 5.0),
            (1, IN_HOUSE, 7, "started", 2, 13, 5.0),
            (2, IN_HOUSE, 7, "started", 3, 13, 5.0),
            (3, IN_HOUSE, 8, "started", 3, 13, 5.0),
            (4, IFA, BOUGHT, "started", 4, 13, 31.5),
            (5, IFA, BOUGHT, "started", 4, 13, 31.5),
            (6, IFA, BOUGHT, "started", 4, 13, 12.0),
            (7, RESIDENTIAL, BOUGHT, "started", 4, 13, 44.0),
            (8, IFA, BOUGHT, "started", 5, 13, np.nan),
            (9, IFA, BOUGHT, "started", 5, 13, np.nan),
            (10, IFA, 3, "started", 5, 13, 2.0),
        ]
    )
    found = means(siblings(stays, np.array([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5]), DATES, 1, 1))
    assert found["groups_started"] == 5
    assert found["groups_together"] == 2
    assert found["groups_not_known"] == 1
    assert found["share_of_known_groups_together"] == 0.5
    assert found["groups_all_fostered"] == 4
    assert found["share_of_known_groups_all_fostered_together"] == pytest.approx(2 / 3)
    assert found["children_with_all_siblings"] == 4


def test_every_placement_bought_has_one_reason(small_outlook: Outlook) -> None:
    table = small_outlook.bought()
    unplaced = table[table["kind"] == "all"]
    assert set(unplaced["measure"]) == {"unplaced_at_the_end"}
    assert (unplaced["mean"] == 0).all()
    table = table[table["kind"] != "all"].pivot(index=["financial_year", "kind"], columns="measure", values="mean")
    assert np.allclose(table[list(WHY)].sum(axis=1), table["bought"])
    assert table["bought"].sum() > 0
    assert (table.xs("in_house_fostering", level="kind")["no_home_of_ours"] == 0).all()


def test_a_placement_is_bought_in_no_place_of_ours(small_outlook: Outlook) -> None:
    """All but placements in households, counted from the stays alone."""
    stays, supply = small_outlook.stays, small_outlook.supply
    assert not supply.homes["council_run"].any()
    households = np.bincount(supply.households.path, minlength=supply.paths)
    fostered = (stays.opened != OPENED.index("now")) & (stays.kind == IFA) & (stays.first <= supply.months)
    assert (stays.home[fostered] >= households[stays.path[fostered]]).sum() > 0
    table = bought(stays, small_outlook.demand, supply, 20, 1)
    counted = table.query("kind == 'in_house_fostering' and measure == 'bought'")["mean"].sum()
    assert counted == pytest.approx(fostered.sum() / supply.paths)


def test_what_is_free_is_what_the_stays_leave(small_outlook: Outlook) -> None:
    stays, supply = small_outlook.stays, small_outlook.supply
    places = EveryPath(stays, supply)
    for path in range(supply.paths):
        ours = places.then(path)
        assert (ours.taken[:, 0] <= ours.usable[:, 0]).all()
        for month in (0, 12, supply.months):
            here = stays.present(month) & (stays.path == path) & (stays.kind == IN_HOUSE) & (stays.home >= 0)
            assert ours.taken[:, month].sum() >= here.sum()
        assert ours.usable.sum(axis=0).tolist() == supply.counts("usable")[path].tolist()
