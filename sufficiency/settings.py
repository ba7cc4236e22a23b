"""The settings of a scenario: frozen, each with its meaning, unit and source in the sentence under it.

The reference page and the error messages print those sentences, so each is written once, here.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from sufficiency.lever import GrowthLever, Lever, MoneyLever, MultiplierLever, ShareLever, share_or_returns
from sufficiency.programmes import (
    Adoption,
    Dated,
    DemandLever,
    EdgeOfCare,
    Reunification,
    SpecialGuardianship,
    UascTransfer,
)
from sufficiency.recruitment import Recruitment
from sufficiency.settings_base import Settings, Share

Objective = Literal[
    "placed", "within_limit", "siblings_together", "weekly_cost", "school_within", "in_house", "preference"
]
DEFAULT_OBJECTIVES: Final[tuple[Objective, ...]] = ("placed", "within_limit", "siblings_together", "weekly_cost")
"""What a match seeks unless the scenario says otherwise; the other objectives are there to be added."""


class Horizon(Settings):
    """What is projected, from when, and with how many simulated futures."""

    as_of: date | None = None
    """Day on which the projection starts [date; default: the last 31 March in the returns]."""
    years: Annotated[int, Field(ge=1, le=15)] = 5
    """Length of the projection [years]."""
    paths: Annotated[int, Field(ge=2, le=20_000)] = 50
    """Simulated futures [count]; more make the ends of the ranges steadier."""
    seed: Annotated[int, Field(ge=0)] = 903
    """Seed of every random stream; the same seed gives the same figures."""
    step_months: Literal[1, 3, 6, 12] = 3
    """How often children are matched to the places then free [months]."""


class Demand(Settings):
    """How many children start, how long they stay, and how surely we know it."""

    history_years: Annotated[int, Field(ge=1, le=20)] = 10
    """Past years from which rates are estimated, at most [years]."""
    population_low: Share = 0.25
    """Weight of the low variant of the population projection [share of paths]."""
    population_high: Share = 0.25
    """Weight of the high variant of the population projection [share of paths]."""
    recent_weight: Annotated[float, Field(gt=0, le=1)] = 0.75
    """Weight of a year against the year after it in rates, ages, kinds and ways out [share, 1 = all years alike]."""
    entries: MultiplierLever = Lever((1.0,), (1.0,))
    """Starts of being looked after against the estimate [multiplier by year]."""
    uasc_entries: MultiplierLever = Lever((1.0,), (1.0,))
    """Starts of unaccompanied asylum-seeking children against the estimate [multiplier by year]."""
    exits: MultiplierLever = Lever((1.0,), (1.0,))
    """Odds of leaving care before 18 against the estimate [multiplier by year]."""
    moves: MultiplierLever = Lever((1.0,), (1.0,))
    """Odds of moving placement against the estimate [multiplier by year]."""
    edge_of_care: EdgeOfCare = EdgeOfCare()
    """Support at the edge of care."""
    reunification: Reunification = Reunification()
    """Support for going home."""
    special_guardianship: SpecialGuardianship = SpecialGuardianship()
    """Support for special guardians."""
    adoption: Adoption = Adoption()
    """Support for adoption."""
    uasc_transfer: UascTransfer = UascTransfer()
    """The National Transfer Scheme."""
    levers: tuple[DemandLever, ...] = ()
    """Further levers on starts and ways out."""
    entry_half_life: Annotated[float, Field(gt=0, le=50)] = 5.0
    """Time in which half of what raises or lowers the level of starts has gone [years; prior]. About 80 authorities,
    2010-2025, DfE: persistence 0.8 to 0.9 a year."""
    exit_half_life: Annotated[float, Field(gt=0, le=50)] = 5.0
    """Time in which half of what raises or lowers the level of leaving has gone [years; prior]. About 80 authorities,
    2010-2025, DfE: persistence 0.87 a year."""
    entry_sd: Annotated[float, Field(ge=0.01, le=1)] = 0.17
    """Shocks to the log of the level of starts [standard deviation per root-year; prior]. About 80 authorities,
    2010-2025, DfE: 0.13 to 0.15 between yearly totals, which average shocks out."""
    exit_sd: Annotated[float, Field(ge=0.01, le=1)] = 0.11
    """Shocks to the log of the level of leaving before 18 [standard deviation per root-year; prior]. About 80
    authorities, 2010-2025, DfE: 0.08 to 0.09 between yearly totals."""
    uasc_sd: Annotated[float, Field(ge=0.01, le=1)] = 0.30
    """Shocks to the log of the level of unaccompanied children's starts [standard deviation per root-year; prior]."""
    balance_sd: Annotated[float, Field(ge=0.01, le=2)] = 0.20
    """How far the long-run level of starts is thought to lie from that which holds the number looked after [standard
    deviation of the log; prior]. The log number of authorities is a random walk: no drift goes on by itself."""
    common_entries: Share = 0.12
    """Part of the shocks to starts that all authorities of a region meet alike [share of variance]. About 80
    authorities, 2010-2025, DfE."""
    common_exits: Share = 0.25
    """Part of the shocks to leaving that all authorities of a region meet alike [share of variance]. About 80
    authorities, 2010-2025, DfE."""
    own_origins_from: Annotated[int, Field(ge=4, le=30)] = 8
    """Returns from which the authority's own past forecasts widen or narrow its range [years]."""
    own_origins_weight: Annotated[float, Field(gt=0)] = 50.0
    """Weight of the usual width of a range against one past forecast of one's own [forecasts]. Authorities differ in
    volatility by about 10%; about 80 authorities, 2010-2025, DfE."""
    mix_drift: Annotated[float, Field(ge=0, le=1)] = 0.10
    """Drift of the shares of ages and kinds among starts and moves [standard deviation of the log per root-year]."""
    entry_noise: Annotated[float, Field(gt=0, le=1)] = 0.05
    """Variance of a month's own factor on starts [share squared; prior]: brothers and sisters start together."""
    exit_noise: Annotated[float, Field(gt=0, le=1)] = 0.10
    """A quarter's own factor on leaving [standard deviation of the log]: brothers and sisters leave together."""
    season_sd: Annotated[float, Field(gt=0, le=1)] = 0.10
    """Spread of the months of the year in starts [standard deviation as a share; prior]."""
    prior_months: Annotated[float, Field(gt=0)] = 2.0
    """Weight of the pooled rate in each cell of a hazard [child-months]; small cells shrink toward it."""
    prior_events: Annotated[float, Field(gt=0)] = 10.0
    """Weight of what age and kind say alone against what they do together, in leaving and moving [events]."""
    prior_moves: Annotated[float, Field(gt=0)] = 2.0
    """Weight of wider cells in where moves lead and how care ends [moves]; small cells shrink toward them."""
    needs_levels_family: tuple[Share, Share, Share] = (0.50, 0.38, 0.12)
    """Needs levels 1, 2, 3 of children in families where the register does not tell [shares; assumption]."""
    needs_levels_residential: tuple[Share, Share, Share] = (0.05, 0.35, 0.60)
    """Needs levels 1, 2, 3 of children in children's homes where the register does not tell [shares; assumption]."""

    def without_levers(self) -> Demand:
        """The same rates and priors with nothing changed by a lever or a programme."""
        fields = type(self).model_fields
        levers = {
            name: field.default
            for name, field in fields.items()
            if name == "levers" or isinstance(field.default, Lever | Dated)
        }
        return self.model_copy(update=levers)

    @field_validator("levers")
    @classmethod
    def _levers_have_names_of_their_own(cls, levers: tuple[DemandLever, ...]) -> tuple[DemandLever, ...]:
        names = [lever.name for lever in levers]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"has two called {', '.join(twice)}; give each a name of its own")
        return levers


class NewHome(Settings):
    """A home that opens, and perhaps closes, on a date."""

    home_id: str
    """Name of the home, unlike any in homes.csv."""
    kind: Literal["residential", "supported"]
    """Kind of placement."""
    places: Annotated[int, Field(ge=1, le=30)]
    """Children it can take [places]."""
    opens: date
    """First day [date]."""
    closes: date | None = None
    """Last day [date], if it is to close."""
    postcode: str
    """Where it stands [whole postcode]."""
    min_age: Annotated[int, Field(ge=0, le=17)] = 8
    """Youngest child it takes [whole years]."""
    max_age: Annotated[int, Field(ge=0, le=17)] = 17
    """Oldest child it takes [whole years]."""
    max_needs_level: Literal[1, 2, 3] = 3
    """Highest needs level it can meet."""
    weekly_cost: Annotated[float, Field(ge=0)]
    """Cost of a child there [£ a week, at the prices of the as-of day]."""
    running_cost_per_year: Annotated[float, Field(ge=0)] = 0.0
    """Cost whether or not children live there [£ a year]."""
    capital: Annotated[float, Field(ge=0)] = 0.0
    """Cost of buying and fitting it out, in the year in which it opens [£]."""
    staffing_delay_months: Annotated[int, Field(ge=0, le=36)] = 0
    """Time from its first day until it has the staff to take children; it costs to run meanwhile [months]."""
    ramp_up_months: Annotated[int, Field(ge=0, le=36)] = 0
    """Time over which its places come into use, evenly, once it takes children [months; 0: all at once]."""
    block_contract: bool = False
    """Whether all of its places are paid for, filled or not, from the day it takes children [true or false]."""

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> NewHome:
        if self.closes is not None and self.closes < self.opens:
            raise ValueError(f"closes on {self.closes}, before it opens on {self.opens}")
        if self.min_age > self.max_age:
            raise ValueError(f"has min_age {self.min_age} above max_age {self.max_age}")
        return self


FAMILY_PLAN_ASSUMED: Final = 0.25
"""Share of children entering a children's home who could live in a family [assumption]; where the returns are asked,
the prior."""
FamilyPlanLever = Annotated[ShareLever, share_or_returns(FAMILY_PLAN_ASSUMED)]

Day = date


class HomeChange(Settings):
    """A home, in homes.csv or under supply.homes, that closes or changes its size. Who lives there when it shrinks
    stays; who lives there when it closes needs another home."""

    home_id: str
    """Name of the home."""
    date: Day
    """First day of the new size, or the last day of the home [date]."""
    places: Annotated[int, Field(ge=1, le=100)] | None = None
    """Children it can take from then on [places]."""
    closes: bool = False
    """Whether it closes instead [true or false]."""

    @model_validator(mode="after")
    def _one_thing(self) -> HomeChange:
        if self.closes == (self.places is not None):
            raise ValueError("gives both places and closes; give one" if self.closes else "give places or closes")
        return self


class TakenByOthers(Settings):
    """Places in agency and private homes that other authorities' children take rather than ours, by kind."""

    ifa: ShareLever | None = None
    """Independent fostering agencies [share; default: as the registers have it today]."""
    residential: ShareLever | None = None
    """Children's homes [share; default: as the registers have it today]."""
    supported: ShareLever | None = None
    """Supported accommodation [share; default: as the registers have it today]."""


MostBought = Annotated[int, Field(ge=0, le=5000)]


class MarketLimits(Settings):
    """Most placements of a kind that can be bought at once, those in private homes of homes.csv among them."""

    ifa: MostBought | None = None
    """Independent fostering agencies [placements; default: no limit]."""
    residential: MostBought | None = None
    """Children's homes [placements; default: no limit]."""
    supported: MostBought | None = None
    """Supported accommodation [placements; default: no limit]."""


class Market(Settings):
    """What is bought when no place of our own, or known to us, is free."""

    distance_years: Annotated[int, Field(ge=1, le=10)] = 3
    """Past years whose bought placements give the distances of those to come [years]."""
    family_plan_share: FamilyPlanLever = Lever((FAMILY_PLAN_ASSUMED,), (FAMILY_PLAN_ASSUMED,))
    """Children entering a children's home who could live in a family if a carer of their level had room [share, or
    "from the returns": an 80% range from first placements against vacancies on the day; the number is an assumption,
    the sensitivity to test first]."""
    siblings_together: Share = 0.86
    """Sibling groups that stay together in a placement bought [share]. England 86-90%; Ofsted, Fostering in England."""
    ready_to_step_down: Share = 0.08
    """Children with such a plan ready to move in a given month [share a month; assumption: a year on average]."""
    share_taken_by_others: TakenByOthers = TakenByOthers()
    """Places in agency and private homes that others take, of those free now, of those that a child leaves, of those
    a home adds, and every month of those that wait. By default the share of filled places that others hold."""
    distances_enough: Annotated[int, Field(ge=1, le=1000)] = 30
    """Placements of known distance that speak for themselves; a kind, or an age band of it, with fewer is filled up
    to that number from wider ones [placements; assumption]."""
    market_limits: MarketLimits = MarketLimits()
    """Limits to what can be bought."""
    beyond_limits: tuple[Literal["ifa", "residential", "supported"], ...] = ("ifa", "residential", "supported")
    """Kinds tried in this order when the limit of the kind that is sought is reached, supported accommodation from 16
    only; a child for whom all are full counts as unplaced."""
    unplaced_weekly_cost: Annotated[float, Field(ge=0)] = 10_500.0
    """Cost of a child for whom nothing can be bought, in an arrangement that is no registered placement [£ a week].
    Children's Commissioner, 2026."""
    breakdown_factor_beyond_limit: Annotated[float, Field(ge=1, le=10)] = 1.0
    """How much likelier a placement beyond the limit is to end in a move than others of its kind, for children
    matched in the projection [factor; 1: no likelier. Assumption, no source: off]."""
    breakdown_factor_below_level: Annotated[float, Field(ge=1, le=10)] = 1.0
    """How much likelier a placement in a home approved below the child's needs level is to end in a move [factor;
    1: no likelier. Assumption, no source: off]. No match is made below the level, so this is of children now there."""


class Supply(Settings):
    """Carers and homes: what there will be to place children in."""

    recruitment: Recruitment = Recruitment()
    """In-house fostering households."""
    homes: tuple[NewHome, ...] = ()
    """Homes to open."""
    changes: tuple[HomeChange, ...] = ()
    """Homes that close or change their size."""
    market: Market = Market()
    """Placements bought."""


Places = Annotated[int, Field(ge=0, le=500)]


class Reserve(Settings):
    """Places kept free for short notice and emergencies, as far as that many are free now; by kind."""

    kinship: Places = 0
    """Places kept free in kinship care, over all its homes [places]."""
    in_house_fostering: Places = 0
    """Places kept free in in-house fostering, over all its households [places]."""
    ifa: Places = 0
    """Places kept free in independent fostering agencies, over all their households [places]."""
    residential: Places = 0
    """Places kept free in children's homes, over all of them [places]."""
    supported: Places = 0
    """Places kept free in supported accommodation, over all of it [places]."""

    def places(self) -> dict[str, int]:
        """The kinds with a reserve → places."""
        return {kind: places for kind, places in self if places}


class Matching(Settings):
    """How children are matched to homes."""

    limit_miles: Annotated[float, Field(gt=0, le=500)] = 20.0
    """Near home: at most this far from the child's home [miles]. Swindon Ofsted Improvement Plan, November 2023."""
    objectives: tuple[Objective, ...] = DEFAULT_OBJECTIVES
    """What is sought, in order; placed comes first. Also there: school_within (children near their school), in_house
    (children in kinship care or in-house fostering), preference (sum of the scores of scores.csv)."""
    time_limit_seconds: Annotated[float, Field(gt=0)] = 60.0
    """Longest time for one match to be proven best [seconds]."""
    never_split: tuple[str, ...] | Literal["all"] = ()
    """Sibling groups that get one home together or none [list of sibling_group names, or "all"]. Children Act 1989,
    section 22C(8)(c), asks it so far as reasonably practicable."""
    parent_and_child: tuple[str, ...] = ()
    """Groups of a young parent and her or his child, both looked after, never apart [list of sibling_group names]."""
    parent_and_child_homes: tuple[str, ...] = ()
    """Homes approved for a parent with a child [list of home ids; none: any whose terms of approval take both]."""
    reserve: Reserve = Reserve()
    """Places kept free."""
    one_level_3: bool = False
    """At most one child of needs level 3 in a fostering household [true or false; assumption: off]."""
    school_limit_miles: Annotated[float, Field(gt=0, le=500)] = 3.0
    """For school_within: a home at most this far from the child's school, in a straight line, keeps it [miles].
    Walking distance from the age of 8, Education Act 1996, section 444(5)."""

    @field_validator("never_split", "parent_and_child", "parent_and_child_homes", mode="before")
    @classmethod
    def _a_list_of_names(cls, names: Any, info: ValidationInfo) -> Any:
        if names == "all" and info.field_name == "never_split":
            return names
        if not isinstance(names, list | tuple) or not all(isinstance(name, str) and name.strip() for name in names):
            or_all = ', or "all"' if info.field_name == "never_split" else ""
            raise ValueError(f'is no list of names; give one such as ["A", "B"]{or_all}')
        return tuple(name.strip() for name in names)

    @model_validator(mode="after")
    def _placed_first(self) -> Matching:
        if not self.objectives or self.objectives[0] != "placed":
            raise ValueError("the first objective is placed: no child goes without a home for the sake of another aim")
        if len(set(self.objectives)) != len(self.objectives):
            raise ValueError("an objective is named twice")
        return self


class Inflation(Settings):
    """Growth of prices by kind."""

    kinship: GrowthLever = Lever((0.04,), (0.04,))
    """Kinship care [a year]. Default as for fostering."""
    in_house_fostering: GrowthLever = Lever((0.04,), (0.04,))
    """In-house fostering [a year]. Default 4%; section 251 outturn grew 5-12%."""
    ifa: GrowthLever = Lever((0.04,), (0.04,))
    """Independent fostering agencies [a year]. Default 4%; section 251 outturn grew 5-12%."""
    residential: GrowthLever = Lever((0.06,), (0.06,))
    """Children's homes, secure homes [a year]. Default 6% in a range of 3-12%; section 251 outturn grew 13-14%."""
    supported: GrowthLever = Lever((0.04,), (0.04,))
    """Supported accommodation [a year; assumption]."""
    other: GrowthLever = Lever((0.03,), (0.03,))
    """Every other kind, recruitment and support [a year; assumption]."""


class Finance(Settings):
    """What placements, carers and homes cost."""

    inflation: Inflation = Inflation()
    """Growth of prices."""
    cost_per_enquiry: MoneyLever = Lever((60.0,), (60.0,))
    """Marketing and first contact [£ an enquiry; assumption]."""
    cost_per_approval: MoneyLever = Lever((9000.0,), (9000.0,))
    """Assessment, checks, training and panel [£ a household approved; assumption]."""
    support_per_household: MoneyLever = Lever((7500.0,), (7500.0,))
    """Supervising social worker, training, out-of-hours support [£ a household a year; assumption]."""


class Targets(Settings):
    """What the plan promises."""

    share_within_limit: Share | None = None
    """Children living within the limit, of those whose distance is known [share]."""
    over_limit_reduction: Share = 0.05
    """Yearly fall in the share of new placements beyond the limit [share, relative]. Swindon improvement plan."""
    households: Annotated[int, Field(ge=0)] | None = None
    """In-house fostering households at the end of the horizon [households]."""
    approvals_per_year: Annotated[float, Field(ge=0)] | None = None
    """In-house households approved [households a year]. Swindon improvement plan: 25."""
    level_3_per_year: Annotated[float, Field(ge=0)] | None = None
    """Level 3 households approved [households a year]. Swindon improvement plan: 10."""
    residential_children: Annotated[int, Field(ge=0)] | None = None
    """Children in children's homes at the end of the horizon [children]."""
