"""Fixtures of the projects room."""

from __future__ import annotations

import pytest

from projects.actions import load_domain
from tests.cast import Cast


@pytest.fixture
def city(cast: Cast) -> Cast:
    """The cast, with templates and calendar loaded."""
    load_domain()
    return cast
