"""What can be wrong with the dataset's tables, by code, for the page of rules."""

from __future__ import annotations

from typing import Final

SSD_FAULTS: Final = {
    "F20": "a required table is missing: ssd_cla_episodes, ssd_cla_placement or ssd_person",
    "F21": "a required column is missing, under every name that a release has given it",
    "F22": "a required table has no row",
    "F23": "no column of the episodes or the placements tells which placement an episode is in",
    "F24": "no date can be read",
    "F25": "no episode begins by the last 31 March that the data cover",
    "F26": "the database cannot be read, or SQLAlchemy is not installed",
    "F27": "several schemas of the database have the tables: say which",
}
"""Faults of whole tables and columns; rows at fault are found by the rules for every return."""

SSD_NOTICES: Final = {
    "N50": "an optional table or column is missing: what it tells is unknown",
    "N51": "a date of an episode has not come yet: left out of account",
    "N52": "pers_dob is empty for a child in care: pers_expected_dob is taken, where some systems keep estimates",
    "N53": "words for which no code of the SSDA903 was found: read as empty",
    "N54": "an episode for which no placement was found, by id nor by person and date",
    "N55": "an episode names a placement that is not there: the one of the day was taken",
    "N56": "a placement that no episode is in: left out",
    "N57": "a date of a placement cannot be read: taken as not known",
    "N58": "no legal status of the child holds on the day that the episode began",
    "N59": "where the newest date is, and to when the data count as whole by it",
}
