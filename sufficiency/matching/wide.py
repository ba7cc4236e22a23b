"""All pairs of a region or of England, without a list of them.

Pairs within the limit are found by a tree in space and kept as plain numbers. Beyond it only the class of approval and
the price of a home matter, so those pairs are never listed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sufficiency.matching.approval import Classes, classes_of
from sufficiency.matching.instance import Instance
from sufficiency.matching.near import pairs_within
from sufficiency.matching.pair_figures import degrees_of, limits_of, pence_of_pairs, pounds_of_pairs
from sufficiency.vocabulary import NEEDS_LEVELS

Pairs = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class Wide:
    """All pairs of a large problem without a list of them. ``near``: child and home of those within the limit, in
    order; ``pence`` (needs level − 1 × homes): price of each home, infinite where there is none; ``room``: homes that
    could take a child, and that could take one who must be alone; ``forbidden``: pairs that a child's own list or a
    person rules out, as child × homes + home."""

    instance: Instance
    classes: Classes
    near: Pairs
    pence: np.ndarray
    room: tuple[np.ndarray, np.ndarray]
    forbidden: np.ndarray

    def allowed(self, who: np.ndarray, where: np.ndarray) -> np.ndarray:
        """True for the pairs that the rules allow and that the home could ever have a place for."""
        classes, solo = self.classes, self.instance.solo
        keep = classes.suits[classes.child[who], classes.home[where]]
        keep &= np.where(solo[who], self.room[1][where], self.room[0][where])
        return keep & ~self.is_forbidden(who, where)

    def is_forbidden(self, who: np.ndarray, where: np.ndarray) -> np.ndarray:
        """True for the pairs that a child's own list or a person rules out."""
        answer = np.zeros(len(who), dtype=bool)
        homes = len(self.instance.homes)
        if len(self.forbidden):
            some = np.flatnonzero(np.isin(who, np.unique(self.forbidden // homes)))
            answer[some] = np.isin(who[some].astype(np.int64) * homes + where[some], self.forbidden)
        return answer


def wide_of(bare: Instance) -> Wide:
    """The pairs of an instance that lists none."""
    children, homes = bare.children, bare.homes
    capacity, solo_room = bare.offered + bare.leavers, bare.offered
    forbidden = np.union1d(bare.ruled_out, _to_avoid(bare))
    classes = classes_of(children, homes, bare.as_of)
    pence = np.stack([_price_at(bare, classes, level) for level in NEEDS_LEVELS])
    nothing = np.zeros(0, dtype=np.int64)
    wide = Wide(
        bare,
        classes_of(children, homes, bare.as_of),
        (nothing, nothing),
        pence,
        (capacity >= 1, solo_room >= 1),
        forbidden,
    )
    return replace(wide, near=_near(wide))


def _price_at(bare: Instance, classes: Classes, level: int) -> np.ndarray:
    """Pence a week of every home for a child of one needs level; 0 for homes that no such child may live in.

    Raises :class:`~sufficiency.errors.InputError` where such a child may live in a home that has no price.
    """
    children, homes, every = bare.children, bare.homes, np.arange(len(bare.homes))
    like = np.flatnonzero(children["needs_level"].to_numpy(dtype=int) == level)
    if len(like) == 0:
        return np.zeros(len(every), dtype=np.int64)
    one = np.full(len(every), like[0])
    pounds = pounds_of_pairs(children, homes, one, every, bare.prices, bare.as_of)
    used = classes.suits[np.unique(classes.child[like])].any(axis=0)[classes.home] & (bare.offered + bare.leavers >= 1)
    if len(unpriced := every[used & np.isnan(pounds)]):
        pence_of_pairs(children, homes, one[unpriced], unpriced, bare.prices, bare.as_of, bare.home_rows)
    return np.rint(np.nan_to_num(pounds) * 100).astype(np.int64)


def _to_avoid(bare: Instance) -> np.ndarray:
    """Pairs on the children's own lists of homes to avoid."""
    number = {str(name): at for at, name in enumerate(bare.homes["home_id"])}
    lists = bare.children["avoid_homes"].to_numpy(dtype=object)
    keys = [
        child * len(number) + number[name]
        for child, names in enumerate(lists)
        for name in names or ()
        if name in number
    ]
    return np.array(keys, dtype=np.int64)


def _near(wide: Wide) -> Pairs:
    """Allowed pairs within the limit; none for a child to whom distance is no measure."""
    bare = wide.instance
    counted = ~bare.children["distance_exempt"].to_numpy(dtype=bool)
    limits = np.where(counted, limits_of(bare.children, bare.limit_miles), -1.0)
    points = degrees_of(bare.children, "home_")
    return pairs_within(points, degrees_of(bare.homes), limits, wide.allowed)
