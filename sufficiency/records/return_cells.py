"""Rules of single cells of the return's tables, as data; a pandera schema is made from them when a return is read."""

from __future__ import annotations

from typing import Final

from sufficiency.geography import DISTRICT
from sufficiency.records.rules import CellRule, Severity
from sufficiency.vocabulary import (
    LEGAL_STATUSES,
    NEEDS_CODES,
    PROVIDERS,
    REASONS_EPISODE_CEASED,
    REASONS_FOR_NEW_EPISODE,
)

CODE_FIX: Final = "Correct the code if it is a slip; it counts as other"
SEX_CODES: Final = ("1", "2", "M", "F", "U")
POSTCODE_FORM: Final = rf"(?:{DISTRICT})(?: ?\d(?:[A-Z]{{2}})?)?"
"""A postcode in capitals, whole ("SN1 2AB") or degraded to its sector ("SN1 2") or district ("SN1")."""

URN_FORM: Final = r"[A-Z]{0,4}\d{3,8}|X+"
"""Ofsted's numbers ("SC123456", "1234567"); XXXXXXX where the guide asks for it (outside England, not regulated)."""


def _filled(code: str, table: str, column: str, says: str, fix: str, severity: Severity = "warning") -> CellRule:
    return CellRule(code, table, column, says, fix, severity, filled=True)


def _known(code: str, column: str, title: str, codes: tuple[str, ...]) -> CellRule:
    says = f"{title} holds a code that is not in the guide"
    return CellRule(code, "episodes", column, says, CODE_FIX, "warning", allowed=codes)


def _form(code: str, column: str, title: str, pattern: str, fix: str) -> CellRule:
    return CellRule(code, "episodes", column, f"{title} has not the form of one", fix, "warning", pattern=pattern)


NO_CHILD: Final = ("the child's number is empty", "Give the number, or leave the row out")
POSTCODE_FIX: Final = "Correct it; the distance is unknown until then"

CELL_RULES: Final[dict[str, tuple[CellRule, ...]]] = {
    "header": (
        _filled("H11", "header", "child", *NO_CHILD, severity="error"),
        _filled("N29", "header", "born", "DOB is empty", "Give the date of birth"),
        _filled("N101", "header", "sex_code", "SEX is empty", "Give 1 or 2, from 2024-25 on M, F or U"),
        CellRule(
            "N102",
            "header",
            "sex_code",
            "SEX holds something else than 1, 2, M, F or U",
            "Correct it; it counts as other",
            "warning",
            allowed=SEX_CODES,
        ),
    ),
    "episodes": (
        _filled("E01", "episodes", "child", *NO_CHILD, severity="error"),
        _filled("N14", "episodes", "place", "PLACE is empty", "Give the placement's code; it counts as other"),
        _filled("N70", "episodes", "rne", "RNE is empty", "Say why the episode began; it counts as no start"),
        _filled("N71", "episodes", "ls", "LS is empty", "Give the legal status"),
        _filled("N72", "episodes", "provider", "PLACE_PROVIDER is empty", "Say who provides the placement"),
        _filled("N73", "episodes", "cin", "CIN is empty", "Give the category of need"),
        _known("N15", "rne", "RNE", REASONS_FOR_NEW_EPISODE),
        _known("N16", "ls", "LS", LEGAL_STATUSES),
        _known("N17", "rec", "REC", REASONS_EPISODE_CEASED),
        _known("N18", "provider", "PLACE_PROVIDER", PROVIDERS),
        _known("N19", "cin", "CIN", NEEDS_CODES),
        _form("N74", "home_post", "HOME_POST", POSTCODE_FORM, POSTCODE_FIX),
        _form("N75", "pl_post", "PL_POST", POSTCODE_FORM, POSTCODE_FIX),
        _form("N76", "urn", "URN", URN_FORM, "Give Ofsted's number, such as SC123456 or 1234567, or XXXXXXX"),
    ),
    "uasc": (_filled("N77", "uasc", "child", *NO_CHILD),),
}
"""Table → rules of its cells; columns by the names that they have once typed."""
