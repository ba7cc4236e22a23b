"""What an authority's data are once they have been read: frozen tables whose columns are documented here once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from sufficiency.errors import Fault


@dataclass(frozen=True)
class Records:
    """An authority's case records and registers, read, repaired and checked.

    ``children``: one row per child in the returns. ``child_id`` (text), ``sex`` (female, male, other),
    ``date_of_birth``, ``uasc`` (bool: ever listed as an unaccompanied asylum-seeking child).

    ``placements``: one row per placement after repairs, in order of child and date; temporary moves are folded
    into the placement they interrupt, rows that only change legal status are merged, short breaks are left out.
    ``child_id``, ``period`` (number of the period of care, unique in the table), ``started``, ``ended`` (missing
    while open; the child is not there on that day), ``kind`` (:data:`~sufficiency.vocabulary.KINDS`), ``place``
    ``provider`` ``legal_status`` ``need`` (903 codes; the latest of the merged rows), ``reason_started`` (RNE of the
    first row), ``reason_ended`` (REC of the last row, empty while open), ``home_latitude`` ``home_longitude``
    ``place_latitude`` ``place_longitude`` [degrees], ``home_precision`` ``place_precision`` (postcode, sector,
    district, or missing), ``authority_of_place`` (ONS code), ``miles`` (home to placement; missing when unknown),
    ``urn`` (text).

    ``periods``: one row per period of care. ``period``, ``child_id``, ``started``, ``ended``, ``exit_reason``
    (:data:`~sufficiency.vocabulary.EXIT_REASONS`, missing while open), ``left_censored`` (bool: the first row held
    is not a start).

    ``child_register``, ``homes``, ``carers``, ``prices``, ``population``: the registers as in the data contract,
    typed, with ``latitude``/``longitude`` (``home_latitude``/``home_longitude`` for children) filled from postcodes;
    ``None`` when the file is not there.

    ``repairs``: ``code``, ``says``, ``rows`` (count). ``set_aside``: rows left out, each with its fault.
    ``row_counts``: rows read, used, repaired and set aside. ``years``: years held, by the year the return ends.
    ``data_to``: the last 31 March covered. ``authority``: display name; ``synthetic``: True for made-up data.
    ``file_hashes``: path inside the folder → SHA-256.
    """

    children: pd.DataFrame
    placements: pd.DataFrame
    periods: pd.DataFrame
    child_register: pd.DataFrame | None
    homes: pd.DataFrame | None
    carers: pd.DataFrame | None
    prices: pd.DataFrame | None
    population: pd.DataFrame | None
    repairs: pd.DataFrame
    set_aside: tuple[Fault, ...]
    row_counts: Mapping[str, int]
    years: tuple[int, ...]
    data_to: pd.Timestamp
    authority: str
    synthetic: bool
    file_hashes: Mapping[str, str]
