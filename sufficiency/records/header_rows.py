"""Where a table begins below titles and notes: the first row that has the names of its columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence, Set
from itertools import islice
from typing import Final

HEADER_WITHIN: Final = 20
"""Rows that hold something in which a table's header must come; titles and notes may stand above it."""

Wanted = Sequence[Set[str]]
"""Kinds of table, each by the column names (CHILD, PLACE_PROVIDER) that tell its header."""


def column_name(header: object) -> str:
    """A column's header as the SSDA903 writes it: capitals, with _ for spaces and hyphens ("Place provider")."""
    return re.sub(r"[\s-]+", "_", str(header).strip().upper())


def header_at(rows: Iterable[Iterable[str]], wanted: Wanted, plain: Callable[[str], str] = column_name) -> int | None:
    """Position of the first of the first rows that has every name of one of ``wanted``; None when none has.

    ``rows``: the cells, as text, of the rows that hold something, of which :data:`HEADER_WITHIN` are looked at;
    ``plain`` brings a cell into the spelling of ``wanted``.
    """
    named = ({plain(cell) for cell in cells} for cells in islice(rows, HEADER_WITHIN))
    return next((at for at, names in enumerate(named) if any(names >= kind for kind in wanted)), None)
