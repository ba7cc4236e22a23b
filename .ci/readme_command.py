"""Print the README's n-th set-up command, so that the gate runs what the reader is told to type."""

import re
import sys
from pathlib import Path

readme = Path(__file__).resolve().parents[1].joinpath("README.md").read_text(encoding="utf-8")
commands = re.findall(r"```bash\n(python3 -m venv .*?)\n```", readme, flags=re.DOTALL)
print(commands[int(sys.argv[1]) - 1])
