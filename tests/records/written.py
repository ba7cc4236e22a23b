"""Write small returns for tests: histories as they truly were, dumped year by year as real returns do."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

Day = datetime.date
EPISODE_HEADER = "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN"
HEADER_HEADER = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB"
UASC_HEADER = "CHILD,SEX,DOB,DUC"


@dataclass(frozen=True)
class Episode:
    child: str
    decom: Day
    dec: Day | None = None
    rne: str = "S"
    rec: str = "E4A"
    ls: str = "C2"
    place: str = "U6"
    provider: str = "PR1"
    urn: str = ""
    pl_post: str = ""

    def row(self, until: Day | None = None) -> str:
        """The row of a return that was drawn up on ``until``: later ends are not known yet."""
        known = self.dec is not None and (until is None or self.dec <= until)
        dec = f"{self.dec:%d/%m/%Y}" if known and self.dec else ""
        start, reason = f"{self.decom:%d/%m/%Y}", self.rec if known else ""
        place = f"{self.place},{self.provider}"
        return f"{self.child},{start},{self.rne},{self.ls},N1,{place},{dec},{reason},,,{self.pl_post},{self.urn}"


def in_return(episodes: Iterable[Episode], year: int) -> list[Episode]:
    first, last = Day(year - 1, 4, 1), Day(year, 3, 31)
    return [e for e in episodes if e.decom <= last and (e.dec is None or e.dec >= first)]


def write_return(
    folder: Path, rows: Sequence[str], born: dict[str, Day], sex: str = "", uasc: Sequence[str] = ()
) -> Path:
    """One return's three tables from episode rows that are already text; boys, unless told otherwise."""
    sex = sex or ("M" if folder.name.isdigit() and int(folder.name) >= 2025 else "1")
    folder.mkdir(parents=True, exist_ok=True)
    headers = [f"{child},{sex},{day:%d/%m/%Y},WBRI,,," for child, day in born.items()]
    listed = [f"{child},{sex},{born[child]:%d/%m/%Y}," for child in uasc]
    tables = {
        "header": [HEADER_HEADER, *headers],
        "episodes": [EPISODE_HEADER, *rows],
        "uasc": [UASC_HEADER, *listed],
    }
    for name, lines in tables.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def write_returns(root: Path, episodes: Sequence[Episode], born: dict[str, Day], years: Iterable[int]) -> Path:
    """Every year's return of the same true histories, as the authority would have drawn it up that year."""
    for year in years:
        held = in_return(episodes, year)
        named = {child: day for child, day in born.items() if any(e.child == child for e in held)}
        rows = [episode.row(Day(year, 3, 31)) for episode in held]
        write_return(root / "returns" / str(year), rows, named)
    return root


def plain_count(episodes: Iterable[Episode], born: dict[str, Day], on: Day) -> int:
    """Distinct children in care on a day, short breaks and adults left out: the count to agree with.

    In care is who has an episode open, or is between two whose gap is a slip of the pen: of a day, or of up to 14 when
    the first says X1 or the second does not say S.
    """
    real = [e for e in episodes if e.ls not in ("V3", "V4")]
    there = {e.child for e in real if e.decom <= on and (e.dec is None or e.dec > on)}
    there |= {
        first.child
        for first in real
        for second in real
        if first.child == second.child
        and first.dec is not None
        and first.dec <= on < second.decom
        and (second.decom - first.dec).days <= (14 if first.rec == "X1" or second.rne != "S" else 1)
        and not any(first.dec <= e.decom < second.decom for e in real if e.child == first.child and e is not first)
    }
    return len({child for child in there if on < grown(born[child])})


def grown(born: Day) -> Day:
    if (born.month, born.day) == (2, 29):
        return Day(born.year + 18, 3, 1)
    return born.replace(year=born.year + 18)
