"""What every output is made from: the tables that may leave, the findings in words, and the charts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sufficiency.stamp import Stamp


@dataclass(frozen=True)
class Figure:
    """One chart: the finding as its title, a text for those who cannot see it, and the chart itself (Altair)."""

    title: str
    alt_text: str
    chart: Any


@dataclass(frozen=True)
class Publication:
    """Tables, findings and figures of one outlook, ready to be written.

    ``tables``: name → tidy frame, as ``Outlook.tables()`` gives them with counts of real children suppressed.
    ``findings``: headline sentences, each with its range. ``figures``: name → figure, in the order of the story.
    """

    stamp: Stamp
    tables: Mapping[str, pd.DataFrame]
    findings: tuple[str, ...]
    figures: Mapping[str, Figure]
