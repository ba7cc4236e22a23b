"""What the sample's folder says of itself: ``about.toml``, ``README.md`` and ``SOURCES.md``."""

from __future__ import annotations

from typing import Final

from sufficiency.sample.targets import Targets

AUTHORITY: Final = "Sample Borough"
GENERATOR_VERSION: Final = "1"
"""Changes whenever the generator writes other bytes for the same seed."""


def about_text(seed: int) -> str:
    """``about.toml``: the authority's display name, that it is made up, and how to make it again."""
    return (
        f'authority = "{AUTHORITY}"\nsynthetic = true\nseed = {seed}\n'
        f'generator = "sufficiency.sample"\ngenerator_version = "{GENERATOR_VERSION}"\n'
    )


def readme_text(seed: int) -> str:
    """``README.md``: all is synthetic, what each file is, and what was made up to be tripped over."""
    return README.format(seed=seed, authority=AUTHORITY)


def sources_text(targets: Targets) -> str:
    """``SOURCES.md``: every figure the sample is calibrated on, with value, source and licence."""
    lines = [
        SOURCES,
        "| measure | year | category | value | tolerance | basis | source |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.measure} | {row.year} | {row.category} | {row.value:g} | {row.tolerance:g} | {row.basis} "
        f"| {row.source} |"
        for row in targets.table.itertuples()
    ]
    return "\n".join(lines) + "\n"


README: Final = """# {authority}

**Everything in this folder is made up.** No child, carer, household, home, price list or date in it is real. It was
written by a random generator (`sufficiency.sample`, seed {seed}); ids begin with `SYN` so that nobody takes them for
real. Postcodes are real ones, drawn at random, and have nothing to do with who lives there. Do not use it to judge any
authority: only its totals were chosen to resemble published statistics for a council of Swindon's size
(`SOURCES.md` lists each figure and says which are assumptions).

| file | what it is |
|---|---|
| `returns/2016` to `returns/2025` | SSDA903 returns, year to 31 March: header, episodes, unaccompanied children |
| `children.csv` | the children looked after on 31 March 2025, with needs level, siblings and what they wait for |
| `homes.csv` | in-house (`H`) and agency (`A`) households, children's homes (`R`), supported accommodation (`S`) |
| `carers.csv` | fostering households and applicants from enquiry to leaving |
| `prices.csv` | what a week costs, by kind and needs level |
| `population.csv` | children aged 0 to 17 by year of age, mid-2012 to mid-2031; the variants agree to 2024 |

In `homes.csv`, `places - places_free` counts everyone who lives there, so local homes include 81 children whom other
authorities have placed in the borough. Kinship households are not listed: nobody else can be matched to them.

The returns have in them what real ones have: open episodes that come back every year, temporary moves (T1 to T4),
legal-status rows, short breaks (V3, V4), sex as 1/2 until 2024 and M/F in 2025, H5 that becomes K3 in 2025, start
dates amended in the next return, moves entered late, children missing from the return of the year in which they left,
overlaps of a few days, endings some days after the 18th birthday, postcodes cut to the sector, and children who
started years before the first return.

Published starts and ceases count a child once a year, so they do not close on the stock; here too, some children
start twice in a year.
"""

SOURCES: Final = """# Sources

Figures that the sample is calibrated on. DfE, Ofsted and ONS figures are published under the Open Government Licence
v3.0. `assumption` marks what is not published at authority level, or what closes a suppressed cell. `tolerance` is how
far the sample may be from the value, in the value's own unit. Postcodes: ONS Postcode Directory (Open Government
Licence v3.0), contains OS data © Crown copyright and database right, Royal Mail data © Royal Mail copyright and
database right, and National Statistics data © Crown copyright and database right. Prices carry their source in
`prices.csv`.
"""
