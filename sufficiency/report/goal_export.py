"""A goal seek on disk: the values tried, the answer in plain values, and the chart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from sufficiency.figures import save
from sufficiency.report.files import written_together
from sufficiency.report.tables import as_csv, scenario_label

if TYPE_CHECKING:
    from sufficiency.goals import GoalSeek


def export_goal(goal: GoalSeek, folder: Path) -> Path:
    """Write everything of :meth:`~sufficiency.goals.GoalSeek.export`, all or none."""
    summary = {**goal.summary(), "scenario": scenario_label(goal.stamp), "source": goal.stamp.source()}
    with written_together(folder) as beside:
        (beside / "goal_seek.csv").write_bytes(as_csv(goal.table(), goal.stamp).encode("utf-8"))
        told = json.dumps(summary, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        (beside / "summary.json").write_text(told, encoding="utf-8", newline="\n")
        (beside / "charts").mkdir()
        save(goal.chart(), beside / "charts" / "goal_seek")
    return folder
