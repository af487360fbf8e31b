"""pg_dump and pg_restore of the embedded PostgreSQL, on the database of the settings."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from django.db import connection

from config.launcher.postgres import programs


class DatabaseProgramFailed(Exception):
    """pg_dump or pg_restore ended with an error; the message is its own."""


def run(program: str, arguments: Sequence[str]) -> None:
    """Run one of PostgreSQL's programs; the password goes by the environment, never by the command line."""
    settings = connection.settings_dict
    environment = {**os.environ, "PGUSER": settings["USER"] or "postgres", "PGDATABASE": settings["NAME"]}
    for name, key in (("PGHOST", "HOST"), ("PGPORT", "PORT"), ("PGPASSWORD", "PASSWORD")):
        if settings[key]:
            environment[name] = str(settings[key])
    done = subprocess.run(
        [str(programs() / program), *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DatabaseProgramFailed(f"{program}: {done.stderr.strip()}")


def dump(target: Path, snapshot: str) -> None:
    """The whole database as of an exported snapshot."""
    options = ["--format=custom", "--no-owner", "--no-privileges", "--lock-wait-timeout=60s"]
    run("pg_dump", [*options, f"--snapshot={snapshot}", f"--file={target}"])


def restore(source: Path) -> None:
    """Into the empty database of the settings: all of it, or nothing."""
    options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    run("pg_restore", [*options, f"--dbname={connection.settings_dict['NAME']}", str(source)])


def tables() -> list[str]:
    """The tables of the public schema."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        return [row[0] for row in cursor.fetchall()]


def row_counts() -> dict[str, int]:
    """Rows by table; sessions come and go and are not compared."""
    counts = {}
    with connection.cursor() as cursor:
        for table in tables():
            if table == "django_session":
                continue
            cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608 - a name from pg_tables
            counts[table] = int(cursor.fetchone()[0])
    return counts


def applied_migrations() -> list[str]:
    """app.name of every migration in this database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app || '.' || name FROM django_migrations ORDER BY id")
        return [row[0] for row in cursor.fetchall()]
