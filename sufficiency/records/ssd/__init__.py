"""The Standard Safeguarding Dataset as a way in: its tables, from files or a database, as one SSDA903 return."""

from __future__ import annotations

from sufficiency.records.ssd.columns import is_ssd
from sufficiency.records.ssd.database import DATABASE, tables_of_connection
from sufficiency.records.ssd.reading import LABEL as DATASET
from sufficiency.records.ssd.reading import returns_of_ssd
from sufficiency.records.ssd.wording import named_as_ssd

__all__ = ["DATABASE", "DATASET", "is_ssd", "named_as_ssd", "returns_of_ssd", "tables_of_connection"]
