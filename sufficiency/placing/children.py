"""The children of one path: who they are, what the register says of them, and how they stand in a match."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sufficiency.calendar import age_in_years
from sufficiency.placing.stays import BEYOND, UNKNOWN, WITHIN
from sufficiency.streams import chance, child_keys
from sufficiency.vocabulary import ADULT_AGE, KINDS

FAMILY = (KINDS.index("in_house_fostering"), KINDS.index("ifa"))


class PathChildren:
    """Children numbered through, those in care on the as-of day first; ``now`` has a row for each of these.

    ``number`` is the child's number in the projection, ``key`` its chance in this path, ``family_plan`` whether it
    could live in a family although it is, or will be, in a children's home.
    """

    def __init__(self, children: pd.DataFrame, now: pd.DataFrame, path: int, family_plan_share: float) -> None:
        self.now = now
        self.avoid_homes = now["avoid_homes"].to_numpy(dtype=object)
        self.avoiding = np.array([row for row, homes in enumerate(self.avoid_homes) if homes], dtype=int)
        self.number = children.index.to_numpy()
        self.key = child_keys(0, children["key"].to_numpy(), np.full(len(children), path))
        self.born = children["born"].to_numpy().astype("datetime64[D]")
        self.level = children["level"].to_numpy(dtype=int)
        self.latitude = children["latitude"].to_numpy(dtype=float)
        self.longitude = children["longitude"].to_numpy(dtype=float)
        self.sex = children["sex"].to_numpy(dtype=object)
        self.group = children["sibling_group"].to_numpy(dtype=int)
        self.family_plan = chance(self.key, "family plan") < family_plan_share
        known, steps_down = now["known"].to_numpy(dtype=bool), (now["status"] == "step_down").to_numpy()
        self.family_plan[: len(now)] = np.where(known, steps_down, self.family_plan[: len(now)])

    def pool(
        self, child: np.ndarray, needs: np.ndarray, needing: int, first_present: int, day: np.datetime64
    ) -> pd.DataFrame:
        """The pool as a register: first the ``needing``, then those who could step down from their present homes.

        ``needs``: kind of placement that each child needs; ``first_present``: number of the first present home.
        """
        listed = child < len(self.now)
        row = np.where(listed, child, 0)
        present = first_present + np.arange(len(child)) - needing
        steps_down = present >= first_present

        def of_register(column: str, default: float | bool) -> np.ndarray:
            return np.where(listed, self.now[column].to_numpy(dtype=object)[row], default)

        return pd.DataFrame(
            {
                "child_id": [f"{number:05d}" for number in range(len(child))],
                "age_years": np.minimum(age_in_years(self.born[child], day), ADULT_AGE - 1),
                "sex": self.sex[child],
                "needs_level": self.level[child],
                "home_latitude": self.latitude[child],
                "home_longitude": self.longitude[child],
                "sibling_group": [str(group) if group >= 0 else None for group in self.group[child]],
                "status": np.where(steps_down, "step_down", "needs_home"),
                "current_home_id": [
                    f"{home:05d}" if steps else None for home, steps in zip(present, steps_down, strict=True)
                ],
                "max_miles": of_register("max_miles", np.nan).astype(float),
                "distance_exempt": of_register("distance_exempt", False).astype(bool),
                "avoid_homes": [()] * len(child),
                "solo": of_register("solo", False).astype(bool),
                "allowed_kinds": self._kinds_allowed(child, needs, steps_down),
            }
        )

    def _kinds_allowed(self, child: np.ndarray, needs: np.ndarray, steps_down: np.ndarray) -> list[tuple[str, ...]]:
        """A family for those who need one; a children's home, and a family where that is the plan; else as needed."""
        family = tuple(KINDS[kind] for kind in FAMILY)
        plan = self.family_plan[child]
        return [
            family[:1] if steps else family if kind in FAMILY else (KINDS[kind], *(family[:1] if planned else ()))
            for kind, steps, planned in zip(needs, steps_down, plan, strict=True)
        ]

    def avoided(self, child: np.ndarray, home_id: np.ndarray) -> np.ndarray:
        """Homes that the register says a child must not live in, shape (children, homes)."""
        answer = np.zeros((len(child), len(home_id)), dtype=bool)
        for row in np.flatnonzero(np.isin(child, self.avoiding)):
            answer[row] = np.isin(home_id.astype(str), self.avoid_homes[child[row]])
        return answer

    def units(self, child: np.ndarray, kind: np.ndarray, path: int, together: float) -> np.ndarray:
        """Number of the market placement that each child could have: brothers and sisters mostly share one."""
        group = self.group[child]
        draw = chance(child_keys(1, group, np.full(len(group), path)), "siblings together")
        shares = (group >= 0) & (draw < together)
        alone = -1 - np.arange(len(child))
        return pd.factorize(np.where(shares, group * len(KINDS) + kind, alone))[0]

    def within(self, child: np.ndarray, miles: np.ndarray, limit_miles: float) -> np.ndarray:
        """Whether each distance is within the child's own limit, else the general one; unknown where it has no say."""
        limit = np.full(len(child), limit_miles)
        known = np.isfinite(miles)
        listed = child < len(self.now)
        if listed.any():
            own = self.now["max_miles"].to_numpy(dtype=float)[child[listed]]
            limit[listed] = np.where(np.isfinite(own), own, limit[listed])
            known[listed] &= ~self.now["distance_exempt"].to_numpy(dtype=bool)[child[listed]]
        return np.where(known, np.where(np.nan_to_num(miles, nan=np.inf) <= limit, WITHIN, BEYOND), UNKNOWN)
