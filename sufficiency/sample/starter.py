"""Scenarios and notebooks to start from, beside the sample data."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from sufficiency.errors import SufficiencyError

FOLDERS: Final = ("scenarios", "notebooks")
IN_WHEEL: Final = Path(__file__).parent / "starter"
IN_CHECKOUT: Final = Path(__file__).resolve().parents[2]


def copy_starter(folder: Path) -> None:
    """Copy ``scenarios/`` and ``notebooks/`` into ``folder``.

    An installed package carries them in ``sufficiency/sample/starter``; in a checkout they stand at its root. Raises
    :class:`~sufficiency.errors.SufficiencyError` when neither is there.
    """
    source = IN_WHEEL if IN_WHEEL.is_dir() else IN_CHECKOUT
    missing = [name for name in FOLDERS if not (source / name).is_dir()]
    if missing:
        raise SufficiencyError(f"This installation lacks its starter folder {' and '.join(missing)}; install it again.")
    ignore = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
    for name in FOLDERS:
        shutil.copytree(source / name, folder / name, dirs_exist_ok=True, ignore=ignore)
