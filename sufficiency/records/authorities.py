"""A region's returns: whose return is whose when folders, not an LA column, tell the authorities apart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Final

import pandas as pd

from sufficiency.errors import Fault
from sufficiency.records.years import YEARS_NAMED, year_of, year_text

SHARED: Final = 0.05
"""Share of the smaller return's children that two returns of one authority have in common at the least."""

MOSTLY_SHARED: Final = 0.5
"""Share of the smaller authority's children from which two authorities are one under two names."""

Children = set[tuple[str, str]]


def authorities_by_folder(headers: Sequence[tuple[str, pd.DataFrame]]) -> dict[str, str]:
    """Authority of each label, named by the parts of its path that are no year; empty when all are of one authority.

    ``headers``: label and header table of each return. Returns belong together when their paths differ in nothing but
    the year, or when they share children, as a return sent in twice does and as years side by side do. There is more
    than one authority when two returns of one year do not belong together.
    """
    children: dict[str, Children] = {}
    for label, table in headers:
        born = table.reindex(columns=["CHILD", "DOB"], fill_value="")
        children.setdefault(label, set()).update(zip(born["CHILD"], born["DOB"], strict=True))
    group = {label: number for number, label in enumerate(children)}
    for first, second in combinations(children, 2):
        if group[first] != group[second] and _belong_together(first, second, children):
            joined = group[second]
            group |= {label: group[first] for label, number in group.items() if number == joined}
    apart = any(
        year_of(year_text(first)) == year_of(year_text(second)) and group[first] != group[second]
        for first, second in combinations(children, 2)
    )
    return {label: _name([one for one in group if group[one] == group[label]]) for label in group} if apart else {}


def there_twice(header: pd.DataFrame) -> list[Fault]:
    """Two authorities most of whose children are the same, number and date of birth: the same returns under two names.

    ``header``: the header tables of all returns as text, with ``authority``.
    """
    rows = header[header["DOB"] != ""][["authority", "CHILD", "DOB"]].drop_duplicates()
    size = rows.groupby("authority").size().to_dict()
    pairs = rows.merge(rows, on=["CHILD", "DOB"], suffixes=("", "_other"))
    pairs = pairs[pairs["authority"] < pairs["authority_other"]]
    shared = pairs.groupby(["authority", "authority_other"]).size().reset_index(name="shared")
    fix = "Give them once, or write the authority in one way in every table"
    return [
        Fault("F33", "returns", "LA", (), f"{_called(one)} and {_called(other)} have the same children", fix)
        for one, other, number in shared.itertuples(index=False)
        if number > MOSTLY_SHARED * min(size[one], size[other])
    ]


def _called(authority: str) -> str:
    return authority or "returns without an LA"


def _belong_together(first: str, second: str, children: dict[str, Children]) -> bool:
    smaller = min(len(children[first]), len(children[second]))
    shared = len(children[first] & children[second])
    return _without_year(first) == _without_year(second) or smaller == 0 or shared > SHARED * smaller


def _name(labels: list[str]) -> str:
    """The words that the paths of one authority have in common, else the first path."""
    names = [_without_year(label) for label in labels]
    words = set.intersection(*(set(name.split()) for name in names))
    return " ".join(word for word in names[0].split() if word in words) or names[0]


def _without_year(label: str) -> str:
    """A path without its years, as a name; the folder "returns" and the ending of a zip are no part of it."""
    parts = [YEARS_NAMED.sub("", part.removesuffix(".zip")).strip(" _-") for part in label.split("/")]
    return " ".join(part for part in parts if part and part.lower() != "returns")
