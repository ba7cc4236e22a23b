"""Bridges: what is bought for a child between the day of need and the next match, when matches are not monthly.

They are paid for and lived in, but nobody decided for them as a home: counts of placements that begin, of moves and of
brothers and sisters together look past them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sufficiency.placing.stays import BOUGHT, OPENED, Stays

FOLLOWED = tuple(OPENED.index(why) for why in ("started", "moved", "carer_stopped"))


def without_bridges(stays: Stays, step_months: int) -> Stays:
    """The stays ordered by path, child and time, each placement found by a match counted from its bridge's beginning.

    A bridge is bought, begins between two matches, ends at the second, and the child's next stay begins there for the
    same reason.
    """
    order = np.lexsort((stays.first, stays.child, stays.path))
    stays = stays.where(order)
    following = np.append((stays.path[1:] == stays.path[:-1]) & (stays.child[1:] == stays.child[:-1]), False)
    following[:-1] &= (stays.first[1:] == stays.last[:-1]) & (stays.opened[1:] == stays.opened[:-1])
    bridge = following & (stays.home == BOUGHT) & np.isin(stays.opened, FOLLOWED)
    bridge &= (stays.first % step_months != 0) & (stays.last % step_months == 0)
    bridge &= stays.last - stays.first < step_months
    after = np.append(False, bridge[:-1])
    earlier = np.append(0, stays.first[:-1])
    return replace(stays, first=np.where(after, earlier, stays.first)).where(~bridge)
