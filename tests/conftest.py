"""Fixtures of every test, and how tests are spread over processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from config.collector import look_less_often
from tests.cast import Cast, build_cast
from tests.databases import make_copy
from tests.keeping import keep
from tests.standing import standing

__all__ = ["standing"]

HERE = Path(__file__).resolve().parent
# Tests of these folders start processes and take ports and databases of their own: one after another, in one worker.
TOGETHER = {"browser": "processes", "realtime": "processes"}
# Tests of these folders share nothing: one by one they fill what is left at the end.
ALONE = {"architecture", "cad", "design", "unit"}
# But for these files, whose tests share what is dear to make.
WHOLE = {
    "tests/unit/regional_eval/test_covered.py",
    "tests/unit/test_certificates_verification.py",
    "tests/unit/test_demo_drawings.py",
}


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: Any,
) -> None:
    """The test database: a copy of the run's migrated one, or with --reuse-db the one that is there, brought up to date.

    It holds the cast and the domain's editions from the start: making them takes half a second a test. The ledger is
    empty: what a test finds in it the test has done.
    """
    from django.conf import settings
    from django.db import connection
    from django.test.utils import setup_databases

    from projects.actions import load_domain

    option = request.config.option
    with django_db_blocker.unblock():
        if option.reuse_db and not option.create_db:
            setup_databases(verbosity=0, interactive=False, keepdb=True)
        else:
            name = connection.settings_dict["TEST"]["NAME"]
            make_copy(name)
            connection.close()
            settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
        build_cast()
        load_domain()
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE ledger_auditevent, ledger_chainhead, ledger_outbox")
        keep()


@pytest.fixture
def cast(db: None) -> Cast:
    """The fixed cast."""
    return build_cast()


class Spread(LoadScopeScheduling):
    """Those that start many processes follow each other in one worker, then one file at a time, at last single tests."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::", maxsplit=1)[0]
        folder = path.removeprefix("tests/").split("/", maxsplit=1)[0]
        return nodeid if folder in ALONE and path not in WHOLE else TOGETHER.get(folder, path)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    """How `-n` spreads the suite; without `-n` nobody asks."""
    return Spread(config, log)


def pytest_collection_finish() -> None:
    """Everything is imported: the tests run with the collector as the demo's processes do."""
    look_less_often()
