"""Records without names: ids replaced by a keyed hash, dates of birth by their month, postcodes by their sector."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

import pandas as pd

from sufficiency.geography import postcode_key

LENGTH: Final = 16
"""Hexadecimal digits of a pseudonym: 64 bits, so that two children of any authority will not share one."""


def pseudonyms(ids: pd.Series, key: str) -> pd.Series:
    """Each id's HMAC-SHA-256 under ``key``, cut to 16 digits; missing stays missing. The same key, the same answer."""
    secret = key.encode()
    codes, distinct = pd.factorize(ids)
    hashed = [hmac.new(secret, str(name).encode(), hashlib.sha256).hexdigest()[:LENGTH] for name in distinct]
    return pd.Series(pd.array([*hashed, None], dtype="str")[codes], index=ids.index, name=ids.name)


def middle_of_month(dates: pd.Series) -> pd.Series:
    """Dates of birth as the 15th of their month."""
    return (dates.dt.to_period("M").dt.to_timestamp() + pd.Timedelta(days=14)).astype(dates.dtype)


def sectors(postcodes: pd.Series) -> pd.Series:
    """Postcodes cut to their sector ("SN1 2AB" to "SN1 2")."""
    return postcode_key(postcodes).str.replace(r"^(\S+ \d)[A-Z]{2}$", r"\1", regex=True).astype(postcodes.dtype)
