"""Today's in-house households, from the registers."""

from __future__ import annotations

import pandas as pd

from sufficiency.calendar import DAYS_IN_MONTH

COLUMNS = ["home_id", "level", "places", "places_free", "latitude", "longitude", "min_age", "max_age", "sex"]


def today_from_register(homes: pd.DataFrame | None, carers: pd.DataFrame | None, as_of: pd.Timestamp) -> pd.DataFrame:
    """One row each, with ``level``, places, point, terms of approval and ``months_since`` approval (NaN: not known).

    From the homes register (kind in_house_fostering, registered, open on the day), with the day of approval from the
    carers register where the ids agree; without a homes register, from the carers register (approved and not left), of
    any age and sex.
    """
    if homes is not None:
        own = homes[(homes["kind"] == "in_house_fostering") & homes["registered"]]
        opened = own["open_from"].isna() | (own["open_from"] <= as_of)
        open_now = opened & (own["open_to"].isna() | (own["open_to"] >= as_of))
        rows = own[open_now].rename(columns={"max_needs_level": "level"})
    elif carers is not None:
        approved = carers["approved_on"].notna() & (carers["approved_on"] <= as_of)
        rows = carers[approved & (carers["left_on"].isna() | (carers["left_on"] > as_of))]
        rows = rows.rename(columns={"household_id": "home_id"}).assign(min_age=0, max_age=17, sex="any")
        rows = rows.fillna({"level": 1, "places": 1}).assign(places_free=0)
    else:
        return pd.DataFrame(columns=[*COLUMNS, "months_since"])
    listed = rows.sort_values("home_id")[COLUMNS].reset_index(drop=True)
    return listed.assign(months_since=_months_since(listed["home_id"], carers, as_of))


def enquiries_of_past_year(carers: pd.DataFrame | None, as_of: pd.Timestamp) -> float | None:
    """Enquiries made in the year up to the as-of day by the carers register; none where it does not tell, which is
    also where it keeps no enquiry that led to nothing."""
    if carers is None or "enquired_on" not in carers:
        return None
    made = carers[(carers["enquired_on"] > as_of - pd.DateOffset(years=1)) & (carers["enquired_on"] <= as_of)]
    came_to_nothing = made["applied_on"].isna() & made["approved_on"].isna()
    return float(len(made)) if came_to_nothing.any() else None


def _months_since(home_id: pd.Series, carers: pd.DataFrame | None, as_of: pd.Timestamp) -> pd.Series:
    """Whole months since approval by the carers register; NaN where it does not tell, or tells of a later day."""
    if carers is None:
        return pd.Series(float("nan"), index=home_id.index)
    approved = carers.dropna(subset="approved_on").drop_duplicates("household_id").set_index("household_id")
    days = (as_of - home_id.map(approved["approved_on"])).dt.days.astype(float)
    return (days / DAYS_IN_MONTH).floordiv(1).where(days >= 0)
