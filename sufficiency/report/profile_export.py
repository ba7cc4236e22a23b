"""The needs analysis on disk: published tables, charts, and the private tables apart, written together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from sufficiency.figures import save
from sufficiency.report.disclosure import NOT_FOR_PUBLICATION
from sufficiency.report.files import replaced_as_a_whole
from sufficiency.report.profile_published import AT_RISK_TO, FEWEST_SPELLS
from sufficiency.report.tables import csv_text

if TYPE_CHECKING:
    from sufficiency.demand.profile import Profile

OWNED: Final = ("tables", "charts", "private")
"""What an export writes; anything else in its folder is the user's and stays."""

ABOUT: Final = f"""
Counts of real children from 1 to 5, and those that would give them back by adding or subtracting within a table,
between tables or between years, are shown as "c", and so are the shares and rates made of them. An empty cell is not
known or does not apply. A year is the year to 31 March.

time_in_care, time_in_placement: curves of fewer than {FEWEST_SPELLS} stays, and the part of a curve where fewer than
{FEWEST_SPELLS} are watched, are left out; numbers at risk are rounded to {AT_RISK_TO}. medians: of fewer than
{FEWEST_SPELLS} stays are hidden.
children_by_year: starts and ends of every period of care, which differ from the children who started and ceased by a
few, are only in the private table.
origins_and_places: pairs of districts that are hidden stand together, a row for each home district.
"""


def export_profile(profile: Profile, folder: Path, progress: Callable[[int], None] | None = None) -> Path:
    """Write a needs analysis into ``folder`` and return it; see ``Profile.export``.

    Raises :class:`~sufficiency.errors.InputError` when the folder cannot be written.
    """
    with replaced_as_a_whole(folder, OWNED) as beside:
        about = profile.stamp.source() + "\n" + ABOUT
        _write(profile.published_tables(), beside / "tables", profile, about)
        (beside / "charts").mkdir()
        for name in profile.chart_names():
            save(profile.chart(name), beside / "charts" / name)
            if progress:
                progress(1)
        _write(profile.tables(), beside / "private", profile, f"{NOT_FOR_PUBLICATION}\n{profile.stamp.source()}\n")
    return folder


def _write(tables: Mapping[str, pd.DataFrame], folder: Path, profile: Profile, about: str) -> None:
    """Tables as CSV, each row with its source, and what they are in README.txt."""
    folder.mkdir()
    stamp = profile.stamp
    made_up = " (synthetic data)" if stamp.synthetic else ""
    source = f"{stamp.authority}{made_up}, SSDA903 returns to {stamp.data_to:%Y-%m-%d}".lstrip(", ")
    for name, table in tables.items():
        text = csv_text(table.assign(source=source))
        (folder / f"{name}.csv").write_bytes(text.encode("utf-8"))
    (folder / "README.txt").write_text(about, encoding="utf-8", newline="\n")
