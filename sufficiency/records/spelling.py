"""One child, one number: numbers that programs have written differently from return to return, put right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from sufficiency.errors import Fault
from sufficiency.records.tables import as_dates

POINT_NOUGHT: Final = r"(?<=\d)\.0+$"
"""What a program adds that takes a child's number for a figure."""


def one_spelling(tables: Mapping[str, pd.DataFrame]) -> tuple[dict[str, pd.DataFrame], list[Fault]]:
    """The tables of all returns with each child's number spelt in one way, and the notice that says so.

    Numbers of one authority are one child's when they differ only by capitals, by ".0" behind or by noughts in front,
    and no two dates of birth stand with them. The longest spelling without ".0" is kept, capitals before small letters.
    """
    numbers = pd.concat([table[["authority", "CHILD"]] for table in tables.values()])
    numbers = numbers[numbers["CHILD"] != ""].drop_duplicates()
    plain = numbers["CHILD"].str.replace(POINT_NOUGHT, "", regex=True)
    numbers = numbers.assign(plain=plain, key=plain.str.upper().str.lstrip("0"), length=plain.str.len())
    numbers = numbers[numbers.groupby(["authority", "key"])["CHILD"].transform("size") > 1]
    if numbers.empty:
        return dict(tables), []
    numbers = numbers[_of_one_birth(numbers, tables["header"])]
    ordered = numbers.sort_values(["length", "plain"], ascending=[True, False])
    kept = ordered.groupby(["authority", "key"])["plain"].transform("last")
    changed = ordered.assign(kept=kept)[kept != ordered["CHILD"]].set_index(["authority", "CHILD"])["kept"]
    if changed.empty:
        return dict(tables), []
    says = (
        f"{len(changed)} numbers are other spellings (capitals, .0 behind, noughts in front) of a child's number "
        "elsewhere; read as one child"
    )
    notice = Fault("N110", "returns", "CHILD", (), says, "Export the number as text in every table")
    return {name: _respelt(table, changed) for name, table in tables.items()}, [notice]


def _of_one_birth(numbers: pd.DataFrame, header: pd.DataFrame) -> pd.Series:
    """Whether the headers tell no more than one date of birth for all spellings of a number."""
    born = header[["authority", "CHILD"]].assign(born=as_dates(header["DOB"])[0])
    births = born.merge(numbers, on=["authority", "CHILD"]).groupby(["authority", "key"])["born"].nunique()
    keys = pd.MultiIndex.from_frame(numbers[["authority", "key"]])
    return pd.Series((births.reindex(keys).fillna(0) <= 1).to_numpy(), index=numbers.index)


def _respelt(table: pd.DataFrame, changed: pd.Series) -> pd.DataFrame:
    rows = pd.MultiIndex.from_frame(table[["authority", "CHILD"]])
    new = pd.Series(changed.reindex(rows).to_numpy(), index=table.index)
    return table.assign(CHILD=new.fillna(table["CHILD"]).astype("str"))
