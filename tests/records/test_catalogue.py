"""The rules page is made from the rules, and no code that a user can see is missing from it."""

from __future__ import annotations

import re
from pathlib import Path

from sufficiency.records.catalogue import rules_page

ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(r'(?:Fault|[a-z_]+|CellRule)\(\s*"([A-Z]\d{2,3})",')
"""A code where a fault, a rule or a repair is made."""


def test_the_page_is_made_from_the_rules() -> None:
    page = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert page == rules_page(), (
        "write it anew: python -c 'from sufficiency.records.catalogue import rules_page; print(rules_page(), end=\"\")'"
    )


def test_every_code_is_on_the_page() -> None:
    shown = re.findall(r"^\| ([A-Z]\d{2,3}) \|", rules_page(), re.MULTILINE)
    assert len(shown) == len(set(shown))
    used = {
        code
        for path in (ROOT / "sufficiency" / "records").rglob("*.py")
        for code in CODE.findall(path.read_text(encoding="utf-8"))
    }
    assert used <= set(shown), used - set(shown)
