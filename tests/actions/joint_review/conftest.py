"""Fixtures of joint review and acceptance. A world that is `made` is so once a file; each test has its own copy."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pytest
from django.test import override_settings

from joint_review.models import Round
from projects.models import Project
from tests.actions.joint_review.world import noticed_round, open_review, project_in_review
from tests.actions.projects.conftest import city, running, running_made
from tests.cast import Cast, build_cast
from tests.standing import directories, own_copy

__all__ = ["city", "running", "running_made"]


@pytest.fixture(autouse=True)
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """Prepared sheets, pictures and papers of one test; those of its standing world are there."""
    begun = "standing" in request.fixturenames
    folders = own_copy(request.getfixturevalue("standing"), tmp_path) if begun else directories(tmp_path)
    with override_settings(**folders):
        yield tmp_path


@pytest.fixture(scope="module")
def in_review_made(standing: Path) -> Project:
    return project_in_review(build_cast())


@pytest.fixture
def in_review(city: Cast, in_review_made: Project) -> Project:
    """A project whose drawing review is in hand."""
    return deepcopy(in_review_made)


@pytest.fixture(scope="module")
def opened_made(standing: Path) -> Round:
    return open_review(build_cast())


@pytest.fixture
def opened(city: Cast, opened_made: Round) -> Round:
    """An open first round of another project, with four tasks."""
    return deepcopy(opened_made)


@pytest.fixture(scope="module")
def noticed_made(standing: Path) -> Round:
    return noticed_round(build_cast())


@pytest.fixture
def noticed(city: Cast, noticed_made: Round) -> Round:
    """A noticed first round of a third project: one breach of fire (车道), one of planning (楼梯)."""
    return deepcopy(noticed_made)
