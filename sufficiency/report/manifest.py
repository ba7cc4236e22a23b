"""The manifest: from which data, scenario and seed, with which versions, what was written."""

from __future__ import annotations

import hashlib
import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from sufficiency.outlook import Outlook
from sufficiency.stamp import SYNTHETIC_NOTE

LIBRARIES: Final = ("numpy", "pandas", "scipy", "statsmodels", "pyomo", "highspy", "altair", "xlsxwriter")


def manifest_of(outlook: Outlook, folder: Path) -> dict[str, Any]:
    """Everything needed to trace or repeat the run; ``files`` are those in ``folder`` with their SHA-256."""
    scenario, stamp = outlook.scenario, outlook.stamp
    return {
        "scenario": scenario.name,
        "question": scenario.question,
        "changes": scenario.changes.to_dict("records"),
        "authority": stamp.authority,
        "synthetic": stamp.synthetic,
        "note": SYNTHETIC_NOTE if stamp.synthetic else "",
        "data_to": f"{stamp.data_to:%Y-%m-%d}",
        "as_of": f"{outlook.demand.as_of:%Y-%m-%d}",
        "population_exposure": outlook.demand.exposure,
        "seed": stamp.seed,
        "paths": stamp.paths,
        "data_files": dict(sorted(outlook.records.file_hashes.items())),
        "versions": {
            "sufficiency": stamp.version,
            "python": platform.python_version(),
            **{name: version(name) for name in LIBRARIES},
        },
        "seconds": dict(outlook.seconds),
        "files": {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        },
    }


def write_manifest(outlook: Outlook, folder: Path) -> None:
    """Write ``manifest.json`` for the files already in ``folder``."""
    text = json.dumps(manifest_of(outlook, folder), indent=2, ensure_ascii=False)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8", newline="\n")
