"""Fixtures of every test, and how tests are spread over processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.cast import Cast, build_cast

HERE = Path(__file__).resolve().parent
# Tests of these folders start processes and take ports and databases of their own: one after another, in one worker.
TOGETHER = {"browser": "processes", "realtime": "processes"}
# Tests of these folders share nothing: one by one they fill what is left at the end.
ALONE = {"architecture", "cad", "design", "unit"}


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The test database holds the cast and the domain's editions from the start: making them takes half a second a test.

    The ledger is empty: what a test finds in it the test has done. A test that empties tables loses cast and editions for
    those after it; `cast` and `load_domain` then make them again.
    """
    from django.db import connection

    from projects.actions import load_domain

    with django_db_blocker.unblock():
        build_cast()
        load_domain()
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE ledger_auditevent, ledger_chainhead, ledger_outbox")


@pytest.fixture
def cast(db: None) -> Cast:
    """The fixed cast."""
    return build_cast()


class Spread(LoadScopeScheduling):
    """Those that start many processes follow each other in one worker, then one file at a time, at last single tests."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::", maxsplit=1)[0]
        folder = path.removeprefix("tests/").split("/", maxsplit=1)[0]
        return nodeid if folder in ALONE else TOGETHER.get(folder, path)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    """How `-n` spreads the suite; without `-n` nobody asks."""
    return Spread(config, log)
