"""Fixtures of every test."""

from __future__ import annotations

import pytest

from tests.cast import Cast, build_cast


@pytest.fixture
def cast(db: None) -> Cast:
    """The fixed cast in a fresh database."""
    return build_cast()
