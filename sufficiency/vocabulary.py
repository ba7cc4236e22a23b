"""The words of the field: placement kinds, age bands, needs levels, and the SSDA903 codes with the years they hold.

Codes and labels: DfE, *Children looked after by local authorities in England: guide to the SSDA903 collection*
(Open Government Licence v3.0). A year is the year in which the return ends: 2025 is 1 April 2024 to 31 March 2025.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

KINDS: Final = (
    "kinship",
    "in_house_fostering",
    "ifa",
    "residential",
    "supported",
    "secure",
    "with_parents",
    "adoption",
    "other",
)
"""Kinds of placement, in the order in which every table and chart shows them."""

KIND_LABELS: Final = {
    "kinship": "Kinship care",
    "in_house_fostering": "In-house fostering",
    "ifa": "Independent fostering agency",
    "residential": "Children's homes",
    "supported": "Supported accommodation",
    "secure": "Secure homes",
    "with_parents": "Placed with parents",
    "adoption": "Placed for adoption",
    "other": "Other placements",
}

FOSTERING_KINDS: Final = ("kinship", "in_house_fostering", "ifa")
IN_HOUSE_KINDS: Final = ("kinship", "in_house_fostering")
"""Kinds of home that the authority approves and supports itself."""

MATCHED_KINDS: Final = ("kinship", "in_house_fostering", "ifa", "residential", "supported")
"""Kinds that a match may use; secure, adoption, with parents and other are decided elsewhere."""

SUPPORTED_FROM_AGE: Final = 16
"""Supported accommodation is for 16 and 17 year olds only."""

USUAL_FOSTERING_LIMIT: Final = 3
"""Children in one fostering household, unless all are one sibling group (Children Act 1989, Schedule 7)."""

ADULT_AGE: Final = 18

AGE_BANDS: Final = ("under 1", "1-4", "5-9", "10-15", "16-17")
AGE_BAND_STARTS: Final = (0, 1, 5, 10, 16)
"""First age in whole years of each of the DfE's age bands."""

NEEDS_LEVELS: Final = (1, 2, 3)
SEXES: Final = ("female", "male", "other")
STATUSES: Final = ("needs_home", "step_down", "settled")

SHORT_BREAKS: Final = ("V3", "V4")
"""Legal statuses of agreed short breaks, left out of official counts and of ours."""

TEMPORARY_PLACES: Final = ("T0", "T1", "T2", "T3", "T4")

SUPPORTED_PLACES: Final = ("K3", "H5", "P2")
_PLACE_KIND: Final = {
    **dict.fromkeys(("U1", "U2", "U3"), "kinship"),
    **dict.fromkeys(("K2", "R1", "S1"), "residential"),
    **dict.fromkeys(SUPPORTED_PLACES, "supported"),
    **dict.fromkeys(("A3", "A4", "A5", "A6"), "adoption"),
    "K1": "secure",
    "P1": "with_parents",
}
_FOSTER_PLACES: Final = ("U4", "U5", "U6")
_AGENCY_PROVIDERS: Final = ("PR4", "PR5")

FIRST_YEAR: Final = 1990
LAST_YEAR: Final = 2100

PLACE_YEARS: Final = {
    **dict.fromkeys(
        ("U1 U2 U3 U4 U5 U6 A3 A4 A5 A6 K1 K2 P1 P3 R1 R2 R3 R5 S1 T0 T1 T2 T3 T4").split(),
        (FIRST_YEAR, LAST_YEAR),
    ),
    "H5": (FIRST_YEAR, 2025),
    "P2": (FIRST_YEAR, 2025),
    "Z1": (FIRST_YEAR, 2025),
    "K3": (2025, LAST_YEAR),
    **dict.fromkeys(("Z11", "Z12", "Z13", "Z14"), (2026, LAST_YEAR)),
}
"""PLACE code → first and last year of the returns in which it is valid."""

PROVIDERS: Final = ("PR0", "PR1", "PR2", "PR3", "PR4", "PR5")
LEGAL_STATUSES: Final = tuple("C1 C2 D1 E1 V2 V3 V4 J1 J2 J3 L1 L2 L3".split())
NEEDS_CODES: Final = tuple("N1 N2 N3 N4 N5 N6 N7 N8".split())
REASONS_FOR_NEW_EPISODE: Final = tuple("S L P T B U".split())
REASONS_EPISODE_CEASED: Final = tuple(
    "X1 E11 E12 E2 E3 E4A E4B E13 E41 E45 E46 E47 E48 E5 E6 E7 E8 E9 E14 E15 E16 E17".split()
)

EXIT_REASONS: Final = ("returned_home", "sgo_or_order", "adopted", "turned_18", "other")
"""Ways out of care, in the order in which movement tables show them."""

EXIT_LABELS: Final = {
    "returned_home": "Returned home",
    "sgo_or_order": "Special guardianship or arrangements order",
    "adopted": "Adopted",
    "turned_18": "Turned 18",
    "other": "Left for another reason",
}

EXIT_REASON_OF_CODE: Final = {
    **dict.fromkeys(("E11", "E12"), "adopted"),
    **dict.fromkeys(("E4A", "E4B", "E13"), "returned_home"),
    **dict.fromkeys(("E41", "E45", "E46", "E47", "E48"), "sgo_or_order"),
    **dict.fromkeys(("E2", "E3", "E5", "E6", "E7", "E8", "E9", "E14", "E15", "E16"), "other"),
    "E17": "turned_18",
}
"""REC code → way out of care. A period that ends on or after the 18th birthday is ``turned_18`` whatever its code."""


def placement_kind(place: pd.Series, provider: pd.Series) -> pd.Series:
    """Kind of placement from the SSDA903 columns PLACE and PLACE_PROVIDER.

    Foster placements with carers who are not relatives are split by who runs them: PR4 and PR5 are independent
    agencies, everything else (own carers, and places bought from another public body) counts as in-house.
    """
    kind = place.map(_PLACE_KIND).astype("object")
    foster = place.isin(_FOSTER_PLACES)
    agency = provider.isin(_AGENCY_PROVIDERS)
    kind = kind.mask(foster & agency, "ifa").mask(foster & ~agency, "in_house_fostering").fillna("other")
    return pd.Series(pd.Categorical(kind, categories=KINDS), index=place.index, name="kind")


def age_band_index(age_years: np.ndarray) -> np.ndarray:
    """Position in :data:`AGE_BANDS` for ages in years (whole or not; below 0 counts as under 1)."""
    return np.clip(np.searchsorted(AGE_BAND_STARTS, age_years, side="right") - 1, 0, len(AGE_BANDS) - 1)
