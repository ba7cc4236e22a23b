"""Classes of approval: children to whom the rules are alike, homes that the rules take alike.

Millions of pairs need the rules read only once for each pair of classes. What is a child's own, the homes to avoid,
is left to the caller.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sufficiency.matching import rules


@dataclass(frozen=True, eq=False)
class Classes:
    """``child`` and ``home``: class of each. ``suits`` (child classes × home classes, bool): the rules allow it."""

    child: np.ndarray
    home: np.ndarray
    suits: np.ndarray


def classes_of(children: pd.DataFrame, homes: pd.DataFrame, as_of: pd.Timestamp) -> Classes:
    """The classes of two typed registers; homes to avoid are not looked at."""
    level = children["needs_level"].to_numpy(dtype=int)
    child = _numbered(
        rules.ages(children, as_of),
        _codes(children["sex"]),
        level,
        _codes(children["allowed_kinds"].map(lambda kinds: ";".join(sorted(kinds or ())))),
        children["solo"].to_numpy(dtype=bool),
    )
    home = _numbered(
        _codes(homes["kind"]),
        homes["min_age"].to_numpy(dtype=int),
        homes["max_age"].to_numpy(dtype=int),
        _codes(homes["sex"]),
        homes["max_needs_level"].to_numpy(dtype=int),
        homes["registered"].to_numpy(dtype=bool),
        rules.is_open(homes, as_of),
        rules.is_empty(homes),
    )
    one_child, one_home = _firsts(child), _firsts(home)
    like = children.iloc[one_child]
    like = like.assign(avoid_homes=pd.Series([()] * len(like), index=like.index, dtype=object))
    suits = rules.allowed(rules.passes(like, homes.iloc[one_home], as_of), (len(one_child), len(one_home)))
    return Classes(child, home, suits)


def _codes(values: pd.Series) -> np.ndarray:
    return pd.factorize(values.astype("str"))[0]


def _numbered(*columns: np.ndarray) -> np.ndarray:
    """Number of each row's combination of values."""
    table = np.stack([np.asarray(column, dtype=np.int64) for column in columns], axis=1)
    return np.unique(table, axis=0, return_inverse=True)[1].reshape(-1)


def _firsts(number: np.ndarray) -> np.ndarray:
    """The first row of each number."""
    return np.unique(number, return_index=True)[1]
