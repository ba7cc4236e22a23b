"""The geometry of a Sankey chart: nodes on two sides, and between them ribbons whose widths are the counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

GAP: Final = 13.0
"""Room between two nodes, so that the label of a thin one keeps clear of the next [pixels]."""
POINTS: Final = 25
"""Points along the edge of a ribbon."""
LEFT: Final = "left"
RIGHT: Final = "right"
ENDS: Final = {LEFT: "from", RIGHT: "to"}


@dataclass(frozen=True)
class Ribbons:
    """Where everything stands, in pixels down from the top; one pixel means the same count everywhere.

    ``nodes``: ``side`` (left, right) ``name`` ``moves`` ``top`` ``bottom``. ``flows``: ``from`` ``to`` ``moves`` and
    ``left_top`` ``left_bottom`` ``right_top`` ``right_bottom``. ``stubs``: what is too thin to be drawn one by one,
    together at the foot of its node: ``side`` ``name`` ``moves`` ``top`` ``bottom``.
    """

    nodes: pd.DataFrame
    flows: pd.DataFrame
    stubs: pd.DataFrame


def ribbons(
    flows: pd.DataFrame, *, lefts: Sequence[str], rights: Sequence[str], height: float, least: float
) -> Ribbons:
    """Place the flows (``from`` ``to`` ``moves``, each pair once) between nodes in the given orders.

    A flow of fewer than ``least`` moves gets no ribbon of its own: it is part of the stubs at both its nodes.
    """
    known = flows[flows["from"].isin(lefts) & flows["to"].isin(rights) & (flows["moves"] > 0)].astype({"moves": float})
    orders = {LEFT: [name for name in lefts if name in set(known["from"])]}
    orders[RIGHT] = [name for name in rights if name in set(known["to"])]
    gaps = GAP * max(len(orders[LEFT]) - 1, len(orders[RIGHT]) - 1, 0)
    scale = (height - gaps) / known["moves"].sum() if len(known) else 0.0
    nodes = pd.concat([_nodes(known, side, orders[side], scale) for side in ENDS], ignore_index=True)
    place = [known[column].map({name: number for number, name in enumerate(orders[side])}) for side, column in
             ENDS.items()]  # fmt: skip
    ordered = known.assign(left_place=place[0], right_place=place[1]).sort_values(["left_place", "right_place"])
    thick = ordered[ordered["moves"] >= least]
    for side in ENDS:
        thick = _attached(thick, side, nodes, scale)
    columns = ["from", "to", "moves", *(f"{side}_{edge}" for side in ENDS for edge in ("top", "bottom"))]
    drawn = thick.sort_values(["left_place", "right_place"])[columns].reset_index(drop=True)
    return Ribbons(nodes, drawn, _stubs(nodes, drawn, scale))


def _nodes(flows: pd.DataFrame, side: str, order: Sequence[str], scale: float) -> pd.DataFrame:
    moves = flows.groupby(ENDS[side])["moves"].sum().reindex(list(order))
    bottom = moves.cumsum() * scale + GAP * np.arange(len(order))
    return pd.DataFrame(
        {"side": side, "name": list(order), "moves": moves.to_numpy(), "top": (bottom - moves * scale).to_numpy(),
         "bottom": bottom.to_numpy()}
    )  # fmt: skip


def _attached(flows: pd.DataFrame, side: str, nodes: pd.DataFrame, scale: float) -> pd.DataFrame:
    """Flows with the edges of their ends at the nodes of a side, one below the other in the order of the other side."""
    other = RIGHT if side == LEFT else LEFT
    ordered = flows.sort_values([f"{side}_place", f"{other}_place"])
    start = ordered[ENDS[side]].map(nodes[nodes["side"] == side].set_index("name")["top"]).astype(float)
    bottom = start + ordered.groupby(ENDS[side])["moves"].cumsum() * scale
    return ordered.assign(**{f"{side}_top": bottom - ordered["moves"] * scale, f"{side}_bottom": bottom})


def _stubs(nodes: pd.DataFrame, drawn: pd.DataFrame, scale: float) -> pd.DataFrame:
    """What of each node no ribbon carries, at the node's foot."""
    carried = [
        nodes.loc[nodes["side"] == side, "name"].map(drawn.groupby(column)["moves"].sum())
        for side, column in ENDS.items()
    ]
    left = nodes["moves"] - pd.concat(carried).reindex(nodes.index).astype(float).fillna(0.0)
    stubs = nodes.assign(moves=left, top=nodes["bottom"] - left * scale)
    return stubs[left > 0].reset_index(drop=True)


def outlines(flows: pd.DataFrame, width: float) -> pd.DataFrame:
    """Points along each ribbon from left (0) to right (``width``): ``ribbon`` (row) ``from`` ``x`` ``top`` ``bottom``.

    Both edges run along the same curve, level at both ends, so the ribbon is as wide everywhere as at its ends.
    """
    along = np.linspace(0.0, 1.0, POINTS)
    bend = along**2 * (3 - 2 * along)
    parts = [
        pd.DataFrame(
            {
                "ribbon": number,
                "from": row["from"],
                "x": along * width,
                "top": row["left_top"] + (row["right_top"] - row["left_top"]) * bend,
                "bottom": row["left_bottom"] + (row["right_bottom"] - row["left_bottom"]) * bend,
            }
        )
        for number, row in enumerate(flows.to_dict("records"))
    ]
    empty = pd.DataFrame(columns=["ribbon", "from", "x", "top", "bottom"])
    return pd.concat(parts, ignore_index=True) if parts else empty
