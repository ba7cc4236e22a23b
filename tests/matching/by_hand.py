"""A child and a home to change by hand, as text cells: what a test says of them is all that matters of them."""

from __future__ import annotations

from .instances import CHILD_COLUMNS, HOME_COLUMNS

MILES_PER_DEGREE = 69.13
"""Miles in a degree of latitude at Swindon: homes are put due north of the children."""


def child(child_id: str, **cells: object) -> dict[str, object]:
    """A child of ten at Swindon with level 1 needs, but for what is said."""
    usual: dict[str, object] = {
        "child_id": child_id,
        "date_of_birth": "2015-01-15",
        "sex": "female",
        "needs_level": "1",
        "home_latitude": "51.56",
        "home_longitude": "-1.78",
    }
    return dict.fromkeys(CHILD_COLUMNS, "") | usual | cells


def home(home_id: str, *, miles: float = 5.0, **cells: object) -> dict[str, object]:
    """An empty in-house household with one place, £600 a week, for any child, but for what is said."""
    usual: dict[str, object] = {
        "home_id": home_id,
        "kind": "in_house_fostering",
        "latitude": f"{51.56 + miles / MILES_PER_DEGREE:.6f}",
        "longitude": "-1.78",
        "places": "1",
        "places_free": cells.get("places", "1"),
        "min_age": "0",
        "max_age": "17",
        "max_needs_level": "3",
        "weekly_cost": "600",
    }
    return dict.fromkeys(HOME_COLUMNS, "") | usual | cells
