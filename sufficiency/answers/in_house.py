"""How many children live with the authority's own carers, and how many in children's homes, year by year."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sufficiency.answers.yearly import part_of, yearly_table
from sufficiency.calendar import year_ends
from sufficiency.placing import Stays
from sufficiency.placing.stays import OPENED
from sufficiency.vocabulary import FOSTERING_KINDS, IN_HOUSE_KINDS, KINDS

STEPPED_DOWN = OPENED.index("stepped_down")


def in_house(stays: Stays, dates: pd.DatetimeIndex, paths: int) -> pd.DataFrame:
    """``financial_year measure`` and ranges.

    At the year's end: ``in_house_children`` in in-house mainstream fostering, their
    ``in_house_share_of_all_fostering`` (kinship and agency included) and ``in_house_share_of_all_children``;
    ``own_carers_share_of_all_children`` counts kinship carers as well; ``residential_children`` in children's homes
    and ``residential_share_of_all_children``. In the year: ``stepped_down_in_year``, moves from a children's home
    into a family.
    """
    years, ends = year_ends(dates)
    stock = stays.stock(paths, len(dates) - 1)[:, ends]

    def children(*kinds: str) -> np.ndarray:
        return stock[:, :, [KINDS.index(kind) for kind in kinds]].sum(axis=2)

    own, homes, everyone = children("in_house_fostering"), children("residential"), stock.sum(axis=2)
    return yearly_table(
        years,
        {
            "in_house_children": own,
            "in_house_share_of_all_fostering": part_of(own, children(*FOSTERING_KINDS)),
            "in_house_share_of_all_children": part_of(own, everyone),
            "own_carers_share_of_all_children": part_of(children(*IN_HOUSE_KINDS), everyone),
            "residential_children": homes,
            "residential_share_of_all_children": part_of(homes, everyone),
            "stepped_down_in_year": _stepped_down(stays, ends, paths),
        },
    )


def _stepped_down(stays: Stays, ends: list[int], paths: int) -> np.ndarray:
    rows = stays.where(stays.opened == STEPPED_DOWN)
    year = np.searchsorted(ends, rows.first)
    inside = year < len(ends)
    cells = np.bincount(rows.path[inside] * len(ends) + year[inside], minlength=paths * len(ends))
    return cells.reshape(paths, len(ends))
