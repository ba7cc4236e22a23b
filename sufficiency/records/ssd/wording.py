"""Faults of the dataset's return in the dataset's own words: its columns, not those of the SSDA903."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sufficiency.errors import Fault

if TYPE_CHECKING:
    from sufficiency.records.returns import Return

_SSD_NAMES: Final = {
    "header": {"CHILD": "pers_person_id", "SEX": "pers_sex", "DOB": "pers_dob"},
    "episodes": {
        "CHILD": "clae_person_id",
        "DECOM": "clae_cla_episode_start_date",
        "RNE": "clae_cla_episode_start_reason",
        "LS": "lega_legal_status",
        "CIN": "clae_cla_primary_need_code",
        "PLACE": "clap_cla_placement_type",
        "PLACE_PROVIDER": "clap_cla_placement_provider",
        "DEC": "clae_cla_episode_ceased_date",
        "REC": "clae_cla_episode_ceased_reason",
        "HOME_POST": "addr_address_postcode",
        "PL_POST": "clap_cla_placement_postcode",
        "URN": "clap_cla_placement_urn",
        "DOB": "pers_dob",
    },
    "uasc": {"CHILD": "immi_person_id", "DUC": "immi_immigration_status_end_date"},
}
"""Table of a return → its columns, and where in the dataset they come from."""

_SAYS: Final = {
    "E03": (
        "the person is not in ssd_person, or has no date of birth there",
        "Add the row to ssd_person, with pers_dob",
    ),
}
"""Rules whose sentence speaks of tables that the dataset does not have."""


def named_as_ssd(faults: Iterable[Fault], one: Return) -> list[Fault]:
    """Faults and notices with the columns of the dataset in the stead of the 903's, where they are of ``one``'s files.

    A fault of any other file is given back as it is.
    """
    names = {part.source: _SSD_NAMES[table] for table, parts in one.tables.items() for part in parts}
    return [_renamed(fault, names[fault.table]) if fault.table in names else fault for fault in faults]


def _renamed(fault: Fault, names: dict[str, str]) -> Fault:
    says, fix = _SAYS.get(fault.code, (fault.says, fault.fix))
    words = re.compile(rf"\b(?:{'|'.join(sorted(names, key=len, reverse=True))})\b")

    def in_ssd(text: str) -> str:
        return words.sub(lambda found: names[found.group()], text)

    return replace(fault, column=in_ssd(fault.column), says=in_ssd(says), fix=in_ssd(fix))
