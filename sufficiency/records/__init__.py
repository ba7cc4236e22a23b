"""Returns and registers in, repaired and checked: one :class:`Records` per authority."""

from __future__ import annotations

from sufficiency.records.model import Records
from sufficiency.records.read import check, examine, read_records
from sufficiency.records.registers import (
    check_register,
    check_registers_together,
    read_children_and_homes,
    read_register,
    read_register_beside,
)

__all__ = [
    "Records",
    "check",
    "check_register",
    "check_registers_together",
    "examine",
    "read_children_and_homes",
    "read_records",
    "read_register",
    "read_register_beside",
]
