"""The databases of a run: one migrated, made by whoever needs it first; every other database of the run is a copy of it.

Migrating takes a dozen seconds, a copy a tenth of one.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import uuid
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

ROOT = Path(__file__).resolve().parents[1]
RUN = "LIANSHEN_TEST_RUN"


def database_url(name: str) -> str:
    """The server of DATABASE_URL with another database."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    # urlunsplit would drop the empty host of a socket address.
    text = urlunsplit(parts._replace(path=f"/{name}"))
    return text if "://" in text else text.replace("postgresql:", "postgresql://", 1)


def on_server(statement: str) -> None:
    """One statement outside any test database."""
    with psycopg.connect(database_url("postgres"), autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[arg-type]


def name_this_run() -> None:
    """Called once by the controlling process; its workers inherit the name."""
    os.environ[RUN] = uuid.uuid4().hex[:12]


def make_copy(name: str) -> None:
    """A new database of this name with every table and no row; one that is there is dropped."""
    on_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    on_server(f'CREATE DATABASE "{name}" TEMPLATE "{migrated()}"')


def migrated() -> str:
    """The name of this run's migrated database; it is made under a lock, so that several workers make one."""
    name = f"test_lianshen{os.environ.get('LIANSHEN_TEST_SUFFIX', '')}_migrated"
    folder = Path(os.environ["LIANSHEN_VAR"])
    made = folder / f"migrated-{os.environ[RUN]}"
    with (folder / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            on_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            on_server(f'CREATE DATABASE "{name}"')
            migrate(name)
            made.touch()
    return name


def migrate(name: str) -> None:
    """Every migration, in a process of its own, which leaves no connection to what is to be copied."""
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0", "--skip-checks"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url(name)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the migrations fail:\n{done.stdout}{done.stderr}")
