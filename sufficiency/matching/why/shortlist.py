"""The homes of one child from the best on, each proven to come next: by what the plan loses, equals by distance."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sufficiency.matching.instance import Instance
from sufficiency.matching.programme import programme_of
from sufficiency.matching.why.bounds import Losses
from sufficiency.matching.why.pinned import Choice, best_choice, choice_by_flow, columns_with

Place = tuple[tuple[float, ...], float]
"""What the plan loses, aim by aim, and how far the home is: homes are ranked by the two."""


def shortlist(instance: Instance, losses: Losses, child: int, left_out: int = -1) -> Iterator[Choice]:
    """Homes that a child could have, the best first; ``left_out``: number of a home that is not asked about.

    Homes whose place is not known are asked about together, as long as one of them could still come next: the best of
    them is then known, and the others lose at least as much.
    """
    _, homes = columns_with(instance, child)
    miles = miles_that_count(instance, child)
    at_least = {
        home: _at_least(instance, losses, child, home) for home in np.unique(homes).tolist() if home != left_out
    }
    known: dict[int, Choice] = {}
    tried: set[int] = set()
    programme = programme_of(instance)
    while at_least or known:
        best = min(known.values(), key=lambda choice: (choice.lost, miles[choice.home], choice.home), default=None)
        if best is None:
            open_ = list(at_least)
        else:
            place: Place = (best.lost, miles[best.home])
            open_ = [home for home, least in at_least.items() if (least, miles[home]) < place]
        if best is not None and not open_:
            yield known.pop(best.home)
            continue
        first = min(open_, key=lambda home: (at_least[home], miles[home], home))
        if first not in tried:
            tried.add(first)
            shown = choice_by_flow(instance, programme, losses, child, first)
            if shown is not None and tuple(map(float, shown.lost)) == at_least[first]:
                known[first] = shown
                del at_least[first]
                continue
        where = np.zeros(len(instance.homes), dtype=bool)
        where[open_] = True
        found = best_choice(instance, losses, child, where)
        for home in open_:
            if found is None or home == found.home:
                del at_least[home]
            else:
                at_least[home] = max(at_least[home], tuple(map(float, found.lost)))
        if found is not None:
            known[found.home] = found


def _at_least(instance: Instance, losses: Losses, child: int, home: int) -> tuple[float, ...]:
    """What the plan loses at least with the child in the home, to be compared in order: after it nothing is known."""
    mine, homes = columns_with(instance, child)
    bounds = []
    for column in mine[homes == home]:
        level, aims = int(losses.level[column]), len(instance.objectives)
        after = [float(losses.least[column]), *[-np.inf] * (aims - level - 1)] if level < aims else []
        bounds.append((*[0.0] * level, *after))
    return min(bounds)


def miles_that_count(instance: Instance, child: int) -> np.ndarray:
    """Miles to each home, one of unknown place last; all alike where distance is no measure for the child."""
    miles = np.nan_to_num(instance.miles_of(child), nan=np.inf)
    return np.zeros(len(miles)) if instance.children["distance_exempt"].iloc[child] else miles
