"""What the test database holds at the start comes back after every test that commits.

Django's own way empties every table and says so to every app: a second and more a test, and the cast is gone. Here only
tables that hold rows are emptied, and the rows of the start are put back, in one transaction.
"""

from __future__ import annotations

from django.db import connection, transaction
from django.test import TransactionTestCase

# The database itself refuses to delete from these; test databases may truncate them.
APPEND_ONLY = {"ledger_auditevent", "drawings_sheetop"}
# Written by migrations alone.
LASTING = {"django_migrations", "django_content_type", "auth_permission"}
kept: dict[str, bytes] = {}


def keep() -> None:
    """Remember the rows that are there, and put them back from now on."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in filled():
            with cursor.copy(f'COPY "{table}" TO STDOUT (FORMAT binary)') as copy:
                kept[table] = b"".join(bytes(block) for block in copy)
    TransactionTestCase._fixture_teardown = lambda _case: put_back()  # type: ignore[attr-defined]


def filled() -> list[str]:
    """The tables that hold rows."""
    names = sorted(set(connection.introspection.table_names()) - LASTING)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"(SELECT '{name}' FROM \"{name}\" LIMIT 1)" for name in names))  # noqa: S608 - names of our own tables
        return [name for (name,) in cursor.fetchall()]


def put_back() -> None:
    """The rows of the start, and no others. Foreign keys are judged at the end, so the order does not matter."""
    with transaction.atomic(), connection.cursor() as cursor:
        there = set(filled())
        for table in there & APPEND_ONLY:
            cursor.execute(f'TRUNCATE "{table}" CASCADE')
        for table in there - APPEND_ONLY:
            cursor.execute(f'DELETE FROM "{table}"')  # noqa: S608 - a table of ours
        for table, rows in kept.items():
            with cursor.copy(f'COPY "{table}" FROM STDIN (FORMAT binary)') as copy:
                copy.write(rows)
