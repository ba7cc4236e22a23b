"""Where to add homes: against every choice tried by an independent programme, by hand, and in relation to itself."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

import sufficiency as sf
from sufficiency.errors import InputError, SolverError
from sufficiency.matching.solve import from_pyomo, optimise
from sufficiency.records.registers import check_register
from sufficiency.siting.model import siting_model
from tests.matching.by_hand import child, home
from tests.matching.instances import AS_OF, CHILD_COLUMNS, HOME_COLUMNS, draw
from tests.matching.oracle import best_values

KINDS = ("in_house_fostering", "residential", "supported", "ifa")


def candidate(candidate_id: str, cost: int, **cells: object) -> dict[str, object]:
    """A household that could be recruited 5 miles away for ``cost`` £, once."""
    row = home(candidate_id, **cells) | {"candidate_id": candidate_id, "opening_cost": cost}
    return {name: value for name, value in row.items() if name not in ("home_id", "places_free")}


def sited(
    children: list[dict], homes: list[dict], candidates: list[dict], budget: float, **settings: object
) -> sf.Siting:
    tables = pd.DataFrame(children), pd.DataFrame(homes, columns=HOME_COLUMNS), pd.DataFrame(candidates)
    return sf.site(*tables, budget=budget, as_of=AS_OF, **settings)


def opened(siting: sf.Siting) -> dict[str, int]:
    table = siting.table()
    return {name: int(count) for name, count in zip(table["candidate_id"], table["opened"], strict=True) if count}


def drawn(seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, float]:
    """A small siting problem with every odd case of the contract: children by path, homes, candidates, a budget."""
    rng = np.random.default_rng(seed)
    number = int(rng.integers(2, 8))
    children, homes = draw(seed, int(rng.integers(4, 11)), number)
    pools = [children.assign(path=0)]
    for path in range(1, int(rng.integers(1, 4))):
        others = draw(100 * seed + path, int(rng.integers(3, 11)), number)[0].assign(path=path, current_home_id="")
        pools.append(others.assign(status=others["status"].replace("step_down", "needs_home")))
    candidates = draw(seed + 777, 3, int(rng.integers(1, 4)))[1].drop(columns=["registered", "open_from", "open_to"])
    count = len(candidates)
    candidates = candidates.assign(
        home_id=[f"K{position}" for position in range(count)],
        kind=rng.choice(KINDS, count),
        places=[str(max(1, int(places))) for places in candidates["places"]],
        opening_cost=rng.integers(1, 50, count) * 100,
        yearly_cost=rng.integers(0, 2, count) * rng.integers(0, 50, count) * 100,
        at_most=rng.choice([1, 1, 2], count),
    )
    return pd.concat(pools, ignore_index=True), homes, candidates, float(rng.integers(0, 100) * 100)


def best_by_trying(
    children: pd.DataFrame, homes: pd.DataFrame, candidates: pd.DataFrame, budget: float, aims: tuple[str, ...]
) -> tuple[int, ...]:
    """Totals of the aims over the paths of the best choice, each choice matched by the independent programme.

    A year of 52 weeks; ``cost`` in pence, as a negative.
    """
    names = tuple(aim.replace("cost", "weekly_cost") for aim in aims)
    best: tuple[int, ...] = ()
    spend = (candidates["opening_cost"] + candidates["yearly_cost"]).to_numpy()
    for choice in product(*(range(most + 1) for most in candidates["at_most"])):
        spent = int(spend @ choice)
        if spent > budget:
            continue
        copies = candidates.loc[candidates.index.repeat(choice)].assign(registered="", open_from="", open_to="")
        copies["home_id"] = [f"{name}/{copy}" for copy, name in enumerate(copies["home_id"])]
        everywhere = pd.concat([homes, copies.assign(places_free=copies["places"])[HOME_COLUMNS]], ignore_index=True)
        paths = [
            best_values(pool, everywhere, as_of=AS_OF.date(), objectives=names) for _, pool in children.groupby("path")
        ]
        totals = [sum(values[name] for values in paths) for name in names]
        best = max(best, (*totals[:-1], -52 * totals[-1] - 100 * spent * len(paths)))
    return best


AIMS = (
    ("placed", "within_limit", "cost"),
    ("within_limit", "placed", "cost"),
    ("placed", "within_limit", "siblings_together", "cost"),
)


@pytest.mark.parametrize("seed", range(15))
def test_best_of_every_choice_tried(seed: int) -> None:
    children, homes, candidates, budget = drawn(seed)
    aims = AIMS[seed % 3]
    siting = sf.site(children, homes, candidates, budget=budget, as_of=AS_OF, objectives=aims)
    assert tuple(proof.value for proof in siting.decision.proofs) == best_by_trying(
        children, homes, candidates, budget, aims
    )
    assert siting.summary()["proven_best"]
    assert siting.spend <= budget


@pytest.mark.parametrize("seed", range(40, 51))
def test_statement_and_decomposition_are_equal(seed: int) -> None:
    """The Pyomo model, solved whole, reaches the same value on every aim."""
    children, homes, candidates, budget = drawn(seed)
    siting = sf.site(children, homes, candidates, budget=budget, as_of=AS_OF, objectives=AIMS[seed % 3])
    programme, _ = from_pyomo(siting_model(siting.problem))
    assert dict(optimise(programme).values) == {proof.aim: proof.value for proof in siting.decision.proofs}


TWO = [child("a"), child("b")]
FAR = [home("far", miles=30, places="2", weekly_cost="500")]


def test_two_small_households_are_cheaper_than_one_of_two() -> None:
    """Two children 30 miles away. £20,000 recruits two households of one place near home, £30,000 one of two."""
    small, large = candidate("small", 10_000, at_most=2), candidate("large", 30_000, places="2")
    siting = sited(TWO, FAR, [small, large], 30_000)
    assert opened(siting) == {"small": 2}
    row = siting.table().set_index("candidate_id").loc["small"]
    assert (row["spend"], row["further_within_mean"], row["spend_per_further_within"]) == (20_000.0, 2.0, 10_000.0)
    assert row["saves_mean"] == -20_000 - 2 * 100 * 52
    assert (row["lives_there_mean"], row["further_placed_mean"]) == (2.0, 0.0)
    assert siting.spend_per_further_within == 10_000.0


def test_only_one_small_household_may_be_had() -> None:
    """With one of the small ones and £30,000 the large one brings both children near."""
    small, large = candidate("small", 10_000), candidate("large", 30_000, places="2")
    assert opened(sited(TWO, FAR, [small, large], 30_000)) == {"large": 1}
    assert opened(sited(TWO, FAR, [small, large], 29_999.99)) == {"small": 1}


def test_a_choice_is_for_all_paths() -> None:
    """The young household serves one child in each of three paths, the other two teenagers in one path: 3 > 2."""
    paths = [child("a", path=number) for number in range(3)]
    paths += [child(name, path=2, date_of_birth="2009-01-15") for name in "bc"]
    young = candidate("young", 10_000, places="2", max_age="10")
    older = candidate("older", 10_000, places="2", min_age="11")
    siting = sited(paths, [], [young, older], 10_000)
    assert opened(siting) == {"young": 1}
    row = siting.table().set_index("candidate_id").loc["young"]
    assert (row["further_within_mean"], row["further_within_p10"], row["further_within_p90"]) == (1.0, 1.0, 1.0)
    assert siting.summary()["aims"]["placed"]["mean_per_path"] == 1.0


def test_a_path_without_children_counts_in_the_mean() -> None:
    """One child in path 0 of four paths is a quarter of a child a path."""
    siting = sited([child("a", path=0)], [], [candidate("k", 10_000)], 10_000, paths=4)
    assert siting.summary()["aims"]["placed"]["mean_per_path"] == 0.25


def test_order_of_the_aims_is_the_users() -> None:
    """A home for two at 40 miles, or for one at 5: most placed opens the first, most near home the second."""
    both = [candidate("far", 10_000, miles=40, places="2"), candidate("near", 10_000)]
    assert opened(sited(TWO, [], both, 10_000)) == {"far": 1}
    near_first = ("within_limit", "placed", "cost")
    assert opened(sited(TWO, [], both, 10_000, objectives=near_first)) == {"near": 1}


def test_two_households_of_one_place_do_not_keep_siblings_together() -> None:
    """Two of one place for £10,000 each, or one of two for £20,000: only the second is one home for both."""
    pair = [child(name, sibling_group="S") for name in "ab"]
    both = [candidate("one", 10_000, at_most=2), candidate("two", 20_000, places="2")]
    together = ("placed", "within_limit", "siblings_together", "cost")
    assert opened(sited(pair, [], both, 20_000, objectives=together)) == {"two": 1}


def test_a_home_is_opened_when_it_saves_more_than_it_costs() -> None:
    """Nobody is brought nearer, but £400 a week less over 52 weeks is £20,800: worth £20,000, not £21,000."""
    dear = [home("dear", weekly_cost="1000")]
    assert opened(sited([child("a")], dear, [candidate("k", 20_000)], 50_000)) == {"k": 1}
    assert opened(sited([child("a")], dear, [candidate("k", 21_000)], 50_000)) == {}
    assert opened(sited([child("a")], dear, [candidate("k", 21_000)], 50_000, years=2)) == {"k": 1}


def test_yearly_cost_counts_for_every_year() -> None:
    """£4,000 once and £3,000 a year are £10,000 over two years: within that budget, and not within £9,999."""
    cells = candidate("k", 4_000) | {"yearly_cost": 3_000}
    assert opened(sited([child("a")], [], [cells], 10_000, years=2)) == {"k": 1}
    assert opened(sited([child("a")], [], [cells], 9_999, years=2)) == {}


@pytest.mark.parametrize("seed", [3, 8, 21])
def test_without_a_budget_the_plan_is_that_of_the_match(seed: int) -> None:
    children, homes, candidates, _ = drawn(seed)
    one = children[children["path"] == 0].drop(columns="path")
    siting = sf.site(one, homes, candidates, budget=0, as_of=AS_OF)
    plan = sf.match(one, homes, as_of=AS_OF, objectives=("placed", "within_limit", "weekly_cost"))
    assert opened(siting) == {}
    reached = {row.measure: row._asdict() for row in siting.against_none().itertuples(index=False)}
    for measure in ("placed", "within_limit", "weekly_cost"):
        assert reached[measure]["mean"] == 0
        assert siting.against_none().set_index("measure").loc[measure, "with"] == pytest.approx(plan.values[measure])


@pytest.mark.parametrize("seed", [5, 14, 30])
def test_more_budget_is_never_worse(seed: int) -> None:
    children, homes, candidates, _ = drawn(seed)
    found = [
        tuple(proof.value for proof in sf.site(children, homes, candidates, budget=each, as_of=AS_OF).decision.proofs)
        for each in (0, 2_000, 5_000, 20_000)
    ]
    assert found == sorted(found)


def test_names_and_order_of_candidates_change_nothing() -> None:
    children, homes, candidates, _ = drawn(12)
    turned = candidates.iloc[::-1].assign(home_id=[f"Z{number}" for number in range(len(candidates))])
    values = [
        [proof.value for proof in sf.site(children, homes, table, budget=6_000, as_of=AS_OF).decision.proofs]
        for table in (candidates, turned)
    ]
    assert values[0] == values[1]


def test_a_candidate_that_helps_nobody_changes_nothing() -> None:
    children, homes, candidates, budget = drawn(9)
    useless = candidates.iloc[[0]].assign(home_id="useless", kind="in_house_fostering", min_age="18", max_age="20")
    values = [
        [proof.value for proof in sf.site(children, homes, table, budget=budget, as_of=AS_OF).decision.proofs]
        for table in (candidates, pd.concat([candidates, useless]))
    ]
    assert values[0] == values[1]


def test_typed_registers_in_any_order_of_rows_give_the_same_answer() -> None:
    """As text or typed, with whatever index: the same proofs."""
    children, homes, candidates, budget = drawn(8)
    typed = check_register("children", children[CHILD_COLUMNS].assign(child_id=range(len(children))), "children.csv")[0]
    typed = typed.assign(path=children["path"].to_numpy()).iloc[::-1]
    tables = (children, homes, candidates), (typed, homes.iloc[::-1], candidates.iloc[::-1])
    values = [[proof.value for proof in sf.site(*each, budget=budget, as_of=AS_OF).decision.proofs] for each in tables]
    assert values[0] == values[1]


def test_held_out_paths_have_no_say() -> None:
    """Eight paths need the young household, the two held out the other one: the choice is for the eight, and the
    table says that it does nothing on the two."""
    paths = [child("a", path=number) for number in range(8)]
    paths += [child(name, path=number, date_of_birth="2009-01-15") for number in (8, 9) for name in "bcdefg"]
    young = candidate("young", 10_000, max_age="10")
    older = candidate("older", 10_000, kind="residential", places="6", min_age="11")
    siting = sited(paths, [], [young, older], 10_000)
    assert opened(siting) == {"young": 1}
    table = siting.against_none().query("measure == 'within_limit'").set_index("paths")
    assert table["mean"].to_dict() == {"chosen on": 1.0, "held out": 0.0}
    assert table["number_of_paths"].to_dict() == {"chosen on": 8, "held out": 2}
    assert siting.summary()["further_within"] == {"chosen_on": 1.0, "held_out": 0.0}
    assert siting.spend_per_further_within is None


def test_a_gap_is_stated_and_holds() -> None:
    """What is accepted at a gap is that near the optimum, which lies between its value and its bound."""
    children, homes, candidates, budget = drawn(7)
    best = sf.site(children, homes, candidates, budget=budget, as_of=AS_OF).decision.proofs
    loose = sf.site(children, homes, candidates, budget=budget, as_of=AS_OF, gap=0.5)
    proof = loose.decision.proofs[0]
    assert proof.value <= best[0].value <= proof.bound
    assert proof.gap <= 0.5
    assert loose.summary()["proven_best"] == (max(each.gap for each in loose.decision.proofs) == 0)
    assert ("Not proven best" in repr(loose)) != loose.summary()["proven_best"]


def test_too_little_time_gives_no_answer() -> None:
    children, homes, candidates, budget = drawn(7)
    with pytest.raises(SolverError, match="Raise time_limit_seconds"):
        sf.site(children, homes, candidates, budget=budget, as_of=AS_OF, time_limit_seconds=1e-6)


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"kind": "hotel"}, "not one of the words"),
        ({"kind": "secure"}, "a kind that is not matched"),
        ({"opening_cost": ""}, "no cost is given"),
        ({"opening_cost": -1}, "a cost below 0"),
        ({"opening_cost": "a lot"}, "not a number"),
        ({"at_most": 0}, "fewer than one"),
        ({"at_most": "two"}, "not a whole number"),
        ({"places": "0"}, "a home without a place"),
        ({"latitude": "", "longitude": ""}, "no place is known"),
        ({"candidate_id": "far"}, "the id is that of a home in homes.csv"),
        ({"min_age": "9", "max_age": "5"}, "min_age is above max_age"),
        ({"weekly_cost": ""}, r"candidates, column weekly_cost: weekly_cost is empty .* \(row 2\)"),
    ],
)
def test_each_fault_of_a_candidate_is_said(cells: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=says):
        sited(TWO, FAR, [candidate("k", 10_000) | cells], 10_000)


@pytest.mark.parametrize(
    ("settings", "column"),
    [
        ({"budget": -1}, "budget"),
        ({"budget": float("nan")}, "budget"),
        ({"limit_miles": -1}, "limit_miles"),
        ({"objectives": ("placed", "joy", "cost")}, "objectives"),
        ({"objectives": ("placed", "cost")}, "objectives"),
        ({"objectives": ("cost", "placed", "within_limit")}, "objectives"),
        ({"years": 0}, "years"),
        ({"gap": 1}, "gap"),
        ({"time_limit_seconds": 0}, "time_limit_seconds"),
        ({"paths": 0}, "paths"),
    ],
)
def test_each_fault_of_a_setting_is_said(settings: dict[str, object], column: str) -> None:
    with pytest.raises(InputError, match=f"siting settings, column {column}"):
        sited(TWO, FAR, [candidate("k", 10_000)], **({"budget": 10_000} | settings))


@pytest.mark.parametrize(("path", "says"), [("one", "not a whole number"), ("", "not a whole number"), ("7", "one of")])
def test_each_fault_of_a_path_is_said(path: str, says: str) -> None:
    with pytest.raises(InputError, match=rf"children.csv, column path: .*{says}.*\(row 3\)"):
        sited([child("a", path="0"), child("b", path=path)], FAR, [candidate("k", 10_000)], 10_000, paths=3)


def test_all_faults_at_once_and_no_child_named() -> None:
    people = [child("SECRET", path="x"), child("SECRET", path="0", needs_level="9")]
    with pytest.raises(InputError) as raised:
        sited(people, [home("h", places="-1")], [candidate("k", -5)], 10_000)
    codes = {fault.table for fault in raised.value.faults}
    assert codes == {"children.csv", "homes.csv", "candidates"}
    assert "SECRET" not in str(raised.value)


def test_the_same_child_twice_is_a_fault_inside_a_path_only() -> None:
    assert sited([child("a", path=0), child("a", path=1)], [], [candidate("k", 1)], 1).summary()["paths_chosen_on"] == 2
    with pytest.raises(InputError, match="comes more than once"):
        sited([child("a", path=0), child("a", path=0)], [], [candidate("k", 1)], 1)


@pytest.mark.parametrize("candidates", [[], [candidate("k", 99_999)]])
def test_nothing_that_could_be_opened_is_still_an_answer(candidates: list[dict]) -> None:
    table = pd.DataFrame(candidates, columns=list(candidate("k", 0)))
    siting = sf.site(pd.DataFrame(TWO), pd.DataFrame(FAR), table, budget=100, as_of=AS_OF)
    assert opened(siting) == {}
    assert len(siting.table()) == len(candidates)
    assert siting.against_none()["mean"].abs().max() == 0
    assert "no more children" in siting.finding()


def test_the_picture_knows_no_childs_point() -> None:
    """Children moved by a mile give the same picture, and it names none of them; a district's few are not told."""
    here = [child("SECRET-1", home_postcode="SN1 1SR"), child("SECRET-2", home_postcode="SN1 1SR")]
    there = [cells | {"home_latitude": "51.57"} for cells in here]
    charts = [sited(pool, FAR, [candidate("k", 10_000)], 10_000).chart().to_json() for pool in (here, there)]
    assert charts[0] == charts[1]
    assert "SECRET" not in charts[0]
    assert "1 to 5 more children" in charts[0]


def test_a_notebook_shows_no_child_and_marks_small_numbers() -> None:
    siting = sited([child("SECRET")], FAR, [candidate("k", 10_000, area="Old Town")], 10_000)
    shown = siting._repr_html_()
    assert "not for publication" in shown
    assert "Old Town" in shown
    assert "SECRET" not in shown + repr(siting)


def test_a_district_in_area_tells_where_a_candidate_is() -> None:
    cells = candidate("k", 10_000, area="SN1") | {"latitude": "", "longitude": ""}
    row = sited(TWO, FAR, [cells], 10_000).table().iloc[0]
    assert (row["latitude"], row["longitude"]) == (pytest.approx(51.56, abs=0.05), pytest.approx(-1.78, abs=0.05))
