"""How children of an average simulated council start, move and leave; :mod:`.council` varies every figure by world.

Shares and rates are the author's, set so that the stock, the starts and the ceases of the worlds have about the ages
and kinds that DfE publishes (children looked after in England, year to 31 March 2025); :mod:`.calibration` prints them.
Rates are a year, at the middle of a month.
"""

from __future__ import annotations

from typing import Final

import numpy as np

START_SHARES: Final = np.array([0.27, 0.14, 0.14, 0.28, 0.17])
"""Starts by age band, unaccompanied asylum-seeking children not counted [shares]."""

FIRST_KIND: Final = np.array(
    [
        [0.18, 0.42, 0.20, 0.00, 0.00, 0.00, 0.08, 0.00, 0.12],
        [0.24, 0.42, 0.24, 0.01, 0.00, 0.00, 0.08, 0.00, 0.01],
        [0.23, 0.38, 0.28, 0.05, 0.00, 0.00, 0.05, 0.00, 0.01],
        [0.16, 0.26, 0.26, 0.24, 0.00, 0.01, 0.05, 0.00, 0.02],
        [0.07, 0.08, 0.09, 0.20, 0.50, 0.01, 0.02, 0.00, 0.03],
        [0.01, 0.12, 0.18, 0.04, 0.63, 0.00, 0.00, 0.00, 0.02],
    ]
)
"""Kind of the first placement by age band, and unaccompanied [shares of a row]."""

NEXT_KIND: Final = np.array(
    [
        [0.30, 0.33, 0.20, 0.00, 0.00, 0.00, 0.16, 0.00, 0.01],
        [0.28, 0.32, 0.27, 0.01, 0.00, 0.00, 0.11, 0.00, 0.01],
        [0.20, 0.30, 0.35, 0.09, 0.00, 0.00, 0.06, 0.00, 0.00],
        [0.08, 0.17, 0.29, 0.38, 0.00, 0.02, 0.04, 0.00, 0.02],
        [0.03, 0.05, 0.08, 0.17, 0.63, 0.01, 0.01, 0.00, 0.02],
        [0.01, 0.07, 0.15, 0.03, 0.73, 0.00, 0.00, 0.00, 0.01],
    ]
)
"""Kind after a move to another kind, by age band, and unaccompanied [shares of a row]."""

SAME_KIND: Final = np.array([0.15, 0.45, 0.50, 0.55, 0.60, 0.10, 0.00, 0.50, 0.00])
"""Moves that stay within a kind [share], by kind."""

TIME_STEPS: Final = np.array([1 / 12, 0.25, 0.5, 1.0, 2.0])
"""Ends of the steps of time in care, and in a placement, over which rates are level [years]; the last step is open."""

LEAVING: Final = np.array(
    [
        [0.72, 0.40, 0.25, 0.16, 0.08, 0.025],
        [0.03, 0.06, 0.14, 0.26, 0.20, 0.045],
        [0.00, 0.00, 0.00, 0.00, 0.00, 0.000],
        [0.09, 0.06, 0.05, 0.04, 0.035, 0.020],
    ]
)
"""Rate of leaving by way (home, order, adopted, other) and time in care; adopted is from adoptive families only."""

LEAVING_BY_BAND: Final = np.array(
    [
        [0.70, 1.05, 1.05, 0.95, 0.75, 0.10],
        [1.10, 1.40, 0.90, 0.30, 0.05, 0.01],
        [1.00, 1.00, 1.00, 1.00, 1.00, 1.00],
        [0.50, 0.50, 0.50, 1.00, 5.00, 3.00],
    ]
)
"""Factor on it by way and age band, and unaccompanied."""

LEAVING_BY_KIND: Final = np.array(
    [
        [0.80, 1.00, 1.00, 1.00, 0.80, 0.80, 1.80, 0.00, 1.50],
        [2.60, 0.70, 0.60, 0.15, 0.05, 0.00, 0.60, 0.00, 0.60],
        [0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 1.50, 0.00],
        [0.80, 0.80, 0.80, 1.00, 1.30, 1.50, 1.00, 0.02, 3.00],
    ]
)
"""Factor on it by way and kind; for adopted, the rate itself."""

TO_ADOPTION: Final = np.array([0.00, 0.02, 0.10, 0.40, 0.60, 0.22])
"""Rate of moving to an adoptive family by time in care."""

TO_ADOPTION_BY_BAND: Final = np.array([0.80, 1.00, 0.12, 0.00, 0.00, 0.00])
"""Factor on it by age band, and unaccompanied."""

MOVING: Final = np.array([2.40, 1.50, 0.95, 0.65, 0.40, 0.19])
"""Rate of moving by time in the placement."""

MOVING_BY_BAND: Final = np.array([0.90, 0.80, 0.80, 1.15, 1.50, 1.30])
MOVING_BY_KIND: Final = np.array([0.50, 0.85, 0.95, 1.20, 0.90, 2.50, 0.60, 0.05, 2.00])
"""Factors on it by age band, and unaccompanied, and by kind."""

GROUP_SIZES: Final = np.array([0.76, 0.14, 0.06, 0.03, 0.01])
"""Families by children that start together [shares of 1, 2, 3, 4, 5]."""

LEAVE_TOGETHER: Final = 0.65
"""Chance that a brother or sister who came together goes home, or to a guardian, on the same day."""

SEASON: Final = np.array([1.02, 0.97, 1.08, 0.96, 1.02, 1.05, 1.06, 0.92, 0.98, 1.02, 1.00, 0.92])
"""Starts by calendar month, January first."""
