"""The geometry of the Sankey chart: widths add up at both ends, nothing overlaps, and what is thin is not lost."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sufficiency.figures.ribbons import GAP, LEFT, RIGHT, Ribbons, outlines, ribbons

LEFTS, RIGHTS = ("a", "b", "c"), ("a", "b", "out")
HEIGHT = 300.0
ENDS = ((LEFT, "from"), (RIGHT, "to"))

flow_tables = st.dictionaries(
    st.tuples(st.sampled_from(LEFTS), st.sampled_from(RIGHTS)), st.integers(0, 400), min_size=1
).map(lambda moves: pd.DataFrame([(*pair, count) for pair, count in moves.items()], columns=["from", "to", "moves"]))


def placed(flows: pd.DataFrame, least: float = 10.0) -> Ribbons:
    return ribbons(flows, lefts=LEFTS, rights=RIGHTS, height=HEIGHT, least=least)


def widths(rows: pd.DataFrame, prefix: str = "") -> pd.Series:
    return rows[f"{prefix}bottom"] - rows[f"{prefix}top"]


@settings(max_examples=25, deadline=None)
@given(flow_tables)
def test_widths_add_up_at_both_ends(flows: pd.DataFrame) -> None:
    found = placed(flows)
    for side, column in ENDS:
        nodes = found.nodes[found.nodes["side"] == side].set_index("name")
        drawn = widths(found.flows, f"{side}_").groupby(found.flows[column]).sum()
        stubs = found.stubs[found.stubs["side"] == side].set_index("name")
        both = drawn.reindex(nodes.index, fill_value=0.0) + widths(stubs).reindex(nodes.index, fill_value=0.0)
        assert np.allclose(both, widths(nodes))
        assert nodes["moves"].sum() == flows["moves"].sum()


@settings(max_examples=25, deadline=None)
@given(flow_tables)
def test_one_move_is_as_wide_everywhere(flows: pd.DataFrame) -> None:
    found = placed(flows)
    for side, _ in ENDS:
        assert np.allclose(widths(found.flows, "left_"), widths(found.flows, f"{side}_"))
    if len(found.flows):
        each = widths(found.flows, "left_") / found.flows["moves"]
        assert np.allclose(each, each.iloc[0])


@settings(max_examples=25, deadline=None)
@given(flow_tables)
def test_nodes_and_ribbons_do_not_overlap(flows: pd.DataFrame) -> None:
    found = placed(flows)
    for side, column in ENDS:
        nodes = found.nodes[found.nodes["side"] == side].sort_values("top")
        assert (nodes["top"].to_numpy()[1:] >= nodes["bottom"].to_numpy()[:-1] + GAP - 1e-9).all()
        assert nodes["bottom"].max() <= HEIGHT + 1e-9 if len(nodes) else True
        for _, rows in found.flows.sort_values(f"{side}_top").groupby(column):
            assert (rows[f"{side}_top"].to_numpy()[1:] >= rows[f"{side}_bottom"].to_numpy()[:-1] - 1e-9).all()


def test_thin_flows_are_stubs_at_both_their_nodes() -> None:
    """Of 100 + 3 moves from a, the 3 to b are too thin: they stand at the foot of a and of b."""
    found = placed(pd.DataFrame({"from": ["a", "a"], "to": ["out", "b"], "moves": [100, 3]}))
    assert found.flows[["from", "to", "moves"]].to_dict("records") == [{"from": "a", "to": "out", "moves": 100}]
    assert found.stubs[["side", "name", "moves"]].to_numpy().tolist() == [[LEFT, "a", 3], [RIGHT, "b", 3]]


def test_nodes_are_in_the_order_asked_for() -> None:
    flows = pd.DataFrame({"from": ["c", "a", "b"], "to": ["out", "b", "a"], "moves": [50, 50, 50]})
    found = placed(flows)
    assert found.nodes["name"].tolist() == ["a", "b", "c", "a", "b", "out"]


def test_a_ribbon_is_as_wide_along_its_way_as_at_its_ends() -> None:
    found = placed(pd.DataFrame({"from": ["a", "b"], "to": ["out", "a"], "moves": [60, 40]}))
    edges = outlines(found.flows, width=200.0)
    assert edges.groupby("ribbon")["x"].agg(["min", "max"]).to_numpy().tolist() == [[0, 200], [0, 200]]
    wide = (edges["bottom"] - edges["top"]).groupby(edges["ribbon"])
    assert wide.max().to_numpy() == pytest.approx(wide.min().to_numpy())
    assert wide.first().to_numpy() == pytest.approx(widths(found.flows, "left_").to_numpy())


def test_no_moves_give_no_ribbons() -> None:
    found = placed(pd.DataFrame({"from": ["a"], "to": ["b"], "moves": [0]}))
    assert found.nodes.empty
    assert found.flows.empty
    assert outlines(found.flows, 100.0).empty
