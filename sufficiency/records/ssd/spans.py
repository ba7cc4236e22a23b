"""What held on a day: of spans of time with a key (a person, a placement's id), the one that a day falls in."""

from __future__ import annotations

from typing import Final, Literal

import pandas as pd

from sufficiency.records.tables import DATES

NONE: Final = -1
"""Position that says that no span was found."""

_EARLY: Final = pd.Timestamp(1900, 1, 1)
_FAR: Final = pd.Timestamp(2262, 1, 1)
"""Stand for a start that is not known, and for "still open"."""

Direction = Literal["backward", "forward", "nearest"]


def spans_of(key: pd.Series, start: pd.Series, end: pd.Series) -> pd.DataFrame:
    """Spans as :func:`in_force` takes them, those without a key left out.

    ``position`` counts the rows given; ``reach`` is the latest end of the key's spans up to this one in order of start,
    and ``holder`` the position of the span that has it.
    """
    spans = pd.DataFrame(
        {
            "key": key.to_numpy(),
            "start": start.fillna(_EARLY).astype(DATES).to_numpy(),
            "end": end.fillna(_FAR).astype(DATES).to_numpy(),
            "position": range(len(key)),
        }
    )
    spans = spans[spans["key"] != ""].sort_values(["start", "end", "position"], kind="stable")
    by_key = spans["key"]
    reach = spans.groupby(by_key)["end"].cummax()
    holder = spans["position"].where(spans["end"] == reach).groupby(by_key).ffill()
    return spans.assign(reach=reach, holder=holder).reset_index(drop=True)


def in_force(key: pd.Series, day: pd.Series, spans: pd.DataFrame) -> pd.Series:
    """Position of the span that each key's day is in, :data:`NONE` where it is in none; ``end`` is the day after.

    Of several, the one that started last; of those that started on one day, the longest. A span that starts on the day
    counts although it ends on it. One pass over both tables, whatever they hold.
    """
    found = _look_up(key, day, spans, "backward")
    inside = (found["end"] > found["day"]) | (found["start"] == found["day"])
    holder = found["holder"].where(found["reach"] > found["day"])
    return _positions(found["position"].where(inside, holder), key)


def nearest(key: pd.Series, day: pd.Series, spans: pd.DataFrame) -> pd.Series:
    """Position of the key's span that starts nearest to the day, :data:`NONE` where the key has none."""
    return _positions(_look_up(key, day, spans, "nearest")["position"], key)


def next_within(key: pd.Series, day: pd.Series, until: pd.Series, spans: pd.DataFrame) -> pd.Series:
    """Position of the key's first span that starts on or after the day and before ``until``, else :data:`NONE`."""
    found = _look_up(key, day, spans, "forward")
    limit = until.fillna(_FAR).to_numpy()[found.index]
    return _positions(found["position"].where(found["start"] < limit), key)


def _look_up(key: pd.Series, day: pd.Series, spans: pd.DataFrame, direction: Direction) -> pd.DataFrame:
    """The key's span whose start is nearest to the day on the side asked for; indexed by position in ``key``."""
    asked = pd.DataFrame({"key": key.to_numpy(), "day": day.fillna(_FAR).astype(DATES).to_numpy()})
    ordered = asked[asked["key"] != ""].sort_values("day", kind="stable").reset_index(names="asked")
    typed = ordered.astype({"key": "object"})
    found = pd.merge_asof(
        typed, spans.astype({"key": "object"}), left_on="day", right_on="start", by="key", direction=direction
    )
    return found.set_index("asked")


def _positions(found: pd.Series, key: pd.Series) -> pd.Series:
    return found.reindex(range(len(key))).fillna(NONE).astype("int64").set_axis(key.index)


def first_found(*positions: pd.Series) -> pd.Series:
    """For each row the first of several answers that found a span."""
    answer = positions[0]
    for other in positions[1:]:
        answer = answer.where(answer != NONE, other)
    return answer


def taken(values: pd.Series, positions: pd.Series) -> pd.Series:
    """Values at positions, "" where no span was found; the index is that of ``positions``."""
    picked = values.reset_index(drop=True).reindex(positions.to_numpy())
    return picked.set_axis(positions.index).fillna("").astype("str")
