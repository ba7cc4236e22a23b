"""Small siting problems with practice options drawn from a seed, and the best of every choice, tried one by one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pandas as pd

from tests.matching import varied
from tests.matching.instances import AS_OF, HOME_COLUMNS
from tests.matching.oracle import Options, best_values

KINDS = ("in_house_fostering", "residential", "supported", "ifa", "kinship")


@dataclass(frozen=True)
class Drawn:
    """A problem: children by ``path``, homes, candidates, budget [£], limit [miles], options for all paths."""

    children: pd.DataFrame
    homes: pd.DataFrame
    candidates: pd.DataFrame
    budget: float
    limit: float
    options: Options


def draw(seed: int) -> Drawn:
    """Two paths or one with every odd case of the contract, and options of practice; pins are the first path's."""
    rng = np.random.default_rng([seed, 9])
    number = int(rng.integers(2, 8))
    children, homes, limit = varied.draw(seed, int(rng.integers(4, 11)), number)
    options = replace(varied.draw_options(seed, children, homes), scores=None)
    pools = [children.assign(path=0)]
    if rng.random() < 0.6:
        others = varied.draw(seed + 5000, int(rng.integers(3, 9)), number)[0].assign(path=1, current_home_id="")
        others = others.assign(child_id="other " + others["child_id"].astype(str))
        pools.append(others.assign(status=others["status"].replace("step_down", "needs_home")))
    candidates = varied.draw(seed + 777, 3, int(rng.integers(1, 4)))[1]
    count = len(candidates)
    candidates = candidates.drop(columns=["registered", "open_from", "open_to"]).assign(
        home_id=[f"K{position}" for position in range(count)],
        kind=rng.choice(KINDS, count),
        places=[str(max(1, int(places))) for places in candidates["places"]],
        latitude=[value or "51.5" for value in candidates["latitude"]],
        longitude=[value or "-1.8" for value in candidates["longitude"]],
        weekly_cost=[value or "700" for value in candidates["weekly_cost"]],
        postcode="",
        opening_cost=rng.integers(1, 50, count) * 100,
        at_most=rng.choice([1, 1, 2], count),
    )
    if rng.random() < 0.3:
        named = pd.DataFrame({"child_id": [children["child_id"].iloc[0]], "home_id": "K0", "decision": "rule_out"})
        options = replace(options, fixed=pd.concat([options.fixed, named], ignore_index=True))
    return Drawn(
        pd.concat(pools, ignore_index=True), homes, candidates, float(rng.integers(0, 80) * 100), limit, options
    )


def best_by_trying(drawn: Drawn, aims: tuple[str, ...]) -> tuple[int, ...]:
    """Totals of the aims over the paths of the best choice; each choice matched by the independent programme.

    A year of 52 weeks; ``cost`` in pence, as a negative.
    """
    names = tuple(aim.replace("cost", "weekly_cost") for aim in aims)
    best: tuple[int, ...] = ()
    spend = drawn.candidates["opening_cost"].to_numpy()
    for choice in product(*(range(most + 1) for most in drawn.candidates["at_most"])):
        spent = int(spend @ choice)
        if spent > drawn.budget:
            continue
        copies = drawn.candidates.loc[drawn.candidates.index.repeat(choice)]
        copies = copies.assign(registered="", open_from="", open_to="", of=copies["home_id"])
        copies["home_id"] = [f"{name}/{copy}" for copy, name in enumerate(copies["home_id"])]
        everywhere = pd.concat([drawn.homes, copies.assign(places_free=copies["places"])[HOME_COLUMNS]])
        totals = np.zeros(len(names), dtype=object)
        for _, pool in drawn.children.groupby("path"):
            options = _in_path(drawn.options, pool, copies)
            ask = {"as_of": AS_OF.date(), "limit_miles": drawn.limit, "objectives": names, "options": options}
            values = best_values(pool, everywhere.reset_index(drop=True), **ask)
            totals += np.array([values[name] for name in names], dtype=object)
        cost = -52 * int(totals[-1]) - 100 * spent * drawn.children["path"].nunique()
        best = max(best, (*(int(total) for total in totals[:-1]), cost))
    return best


def _in_path(options: Options, pool: pd.DataFrame, copies: pd.DataFrame) -> Options:
    """The options for one pool, what is said of a candidate said of each of its copies."""
    groups = set(pool["sibling_group"])
    fixed, homes = options.fixed, options.parent_and_child_homes
    if fixed is not None:
        of_copies = fixed.merge(copies[["home_id", "of"]], left_on="home_id", right_on="of", suffixes=("_", ""))
        fixed = pd.concat(
            [fixed[~fixed["home_id"].str.startswith("K")], of_copies[["child_id", "home_id", "decision"]]]
        )
        fixed = fixed[fixed["child_id"].isin(pool["child_id"])].reset_index(drop=True)
    never_split = options.never_split
    return replace(
        options,
        never_split=never_split if never_split == "all" else tuple(name for name in never_split if name in groups),
        parent_and_child=tuple(name for name in options.parent_and_child if name in groups),
        parent_and_child_homes=homes,
        fixed=fixed,
    )
