"""From what case systems write to SSDA903 codes: a code alone, a code with its label, or the label alone.

Labels: the guide to the SSDA903 collection as the dataset's specification quotes it, and the legal statuses that its
published Annex A query selects.
"""

from __future__ import annotations

import re
from typing import Final

import pandas as pd

from sufficiency.vocabulary import (
    LEGAL_STATUSES,
    NEEDS_CODES,
    PLACE_YEARS,
    PROVIDERS,
    REASONS_EPISODE_CEASED,
    REASONS_FOR_NEW_EPISODE,
)

Words = tuple[tuple[str, str], ...]
"""Code and the pattern that its label matches; the first that matches counts."""

_START_REASONS: Final[Words] = (
    ("U", r"(?=.*legal)(?=.*placement).*same carer"),
    ("B", r"(?=.*legal).*placement"),
    ("L", r"legal status"),
    ("T", r"(?=.*placement).*same carer"),
    ("P", r"placement"),
    ("S", r"start(?:ed|s)? "),
)

_END_REASONS: Final[Words] = (
    ("X1", r"new episode"),
    ("E12", r"adopt.*dispensed"),
    ("E11", r"adopted|adoption order"),
    ("E2", r"died|death"),
    ("E3", r"taken over"),
    ("E4B", r"return(?:ed)? home.*(?:not part|unplanned)"),
    ("E4A", r"return(?:ed)? home"),
    ("E13", r"no parental responsibility"),
    ("E48", r"guardianship.*other than former foster.*other than relative"),
    ("E47", r"guardianship.*other than former foster"),
    ("E46", r"guardianship.*other than relative"),
    ("E45", r"guardianship"),
    ("E41", r"residence order|child arrangements? order"),
    ("E14", r"remand"),
    ("E9", r"custody"),
    ("E7", r"adult social"),
    ("E15", r"age assess"),
    ("E16", r"abroad"),
    ("E17", r"staying put|remained with current carer"),
    ("E6", r"independent.*no formal"),
    ("E5", r"independent"),
    ("E8", r"other reason"),
)

_LEGAL: Final[Words] = (
    ("", r"discharg|revok|refus|applic|withdrawn|expired|supervision|child arrangement"),
    ("E1", r"placement order"),
    ("C1", r"interim care order"),
    ("C2", r"care order|c\.o\. extended"),
    ("D1", r"freed for adoption|freeing order"),
    ("L1", r"police protection"),
    ("L2", r"emergency protection"),
    ("L3", r"child assessment order"),
    ("J1", r"remand"),
    ("J2", r"p\.?a\.?c\.?e\b"),
    ("J3", r"youth rehabilitation"),
    ("V4", r"short[- ](?:term )?(?:break|placement)|regular occ"),
    ("V2", r"single (?:period|placement)|\bs(?:ec|ection)?\.? ?20\b"),
)
"""Orders that keep a child in care, after those that have ended or never did; a series of short breaks is V4."""

_NEEDS: Final[Words] = (
    ("N1", r"abuse"),
    ("N3", r"parent.*(?:illness|disability)"),
    ("N2", r"disability"),
    ("N4", r"acute stress"),
    ("N5", r"dysfunction"),
    ("N6", r"unacceptable behaviour"),
    ("N7", r"low income"),
    ("N8", r"absent parent"),
)

_PROVIDERS: Final[Words] = (
    ("PR0", r"^parent"),
    ("PR1", r"own provision"),
    ("PR2", r"other (?:local authority|la)\b"),
    ("PR3", r"other public"),
    ("PR4", r"^private"),
    ("PR5", r"^voluntary"),
)

CODES: Final[dict[str, tuple[tuple[str, ...], Words]]] = {
    "start_reason": (REASONS_FOR_NEW_EPISODE, _START_REASONS),
    "end_reason": (REASONS_EPISODE_CEASED, _END_REASONS),
    "need": (NEEDS_CODES, _NEEDS),
    "type": (tuple(PLACE_YEARS), ()),
    "provider": (PROVIDERS, _PROVIDERS),
    "status": (LEGAL_STATUSES, _LEGAL),
}
"""Short name of a column → its codes and their labels."""

_LIKE_A_CODE: Final = r"[A-Z]{1,2}\d{1,2}[A-Z]?|[A-Z]"
_FIRST_WORD: Final = re.compile(r"\W*([A-Za-z0-9]+)")
_IN_BRACKETS: Final = re.compile(r"\(([A-Za-z]{1,2}\d{1,2}[A-Za-z]?)\)\s*$")

_SEXES: Final = {
    **dict.fromkeys(("M", "MALE", "BOY", "MAN", "1", "01"), "M"),
    **dict.fromkeys(("F", "FEMALE", "GIRL", "WOMAN", "2", "02"), "F"),
    "": "",
}
_UASC: Final = r"^(?!\W*(?:not|non)\b).*(?:uasc|unaccompanied)"


def as_codes(values: pd.Series, column: str) -> pd.Series:
    """Text of a column as codes of the guide, in capitals; "" where it is empty or no code can be found in it.

    What looks like a code stays although the guide does not have it, so that the rules on codes can say so. Free text
    never passes: some extracts have a carer's name where the provider's code belongs.
    """
    known, words = CODES[column]
    codes = {text: _code_of(text, known, words) for text in values.unique()}
    return values.map(codes).astype("str")


def _code_of(text: str, known: tuple[str, ...], words: Words) -> str:
    whole = text.strip().upper()
    if whole in known or re.fullmatch(_LIKE_A_CODE, whole):
        return whole
    for pattern in (_FIRST_WORD.match(text), _IN_BRACKETS.search(text)):
        if pattern and pattern.group(1).upper() in known:
            return pattern.group(1).upper()
    return next((code for code, label in words if re.search(label, text, re.IGNORECASE)), "")


def as_sexes(sex: pd.Series, gender: pd.Series) -> pd.Series:
    """M, F or U (the 903's letters); ``gender`` where ``sex`` is empty, as some systems keep only one of them."""
    told = sex.where(sex != "", gender).str.upper()
    return told.map(_SEXES).astype("object").fillna("U").astype("str")


def is_uasc(status: pd.Series) -> pd.Series:
    """Whether an immigration status is that of an unaccompanied asylum-seeking child, now or formerly."""
    return status.str.contains(_UASC, case=False, regex=True)
