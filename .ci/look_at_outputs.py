"""Open what a run wrote as its readers would: pictures, workbook, document and page must not be empty or broken.

``python .ci/look_at_outputs.py results/improvement_plan``. Turns the workbook and the document into PDF pages
(LibreOffice), the page into a picture and a PDF (Chromium), and looks for faults that a reader would see: blank pages,
formula errors, missing charts.
"""

from __future__ import annotations

import json
import re
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

CHARTS = ("population", "carers", "places_against_need", "budget", "map_of_matches")
FORMULA_ERRORS = re.compile(r"#(REF|NAME|VALUE|DIV/0|N/A|NUM)[!?]?")
CHROMIUM = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
            "--disable-background-networking", "--disable-component-update"]  # fmt: skip


def size_of(png: Path) -> tuple[int, int]:
    """Width and height in a PNG's header [pixels]."""
    head = png.read_bytes()[:24]
    return struct.unpack(">II", head[16:24])


def pages(pdf: Path) -> list[str]:
    """Text of each page."""
    text = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True).stdout
    return text.split("\f")[:-1]


def as_pdf(document: Path, folder: Path) -> Path:
    """A document as LibreOffice prints it."""
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(document)]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    return folder / f"{document.stem}.pdf"


def look(results: Path) -> list[str]:
    """Faults that a reader would see."""
    faults = []
    for name in CHARTS:
        png, svg = results / "charts" / f"{name}.png", results / "charts" / f"{name}.svg"
        width, height = size_of(png)
        if width < 900 or height < 400 or png.stat().st_size < 20_000:
            faults.append(f"{png.name} is small or empty: {width} × {height} pixels, {png.stat().st_size} bytes")
        if "Synthetic sample data" not in re.sub(r"<[^>]+>", " ", svg.read_text(encoding="utf-8")):
            faults.append(f"{svg.name} does not say that the data are synthetic")
    manifest = json.loads((results / "manifest.json").read_text(encoding="utf-8"))
    on_disk = {path.relative_to(results).as_posix() for path in results.rglob("*") if path.is_file()}
    if set(manifest["files"]) != on_disk - {"manifest.json"}:
        faults.append("manifest.json does not list the files that are there")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for document in ("workbook.xlsx", "strategy.docx"):
            text = pages(as_pdf(results / document, folder))
            print(f"{document}: {len(text)} pages")
            blank = [number for number, page in enumerate(text, 1) if len(page.strip()) < 40]
            faults += [f"{document}, page {number} is blank" for number in blank]
            faults += [f"{document} shows {found.group()}" for page in text for found in FORMULA_ERRORS.finditer(page)]
            if not any("Synthetic" in page or "synthetic" in page for page in text):
                faults.append(f"{document} does not say that the data are synthetic")
        picture = folder / "page.png"
        page = (results / "report.html").resolve()
        profile = f"--user-data-dir={folder / 'browser'}"
        command = [*CHROMIUM, profile, f"--screenshot={picture}", "--window-size=1200,2400", page.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        if picture.stat().st_size < 50_000:
            faults.append(f"report.html is blank in the browser: {picture.stat().st_size} bytes of picture")
    return faults


if __name__ == "__main__":
    found = look(Path(sys.argv[1]))
    print("\n".join(found) or "every output opens and shows what it should")
    sys.exit(bool(found))
