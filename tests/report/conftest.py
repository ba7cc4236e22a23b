"""One publication of the small outlook for the writers' tests."""

from __future__ import annotations

import pytest

from sufficiency import Outlook
from sufficiency.report import publication_of
from sufficiency.report.publication import Publication


@pytest.fixture(scope="session")
def publication(small_outlook: Outlook) -> Publication:
    return publication_of(small_outlook)
