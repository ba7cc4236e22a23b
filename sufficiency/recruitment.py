"""The settings of in-house fostering: households recruited, approved, kept, moved up; what raises and lowers it all.

Each setting carries its meaning, unit and source in the sentence under it, as in :mod:`sufficiency.settings`.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field, field_validator, model_validator

from sufficiency.lever import CountLever, Lever, MonthsLever, ShareLever
from sufficiency.settings_base import Settings, Share

LIKE_PRESENT: Final = "like present"
"""Recruits live where present households do."""

SLACK: Final = 0.005
"""Rounding left in shares that make 1."""

FROM_REGISTER: Final = (
    "enquiry_to_application", "application_to_approval", "attrition", "months_enquiry_to_application",
    "months_application_to_approval", "delay_spread", "places_per_household", "lower_levels", "attrition_by_years",
    "attrition_by_level",
)  # fmt: skip
"""Settings that carers.csv can answer; one that a scenario states is kept."""

Multiplier = Annotated[float, Field(ge=0, le=10)]


class RecruitArea(Settings):
    """An area in which recruits live: a postcode, sector or district, or else a point."""

    area: str | None = None
    """Postcode ("SN1 2BG"), sector ("SN1 2") or district ("SN1"); within one, any postcode is as likely."""
    latitude: Annotated[float, Field(ge=49, le=61)] | None = None
    """Latitude of a point, in place of an area [degrees]."""
    longitude: Annotated[float, Field(ge=-9, le=2)] | None = None
    """Longitude of a point, in place of an area [degrees]."""
    share: Share
    """Recruits who live there [share; all of them make 1]."""

    @model_validator(mode="after")
    def _area_or_point(self) -> RecruitArea:
        point = self.latitude is not None and self.longitude is not None
        if (self.area is None) != point or (self.latitude is None) != (self.longitude is None):
            raise ValueError("needs either an area or both latitude and longitude")
        return self

    def __str__(self) -> str:
        where = self.area or f"{self.latitude:.2f}, {self.longitude:.2f}"
        return f"{self.share:.0%} in {where}"


class Recruitment(Settings):
    """In-house mainstream fostering households: recruited, approved, kept."""

    approvals_per_year: CountLever = Lever((10.0,), (10.0,))
    """New in-house fostering households approved [households a year]."""
    level_3_per_year: CountLever = Lever((0.0,), (0.0,))
    """Of the new households, those approved for needs level 3 [households a year]."""
    level_3_inside_total: bool = True
    """Whether level 3 households count within approvals_per_year (true) or come on top (false)."""
    enquiries_per_year: CountLever | None = None
    """Enquiries [a year]. When given, approvals follow from them and approvals_per_year is not used."""
    enquiry_to_application: ShareLever = Lever((0.12,), (0.12,))
    """Enquiries that become applications [share]. Authorities 12%, agencies 5%; gov.uk fostering statistics 2022-23."""
    application_to_approval: ShareLever = Lever((0.50,), (0.50,))
    """Applications that end in approval [share]. About 50%; Ofsted, Fostering in England 2022 to 2024."""
    months_enquiry_to_application: MonthsLever = Lever((3.0,), (3.0,))
    """Mean delay from enquiry to application [months]. 9 in all (273 days), of which about 6 after application."""
    months_application_to_approval: MonthsLever = Lever((6.0,), (6.0,))
    """Mean delay from application to approval [months]. About 6; The Fostering Network."""
    delay_spread: Annotated[float, Field(gt=0, le=2)] = 0.5
    """Spread of the delays [standard deviation as a share of the mean; assumption]."""
    months_to_first_placement: Annotated[int, Field(ge=0, le=24)] = 2
    """Time from approval until a household's places can be used [months; assumption]."""
    attrition: ShareLever = Lever((0.14,), (0.14,))
    """Households open at the start of a year that stop during it [share]. Mainstream 14%; Ofsted."""
    places_per_household: tuple[Share, Share, Share, Share] = (0.45, 0.35, 0.15, 0.05)
    """New households approved for 1, 2, 3 and 4 children [shares]. Ofsted, Fostering in England 2018-19."""
    lower_levels: tuple[Share, Share] = (0.6, 0.4)
    """New households below level 3: those approved for level 1 and level 2 [shares; assumption]."""
    share_not_available: ShareLever = Lever((0.33,), (0.33,))
    """Approved places that hold no child at a time: not available (15%) or waiting for a child who fits (18%)
    [share]. Authorities; Ofsted, Fostering in England 2017-18."""
    attrition_by_years: tuple[Multiplier, Multiplier, Multiplier, Multiplier] = (1.0, 1.0, 1.0, 1.0)
    """Attrition under 1, in years 1 to 3, 3 to 5 and after 5 since approval, against one another [multipliers; scaled
    so that today's households together stop at the rate of attrition; assumption: all alike]."""
    attrition_by_level: tuple[Multiplier, Multiplier, Multiplier] = (1.0, 1.0, 1.0)
    """Attrition of households at level 1, 2 and 3, against one another [multipliers; scaled likewise; assumption: all
    alike]."""
    level_up_per_year: ShareLever = Lever((0.0,), (0.0,))
    """Households at level 1 or 2 that move one level up in a year [share of those open at its start; assumption: none,
    no source]."""
    drop_out_by_stage: tuple[Share, Share, Share] = (0.55, 0.40, 0.05)
    """Of the applications that end without approval: those that end in stage 1, in stage 2 and at panel [shares;
    assumption, no source: most withdraw early and panels refuse few]."""
    stage_1_passed: ShareLever | None = None
    """Applications that pass stage 1 [share]. Given with the two below, their product replaces
    application_to_approval."""
    stage_2_passed: ShareLever | None = None
    """Of those that pass stage 1, applications that pass stage 2 and come to panel [share]."""
    panel_passed: ShareLever | None = None
    """Of those that come to panel, applications that end in approval [share]."""
    time_by_stage: tuple[Share, Share, Share] = (0.33, 0.58, 0.09)
    """Time from application to approval spent in stage 1, in stage 2 and between panel and approval [shares;
    assumption: about 2 months in stage 1, under 4 in stage 2 and panel, of 6 in all; panel within 8 months of
    application is the standard, National Minimum Standards for fostering 2011, 14.4]."""
    driven_by: Literal["gross", "net"] = "gross"
    """Whether approvals_per_year counts approvals (gross) or growth after leavers (net): with net, those who stop in a
    year are made good on top. The Swindon plan's 25 a year can be read either way."""
    enquiries_until_now: CountLever | None = None
    """Enquiries in the years before the as-of day [a year], which bring the first approvals where enquiries_per_year is
    given [default: those of the past year in carers.csv where rates come from the register and it keeps enquiries that
    led to nothing, else as in the first year]."""
    extra_bedrooms: CountLever = Lever((0.0,), (0.0,))
    """Places added in present households by building or moving [places a year], one a household at most and none above
    the usual fostering limit of 3 (Children Act 1989, schedule 7)."""
    allowance_uplift: ShareLever = Lever((0.0,), (0.0,))
    """Carers' pay above today's in real terms [share: 0.1 is a tenth more]."""
    allowance_on_enquiries: CountLever = Lever((0.0,), (1.0,), at_least=0.0)
    """How enquiries answer to pay [per cent more enquiries for one per cent more pay; assumption, no source: a range].
    Felt where enquiries_per_year is given."""
    allowance_on_attrition: CountLever = Lever((0.0,), (1.0,), at_least=0.0)
    """How attrition answers to pay [per cent fewer leavers for one per cent more pay; assumption, no source: a
    range]."""
    recruits_live: tuple[RecruitArea, ...] = ()
    """Where recruits live: a list of { area = "SN1", share = 0.6 } or { latitude = …, longitude = …, share = … }, or
    "like present", which is how none of them reads [shares that make 1]."""
    rates: Literal["register", "national"] = "register"
    """Where the shares, delays, attrition and mix of new households that no scenario states come from: carers.csv with
    the national figures weighed in (register), or the national figures, which are their defaults (national). Without
    carers.csv they are the national figures."""
    rate_years: Annotated[int, Field(ge=1, le=20)] = 5
    """Past years of carers.csv that such rates are taken from [years; assumption]."""

    @field_validator("recruits_live", mode="before")
    @classmethod
    def _like_present(cls, areas: Any) -> Any:
        return () if areas == LIKE_PRESENT else areas

    @field_validator("recruits_live")
    @classmethod
    def _shares_make_one(cls, areas: tuple[RecruitArea, ...]) -> tuple[RecruitArea, ...]:
        total = sum(area.share for area in areas)
        if areas and abs(total - 1) > SLACK:
            raise ValueError(f"has shares that make {total:g}; give shares that make 1")
        return areas

    @field_validator("drop_out_by_stage", "time_by_stage")
    @classmethod
    def _parts_of_one(cls, parts: tuple[float, float, float]) -> tuple[float, float, float]:
        if abs(sum(parts) - 1) > SLACK:
            raise ValueError(f"makes {sum(parts):g}; give three shares that make 1")
        return parts

    @field_validator("attrition_by_years", "attrition_by_level")
    @classmethod
    def _some_may_stop(cls, multipliers: tuple[float, ...]) -> tuple[float, ...]:
        if max(multipliers) == 0:
            raise ValueError("is 0 for all; set attrition = 0 where nobody is to stop")
        return multipliers

    @model_validator(mode="after")
    def _readings_agree(self) -> Recruitment:
        stages = (self.stage_1_passed, self.stage_2_passed, self.panel_passed)
        if any(stage is None for stage in stages) and any(stage is not None for stage in stages):
            raise ValueError("has some of stage_1_passed, stage_2_passed and panel_passed; give all three or none")
        if self.driven_by == "net" and self.enquiries_per_year is not None:
            raise ValueError(
                'has driven_by = "net" with enquiries_per_year; growth follows from enquiries, so drop one'
            )
        return self

    def passed(self) -> tuple[Lever, Lever, Lever] | None:
        """Shares that pass stage 1, stage 2 and panel, where the scenario gives them."""
        if self.stage_1_passed is None or self.stage_2_passed is None or self.panel_passed is None:
            return None
        return self.stage_1_passed, self.stage_2_passed, self.panel_passed

    def stated_rates(self) -> set[str]:
        """Of the settings that carers.csv can answer, those that somebody stated, or whose like somebody stated.

        Shares by stage make up application_to_approval. Attrition that is stated falls on all alike.
        """
        stated = set(self.model_fields_set)
        if self.passed() is not None:
            stated.add("application_to_approval")
        if "attrition" in stated:
            stated |= {"attrition_by_years", "attrition_by_level"}
        return stated & set(FROM_REGISTER)

    def left_to_register(self) -> set[str]:
        """Settings that carers.csv answers, where there is one."""
        return set(FROM_REGISTER) - self.stated_rates() if self.rates == "register" else set()
