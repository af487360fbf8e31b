"""pytest plugin, loaded before Django's settings are read: mode, data folder, database and Valkey of the test run.

With DATABASE_URL (and REDIS_URL) set, those servers are used; otherwise embedded ones run for this run only, on data that
are thrown away. LIANSHEN_TEST_SUFFIX keeps the test databases of several people on one server apart.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from config.collector import load_undisturbed
from config.launcher.postgres import FOR_TESTS, EmbeddedPostgres
from config.launcher.valkey import EmbeddedValkey
from config.launcher.warden import Warden
from tests.databases import name_this_run

_to_stop: list[EmbeddedPostgres | EmbeddedValkey] = []
_folders: list[Path] = []
_wardens: list[Warden] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    """Called once the plugin is known, which is before pytest-django looks at the settings."""
    load_undisturbed()
    os.environ["LIANSHEN_MODE"] = "test"
    if "PYTEST_XDIST_WORKER" in os.environ:
        return  # everything below came with the environment of the controlling process
    name_this_run()
    if "LIANSHEN_VAR" not in os.environ:
        var = new_folder()
        (var / "static").mkdir()  # whitenoise warns where there is none
        os.environ["LIANSHEN_VAR"] = str(var)
    wanted = [name for name in ("DATABASE_URL", "REDIS_URL") if name not in os.environ]
    if not wanted:
        return
    warden = Warden()
    _wardens.append(warden)
    folder = new_folder()
    servers: dict[str, EmbeddedPostgres | EmbeddedValkey] = {
        "DATABASE_URL": EmbeddedPostgres(folder / "postgres", folder / "log" / "postgres.log", settings=FOR_TESTS),
        "REDIS_URL": EmbeddedValkey(folder / "valkey", folder / "log" / "valkey.log", durable=False),
    }
    for name in wanted:
        server = servers[name]
        child = server.start()
        warden.watch(child.pid, child.polite)
        _to_stop.append(server)
        os.environ[name] = server.url


def new_folder() -> Path:
    """A temporary folder; others may enter it, because as root PostgreSQL runs as another user."""
    folder = Path(tempfile.mkdtemp(prefix="lianshen-test-"))
    folder.chmod(0o755)
    _folders.append(folder)
    return folder


def pytest_unconfigure() -> None:
    """Stop what was started here and throw its data away."""
    while _to_stop:
        _to_stop.pop().stop()
    while _wardens:
        _wardens.pop().dismiss()
    while _folders:
        shutil.rmtree(_folders.pop(), ignore_errors=True)
