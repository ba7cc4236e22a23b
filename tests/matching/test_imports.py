"""The solver libraries load when something is solved, not before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HEAVY = ("pyomo", "highspy", "scipy", "pyproj", "geopy")


def test_importing_the_entrance_loads_no_solver() -> None:
    code = f"import sys; from sufficiency.matching import match, Plan; print([n for n in {HEAVY} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_whole_match_does_not_load_scipy_stats() -> None:
    """Pyomo's matrix compiler would load it, which costs half a second of a three-second match."""
    code = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import instances\n"
        "from sufficiency.matching import match\n"
        "match(*instances.draw(1, 8, 8), as_of=instances.AS_OF).worth_of_a_place()\n"
        "print('pyomo' in sys.modules, 'scipy.stats' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True False"
