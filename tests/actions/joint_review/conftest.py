"""Fixtures of joint review and acceptance."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings

from projects.actions import load_domain
from tests.cast import Cast


@pytest.fixture(autouse=True)
def blobs(tmp_path: Path) -> Iterator[Path]:
    """Prepared sheets, pictures and papers of one test."""
    with override_settings(BLOB_DIR=tmp_path / "blobs", KEY_DIR=tmp_path / "keys"):
        yield tmp_path


@pytest.fixture
def city(cast: Cast) -> Cast:
    """The cast, with templates and calendar loaded."""
    load_domain()
    return cast
