"""Sibling groups of a region by cuts from the network: their optimum, and a bound that holds for the rest."""

from __future__ import annotations

import pytest

from sufficiency.matching import entrance
from sufficiency.matching.entrance import match
from sufficiency.matching.wide_by_cuts import BY_CUTS

from . import instances


@pytest.mark.parametrize("seed", [421, 425, 426, 427])
def test_cuts_reach_the_optimum_of_the_listed_pairs_or_tell_the_gap(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    children, homes = instances.draw(seed, 45, 40)
    listed = match(children, homes, as_of=instances.AS_OF)
    monkeypatch.setattr(entrance, "WIDE", 0)
    wide = match(children, homes, as_of=instances.AS_OF)
    proof = wide.proof().set_index("objective")
    assert (proof["proven_by"] == BY_CUTS).all()
    for name in ("placed", "within_limit", "siblings_together"):
        assert wide.values[name] == proof.loc[name, "bound"] == listed.values[name]
    assert proof.loc["weekly_cost", "bound"] <= listed.values["weekly_cost"] <= wide.values["weekly_cost"]
    assert proof.loc["weekly_cost", "gap"] <= 1e-3 * listed.values["weekly_cost"]
