"""Fixtures of the projects room. A world that is `made` is so once a file; each test has its own copy."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pytest
from django.test import override_settings

from projects.actions import load_domain
from projects.models import Project
from tests.actions.projects.filing import accepted, begun_project, draft, nothing_sent, project_at_land, submitted
from tests.cast import Cast, build_cast
from tests.standing import own_copy


@pytest.fixture(autouse=True)
def own_files(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """A test that begins with a standing world has the files of it for itself."""
    if "standing" not in request.fixturenames:
        yield
        return
    with override_settings(**own_copy(request.getfixturevalue("standing"), tmp_path)):
        yield


@pytest.fixture
def city(cast: Cast) -> Cast:
    """The cast, with templates and calendar loaded."""
    load_domain()
    return cast


@pytest.fixture(scope="module")
def drafted_made(standing: Path) -> Project:
    return draft(build_cast())


@pytest.fixture
def drafted(city: Cast, drafted_made: Project) -> Project:
    """A draft, complete enough to be filed."""
    return deepcopy(drafted_made)


@pytest.fixture(scope="module")
def filed_made(standing: Path) -> Project:
    with nothing_sent():
        return submitted(build_cast())


@pytest.fixture
def filed(city: Cast, filed_made: Project) -> Project:
    """Another project, filed on Monday 2026-03-02."""
    return deepcopy(filed_made)


@pytest.fixture(scope="module")
def running_made(standing: Path) -> Project:
    with nothing_sent():
        return accepted(build_cast())


@pytest.fixture
def running(city: Cast, running_made: Project) -> Project:
    """A third project, accepted on Monday 2026-03-02."""
    return deepcopy(running_made)


@pytest.fixture(scope="module")
def begun_made(standing: Path) -> Project:
    return begun_project(build_cast())


@pytest.fixture
def begun(city: Cast, begun_made: Project) -> Project:
    """Accepted on Monday 2026-03-02 with as few items as can be."""
    return deepcopy(begun_made)


@pytest.fixture(scope="module")
def at_land_made(standing: Path) -> Project:
    return project_at_land(build_cast())


@pytest.fixture
def at_land(city: Cast, at_land_made: Project) -> Project:
    """Another project: the enterprise must now obtain the land."""
    return deepcopy(at_land_made)
