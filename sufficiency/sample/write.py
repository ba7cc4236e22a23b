"""Write the sample authority's data folder: the steps of the generator in order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.sample.about import about_text, readme_text, sources_text
from sufficiency.sample.carers import carer_register
from sufficiency.sample.chance import choose_exactly
from sufficiency.sample.child_register import child_register
from sufficiency.sample.codes import confirm_long_term, give_codes, spare_moves
from sufficiency.sample.histories import simulate
from sufficiency.sample.homes import Home, residents
from sufficiency.sample.leaving import give_reasons
from sufficiency.sample.ledger import Ledger
from sufficiency.sample.legal import legal_statuses
from sufficiency.sample.model import LAST_RETURN, YEARS, year_end
from sufficiency.sample.money import population, prices
from sufficiency.sample.occupancy import open_homes
from sufficiency.sample.placements import Moves, current, place_children
from sufficiency.sample.postcodes import read_places
from sufficiency.sample.returns import Wrong, people, year_tables
from sufficiency.sample.rows import Episode, episodes
from sufficiency.sample.targets import Targets, read_targets
from sufficiency.sample.traps import (
    amended,
    degraded,
    late_endings,
    overlaps,
    short_breaks,
    temporary_moves,
)
from sufficiency.sample.zones import give_places, give_zones

DEFAULT_SEED: Final = 903
STEPS: Final = 6


@dataclass(frozen=True)
class Sample:
    """Everything about the made-up authority before it is written."""

    book: Ledger
    rows: list[Episode]
    wrong: Wrong
    homes: list[Home]
    tables: dict[str, pd.DataFrame]


def write_sample(folder: Path, seed: int = DEFAULT_SEED) -> None:
    """Write the synthetic sample authority into ``folder`` (made when missing).

    Ten SSDA903 returns, the registers, ``about.toml``, ``README.md`` and ``SOURCES.md``, in the columns of the data
    contract. The same seed writes the same bytes. Files of the same names are overwritten.
    """
    targets = read_targets()
    streams = [np.random.default_rng(part) for part in np.random.SeedSequence(seed).spawn(STEPS)]
    sample = make_sample(targets, streams)
    person = people(sample.book.children, streams[-1])
    children = {child.child_id: child for child in sample.book.children}
    for year in YEARS:
        for name, table in year_tables(year, sample.rows, sample.wrong, children, person).items():
            _write_csv(table, folder / "returns" / str(year) / f"{name}.csv")
    for name, table in sample.tables.items():
        _write_csv(table, folder / f"{name}.csv")
    for name, text in (
        ("about.toml", about_text(seed)),
        ("README.md", readme_text(seed)),
        ("SOURCES.md", sources_text(targets)),
    ):
        (folder / name).write_bytes(text.encode())


def make_sample(targets: Targets, streams: list[np.random.Generator]) -> Sample:
    """Play the years through, then draw up the registers and the rows of the returns."""
    lives, where, orders, register, faults, _ = streams
    places = read_places()
    book = simulate(targets, places, lives)
    give_reasons(book, targets, lives)
    moves = place_children(book, targets, where)
    spare_moves(book, targets, moves, where)
    give_zones(book, targets, moves, where)
    give_codes(book, targets, moves, where)
    _exact_sexes(book, targets, lives)
    who = residents(book, moves, register)
    homes = open_homes(who, targets, places, register)
    _move_in(moves, homes)
    give_places(book, moves, places, where)
    confirm_long_term(book, targets, moves, where)
    tables = {
        "children": child_register(who, homes, places, register),
        "homes": home_register(homes),
        "carers": carer_register(homes, places, register),
        "prices": prices(),
        "population": population(targets),
    }
    rows = episodes(book, moves, legal_statuses(book, targets, orders), orders)
    rows = temporary_moves(rows, places, faults)
    rows = degraded(overlaps(late_endings(rows, book, faults), faults), faults)
    family_homes = [place for place in places if place.zone == "inside"]
    rows += short_breaks(book, family_homes, faults)
    return Sample(book, rows, amended(rows, faults), homes, tables)


def _exact_sexes(book: Ledger, targets: Targets, rng: np.random.Generator) -> None:
    """Turn as many children of the last 31 March into girls or boys as the published split asks for."""
    stock = [book.periods[number].child for number in book.open_on(year_end(LAST_RETURN))]
    short = targets.count("sex", LAST_RETURN, "female") - sum(book.children[n].sex == "female" for n in stock)
    old, new = ("male", "female") if short > 0 else ("female", "male")
    able = [n for n in stock if book.children[n].sex == old and not book.children[n].uasc]
    for position in choose_exactly(rng, np.ones(len(able)), abs(short)):
        book.children[able[position]] = replace(book.children[able[position]], sex=new)


def _move_in(moves: Moves, homes: list[Home]) -> None:
    """Give the children of each home its postcode and id in their present placement."""
    for home in homes:
        for number in home.ours:
            position = current(moves, number, year_end(LAST_RETURN))
            moves[number][position] = replace(moves[number][position], place=home.place, home_id=home.home_id)


PROVIDER_NAMES: Final = {"PR4": "Agency", "PR5": "Charity", "PR2": "Another council"}


def home_register(homes: list[Home]) -> pd.DataFrame:
    """``homes.csv`` in the contract's columns; in-house households and most others take ``prices.csv``."""
    rows = [_home_row(home) for home in homes]
    return pd.DataFrame(rows)


def _home_row(home: Home) -> dict[str, object]:
    name = PROVIDER_NAMES.get(home.provider, "Agency" if not home.provider else home.provider)
    return {
        "home_id": home.home_id,
        "kind": home.kind,
        "provider": f"{name} {home.home_id[-1]} (synthetic)" if home.kind != "in_house_fostering" else home.provider,
        "postcode": home.place.postcode if home.place else "",
        "places": home.places,
        "places_free": home.free,
        "min_age": home.min_age,
        "max_age": home.max_age,
        "sex": home.sex,
        "max_needs_level": home.max_needs_level,
        "weekly_cost": "",
        "registered": "true",
        "open_from": "",
        "open_to": "",
        "ofsted_urn": "" if home.kind == "in_house_fostering" else f"SYN{home.home_id}",
    }


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(table.to_csv(index=False, lineterminator="\n").encode())
