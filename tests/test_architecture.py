"""Promises about the package as tests: imports point one way, public names exist and are documented."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import sufficiency

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "sufficiency"

ORDER = (
    "errors", "vocabulary", "calendar", "geography", "ranges", "streams", "workers", "stamp", "figures", "lever",
    "settings_base", "programmes", "recruitment", "settings", "scenario", "records", "demand", "supply", "matching",
    "siting", "placing", "finance", "near_home", "shortfall", "assumptions", "answers", "outlook",
    "compare", "measures", "goals", "report", "sample", "cli_match", "cli_scenario", "cli_seek", "cli", "__main__",
)  # fmt: skip
"""A module imports from its own folder and from those before it."""

LATE = {("outlook", "measures"), ("outlook", "report"), ("demand", "report"), ("siting", "report"), ("goals", "report")}
"""An answer's own tables and export, imported when asked for (docs/decisions/0001)."""

HEAVY = ("statsmodels", "pyomo", "altair", "vl_convert", "xlsxwriter", "docx", "scipy", "highspy", "pyproj", "openpyxl",
         "pandera", "sqlalchemy", "ortools")  # fmt: skip


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> list[tuple[str, bool]]:
    """Parts of the package that a module imports, and whether at run time only for types."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            found.append(("relative", False))
        names = [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        inside = [name.split(".")[1] for name in names if name.startswith("sufficiency.")]
        found += [(part, id(node) in for_types) for part in inside]
    return found


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_one_way(path: Path) -> None:
    here = part_of(path)
    for there, for_types in imports(path):
        allowed = there == here or for_types or (here, there) in LATE or ORDER.index(there) < ORDER.index(here)
        assert allowed, f"{here} imports {there}, which comes later"


def test_every_part_has_its_place_in_the_order() -> None:
    parts = {part_of(path) for path in MODULES}
    assert parts <= set(ORDER), parts - set(ORDER)


def test_public_names_exist_and_are_documented() -> None:
    for name in sufficiency.__all__:
        assert inspect.getdoc(getattr(sufficiency, name)), name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_are_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_importing_the_package_and_the_command_loads_no_heavy_library() -> None:
    code = "import sys, sufficiency.cli, sufficiency.outlook; print(','.join(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split(",")
    assert not set(HEAVY) & set(loaded)


def test_nothing_names_a_machine_path() -> None:
    pattern = re.compile(r"[^.\w](/(work|tmp|root)/[a-z])")
    text = [*MODULES, *ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    assert not [path for path in text if pattern.search(path.read_text(encoding="utf-8"))]
