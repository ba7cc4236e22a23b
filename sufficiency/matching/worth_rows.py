"""One programme for the places of now and for one more place in any home: what that place changes, row by row.

Its columns are those that some home would have with one place more; the ones that are not there yet are ``shut``. Its
rows have the limits of now. A place more in a home is a :class:`~sufficiency.matching.restricted.Change` to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from sufficiency.matching.instance import Instance
from sufficiency.matching.pairs import build_instance
from sufficiency.matching.programme import programme_of, rows_before_whole_units, units_of_size
from sufficiency.matching.restricted import Change, entry_of, with_aim_rows
from sufficiency.matching.rules import is_fostering, open_homes_of
from sufficiency.matching.solve import Programme, held_scale


@dataclass(frozen=True, eq=False)
class Wider:
    """``base`` has the places of now, ``wide`` one more in every home; ``programme`` the columns of ``wide`` and the
    limits of ``base``, with a row for each aim at the end; ``changes``: home → what one place more there changes.

    ``shut`` (bool per column): only there with the place more. ``alone`` (bool): takes all that its home offers.
    The last ``escapes`` columns are no choice: they break rows, at a price.
    """

    programme: Programme
    base: Instance
    wide: Instance
    shut: np.ndarray
    alone: np.ndarray
    column_home: np.ndarray
    changes: tuple[Change, ...]
    escapes: int = 0

    @property
    def scales(self) -> np.ndarray:
        """What the row of each aim is divided by."""
        columns = self.programme.columns - self.escapes
        return np.array([held_scale(weights[:columns]) for weights in self.programme.aims.values()])

    @property
    def grows(self) -> np.ndarray:
        """Homes (bool) that offer a place more once they are approved for it."""
        return self.wide.offered > self.base.offered

    def keeps_rules(self, home: int, chosen: np.ndarray) -> bool:
        """A point (bool per column) keeps every row of the programme with one place more in a home; whole numbers."""
        programme, change = self.programme, self.changes[home]
        if chosen[self.shut & (self.column_home != home)].any():
            return False
        used = np.repeat(chosen, np.diff(programme.starts))
        rows = len(programme.lower) - len(programme.aims)
        sums = np.bincount(programme.rows[used], programme.values[used], len(programme.lower))[:rows]
        upper = programme.upper[:rows].copy()
        for row, limit in change.uppers.items():
            upper[row] = limit
        for (row, column), value in change.coefficients.items():
            sums[row] += (value - entry_of(programme, row, column)) * chosen[column]
        sums = np.rint(sums)
        return bool(((sums >= programme.lower[:rows]) & (sums <= upper)).all())

    def columns_of(self, instance: Instance, chosen: np.ndarray) -> np.ndarray:
        """Columns of an instance with fewer places (bool) as columns here."""
        pairs, parts = len(instance.pair_child), []
        for some, who, where in (
            (chosen[:pairs], "pair_child", "pair_home"),
            (chosen[pairs:], "column_group", "column_home"),
        ):
            there, here = (
                getattr(each, who).astype(np.int64) * len(instance.homes) + getattr(each, where)
                for each in (instance, self.wide)
            )
            parts.append(np.isin(here, there[some]))
        return np.concatenate(parts)


def wider(base: Instance) -> Wider:
    """The programme of an instance ready for one more place in any of its homes."""
    wide = _with_a_place_more_everywhere(base)
    shut, column_home, alone = _shut(base, wide), np.concatenate([wide.pair_home, wide.column_home]), _takes_all(wide)
    limits = [*_solo_limits(base, wide), *_reserve_limits(base, wide)]
    programme = programme_of(wide)
    children, homes = len(base.children), len(base.homes)
    upper, values = programme.upper.copy(), programme.values.copy()
    upper[children : children + homes] = base.offered + base.leavers
    for row, now, _ in limits:
        upper[row] = now
    rows = np.concatenate([np.arange(children, children + homes), [row for row, _, _ in limits]]).astype(int)
    changed = _of_takers(base, wide, programme, alone, column_home, rows)
    for (row, column), (now, _) in changed.items():
        entries = np.arange(programme.starts[column], programme.starts[column + 1])
        values[entries[programme.rows[entries] == row]] = now
    programme, fits = _with_whole_units(replace(programme, upper=upper, values=values), base, wide, shut)
    changes = _changes(base, wide, [*limits, *fits], changed, shut, column_home)
    return Wider(with_aim_rows(programme), base, wide, shut, alone, column_home, changes)


Limited = tuple[int, float, dict[int, float]]
"""A row, its upper limit now, and home → its limit with one place more there."""


def _with_a_place_more_everywhere(base: Instance) -> Instance:
    return build_instance(
        base.children,
        base.homes.assign(places=base.homes["places"] + 1, places_free=base.homes["places_free"] + 1),
        limit_miles=base.limit_miles,
        objectives=base.objectives,
        as_of=base.as_of,
        prices=base.prices,
        practice=base.practice,
        level_3_homes=base.level_3_homes,
    )


def _shut(base: Instance, wide: Instance) -> np.ndarray:
    """Columns of the wide instance that the one of now has not got."""
    homes = len(base.homes)
    answer = []
    for who, where in (("pair_child", "pair_home"), ("column_group", "column_home")):
        now, then = (getattr(each, who).astype(np.int64) * homes + getattr(each, where) for each in (base, wide))
        answer.append(~np.isin(then, now))
    return np.concatenate(answer)


def _takes_all(wide: Instance) -> np.ndarray:
    """Columns of lone children and of groups above the usual limit, who take all that a home offers."""
    lone = wide.solo[wide.pair_child] & ~wide.pair_stays
    large = wide.column_takes != wide.group_sizes[wide.column_group] - wide.column_stayers if wide.members else []
    return np.concatenate([lone, np.array(large, dtype=bool)])


def _solo_limits(base: Instance, wide: Instance) -> Iterator[Limited]:
    """Rows of lone step-down children, who keep others away while they stay: all that the home could offer."""
    first = len(base.children) + len(base.homes)
    for number, child in enumerate(np.flatnonzero(wide.solo & (wide.present >= 0)).tolist()):
        home = int(base.present[child])
        now, then = (float(each.offered[home] + each.leavers[home]) for each in (base, wide))
        yield first + number, now, {home: then}


def _reserve_limits(base: Instance, wide: Instance) -> Iterator[Limited]:
    """Rows of the places kept free of a kind, the last before those of whole units."""
    kinds = []
    takes, where = (
        np.concatenate(each) for each in ((wide.pair_takes, wide.column_takes), (wide.pair_home, wide.column_home))
    )
    for kind, spare in wide.practice.reserve.items():
        of_kind = open_homes_of(wide.homes, wide.as_of, kind)
        if takes[of_kind[where]].any():
            kinds.append((of_kind, int(spare)))
    first = rows_before_whole_units(wide) - len(kinds)
    for number, (of_kind, spare) in enumerate(kinds):
        now = int(base.offered[of_kind].sum())
        grows = np.flatnonzero(of_kind & (wide.offered > base.offered)).tolist()
        then = float(now + 1 - min(spare, now + 1))
        yield first + number, float(now - min(spare, now)), dict.fromkeys(grows, then)


def _of_takers(
    base: Instance, wide: Instance, programme: Programme, alone: np.ndarray, home: np.ndarray, rows: np.ndarray
) -> dict[tuple[int, int], tuple[float, float]]:
    """Row and column → coefficient now and with a place more, of who takes all of a home and of who stays alone."""
    answer = {}
    counts = np.zeros(len(programme.lower), dtype=bool)
    counts[rows] = True
    for column in np.flatnonzero(alone).tolist():
        entries = slice(programme.starts[column], programme.starts[column + 1])
        now, then = float(base.offered[home[column]]), float(wide.offered[home[column]])
        stayers = _stayers(wide, column)
        for row in programme.rows[entries][counts[programme.rows[entries]]].tolist():
            held = stayers if row < len(wide.children) + len(wide.homes) else 0
            answer[row, column] = (now + held, then + held)
    first = len(wide.children) + len(wide.homes)
    for number, child in enumerate(np.flatnonzero(wide.solo & (wide.present >= 0)).tolist()):
        stay, lives = int(np.flatnonzero((wide.pair_child == child) & wide.pair_stays)[0]), int(wide.present[child])
        now, then = (float(each.offered[lives] + each.leavers[lives]) for each in (base, wide))
        answer[first + number, stay] = (now, then)
    return answer


def _stayers(wide: Instance, column: int) -> int:
    unit = column - len(wide.pair_child)
    return int(wide.column_stayers[unit]) if unit >= 0 else 0


def _with_whole_units(
    programme: Programme, base: Instance, wide: Instance, shut: np.ndarray
) -> tuple[Programme, list[Limited]]:
    """The rows of how many whole units fit into the homes of now, beside those of the homes with a place more."""
    pairs, number = len(wide.pair_child), {}
    for column, (unit, home) in enumerate(zip(wide.column_group.tolist(), wide.column_home.tolist(), strict=True)):
        number[unit, home] = pairs + column
    limits: list[Limited] = []
    entries: list[tuple[int, int]] = []
    for (home, size), (units, most) in units_of_size(base).items():
        row = len(programme.lower) + len(limits)
        then = (int(wide.offered[home] + wide.leavers[home])) // size
        limits.append((row, float(most), {home: float(then)}))
        entries += [(number[unit, home], row) for unit in units]
    entries.sort()
    columns, rows = np.array(entries, dtype=np.int64).reshape(-1, 2).T
    ends = programme.starts[1:][columns]
    at = np.searchsorted(columns, np.arange(programme.columns + 1))
    return replace(
        programme,
        starts=(programme.starts + at).astype(np.int32),
        rows=np.insert(programme.rows, ends, rows).astype(np.int32),
        values=np.insert(programme.values, ends, 1.0),
        lower=np.append(programme.lower, np.full(len(limits), -np.inf)),
        upper=np.append(programme.upper, [now for _, now, _ in limits]),
    ), limits


def _changes(
    base: Instance,
    wide: Instance,
    limits: list[Limited],
    changed: dict[tuple[int, int], tuple[float, float]],
    shut: np.ndarray,
    column_home: np.ndarray,
) -> tuple[Change, ...]:
    """What one place more changes, home by home."""
    children, homes = len(base.children), len(base.homes)
    uppers = [{children + home: float(wide.offered[home] + wide.leavers[home])} for home in range(homes)]
    for row, _, then in limits:
        for home, limit in then.items():
            uppers[home][row] = limit
    coefficients: list[dict[tuple[int, int], float]] = [{} for _ in range(homes)]
    for (row, column), (_, value) in changed.items():
        coefficients[column_home[column]][row, column] = value
    closed = np.flatnonzero(shut)
    closed = closed[np.argsort(column_home[closed], kind="stable")]
    ends = np.searchsorted(column_home[closed], np.arange(homes + 1))
    return tuple(
        Change(uppers[home], np.sort(closed[ends[home] : ends[home + 1]]), coefficients[home]) for home in range(homes)
    )


def alike(wider: Wider) -> np.ndarray:
    """For each home the first from which no rule, figure or place tells it: to swap the two changes nothing.

    The same children and units may come, at the same cost and the same side of the limit, nobody of the pool lives in
    either, and both have as many places of now and then. So one more place is worth the same in each.
    """
    wide, base = wider.wide, wider.base
    names = ("child", "home", "stays", "takes", "within", "pence", "school", "score")
    pairs = [getattr(wide, f"pair_{name}") for name in names]
    units = [
        getattr(wide, f"column_{name}")
        for name in ("group", "home", "stayers", "takes", "within", "pence", "school", "score")
    ]
    count = len(wide.pair_child)
    rows = np.concatenate(
        [np.column_stack([*pairs, np.zeros(count)]), np.column_stack([*units, np.ones(len(units[0]))])]
    )
    rows = np.column_stack([rows, wider.shut]).astype(np.int64)
    rows = rows[np.lexsort((*rows.T[::-1], rows[:, 1]))]
    ends = np.searchsorted(rows[:, 1], np.arange(len(wide.homes) + 1))
    rows = np.delete(rows, 1, axis=1)
    about = np.column_stack(
        [base.offered, wide.offered, base.leavers, is_fostering(base.homes), base.in_house(), base.level_3_settled]
    ).astype(np.int64)
    kinds = base.homes["kind"].to_numpy(dtype=object).astype(str)
    opened = np.zeros(len(kinds), dtype=bool)
    for kind in wide.practice.reserve:
        opened |= open_homes_of(base.homes, base.as_of, kind)
    seen: dict[tuple[object, ...], int] = {}
    lived_in = np.flatnonzero(base.leavers > 0)
    keys = [
        (kinds[home], bool(opened[home]), about[home].tobytes(), rows[ends[home] : ends[home + 1]].tobytes())
        for home in range(len(kinds))
    ]
    return np.array(
        [home if home in lived_in else seen.setdefault(keys[home], home) for home in range(len(kinds))], dtype=int
    )
