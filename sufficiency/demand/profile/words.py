"""The groups and labels of the needs analysis, as DfE's tables name them.

Source: DfE, *Children looked after in England including adoptions* (Open Government Licence v3.0).
"""

from __future__ import annotations

from typing import Final

PROVIDER_GROUPS: Final = ("in_house_fostering", "ifa", "kinship", "residential", "supported")
"""Kinds of placement that stand alone in the table of providers."""
OTHER_KINDS: Final = "other_kinds"

PROVIDER_LABELS: Final = {
    "PR1": "Own provision (by the authority)",
    "PR2": "Another authority",
    "PR3": "Other public provision",
    "PR4": "Private provision",
    "PR5": "Voluntary sector",
    "PR0": "Parents",
    "unknown": "Provider not known",
}

LEGAL_GROUP_OF_CODE: Final = {
    "C2": "full_care_order",
    "C1": "interim_care_order",
    "E1": "placement_order",
    "V2": "voluntary_s20",
}
LEGAL_LABELS: Final = {
    "full_care_order": "Full care order",
    "interim_care_order": "Interim care order",
    "placement_order": "Placement order",
    "voluntary_s20": "Voluntary agreement (section 20)",
    "other": "Other legal status",
    "unknown": "Legal status not known",
}

NEED_LABELS: Final = {
    "N1": "Abuse or neglect",
    "N2": "Child's disability",
    "N3": "Parental illness or disability",
    "N4": "Family in acute stress",
    "N5": "Family dysfunction",
    "N6": "Socially unacceptable behaviour",
    "N7": "Low income",
    "N8": "Absent parenting",
    "unknown": "Need not known",
}


def slug(label: str) -> str:
    """A label as part of a measure's name."""
    return label.lower().replace("'", "").replace(" ", "_")
