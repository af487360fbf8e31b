"""Many rows to measure on, in temporary tables that shadow the real ones inside one transaction, then are gone.

`pg_temp` comes first in PostgreSQL's search path, so the product's own queries run on these rows unchanged.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError
from django.core.paginator import Paginator
from django.db import DatabaseError, connection, models, transaction
from django.db.models import Model

from ledger.actor import Actor
from projects.clock import count_deadline
from projects.models import ItemCase, Project
from projects.models.items import OPEN
from projects.queries.calendar import bundled_calendar
from projects.queries.lists import filter_projects
from projects.queries.steps import projects_of
from projects.queries.sweeps import edges

TODAY = date(2026, 6, 10)
CITY = 1
OWNER = UUID(int=1)
FEW = 20
SHARE_OPEN = 5  # one row in five is open
PLACEHOLDER = {
    "CharField": "''",
    "TextField": "''",
    "BooleanField": "false",
    "JSONField": "'{}'::jsonb",
    "ArrayField": "'{}'",
    "DateTimeField": "now()",
}


class Undo(Exception):
    """Take everything back."""


@dataclass(frozen=True)
class Rows:
    """The rows as the product reads them."""

    items: int
    projects: int
    today: date

    def due_since(self, day: date) -> int:
        """What the sweep of the rule ITEM_OVER reads on a day."""
        return sum(1 for _edge in edges("item", "due_on", since=day, until=day))

    def open_rows(self) -> Iterator[tuple[date, int]]:
        """Day 0 and limit of every open row, as a program without stored dates would fetch them."""
        rows = ItemCase.objects.filter(OPEN)
        for day_zero, limit in rows.values_list("day_zero", "limit_days").iterator(chunk_size=5000):
            if day_zero is not None:
                yield day_zero, limit

    def list_page(self, district: int) -> tuple[int, float]:
        """Queries and seconds of one page of the project list for a supervisor of the district."""
        actor = Actor(
            person_id=1, username="bench", name="bench", roles=frozenset({"supervisor"}), district_id=district
        )
        asked = 0

        def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            nonlocal asked
            asked += 1
            return execute(sql, params, many, context)

        begun = time.perf_counter()
        with connection.execute_wrapper(count):
            page = Paginator(filter_projects(projects_of(actor)), 50).get_page(1)
            shown = [(project.name, project.owner.name) for project in page]
        if not shown:
            raise RuntimeError("the list page is empty")
        return asked, time.perf_counter() - begun


@contextmanager
def stored_rows(*, items: int, projects: int) -> Iterator[Rows]:
    """Temporary tables with this many rows; the transaction is taken back at the end."""
    if connection.vendor != "postgresql":
        raise CommandError("bench pipeline needs PostgreSQL")
    keep_temporary_rows_in_memory()
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                for model in ("accounts_organisation", Project._meta.db_table, ItemCase._meta.db_table):
                    cursor.execute(
                        f'CREATE TEMP TABLE "{model}" (LIKE public."{model}" INCLUDING DEFAULTS) ON COMMIT DROP'
                    )
                fill(cursor, items, projects)
            yield Rows(items, projects, TODAY)
            raise Undo
    except Undo:
        pass


def keep_temporary_rows_in_memory() -> None:
    """As a server keeps its shared rows; refused in a session that has used temporary tables, and then left."""
    with suppress(DatabaseError), connection.cursor() as cursor:
        cursor.execute("SET temp_buffers = '1500MB'")


def fill(cursor: Any, items: int, projects: int) -> None:
    """An owner, projects of one large and one small district, items with true due dates, the product's own indexes."""
    insert(cursor, Project._meta.get_field("owner").related_model, {"id": f"'{OWNER}'", "name": "'owner'"}, "")
    known = {
        "id": "md5(n::text)::uuid",
        "name": "'project ' || n",
        "code": "'code ' || n",
        "state": "'accepted'",
        "owner_id": f"'{OWNER}'",
        "district_id": f"CASE WHEN n <= {FEW} THEN {CITY + 1} ELSE {CITY} END",
        "form_version": "1",
        "submitted_at": "now() - n * interval '1 minute'",
    }
    insert(cursor, Project, known, f"FROM generate_series(1, {projects}) AS n")
    calendar = bundled_calendar()
    cursor.execute(
        "CREATE TEMP TABLE bench_due (slot int PRIMARY KEY, day_zero date, limits int, due date) ON COMMIT DROP"
    )
    slots = [(TODAY - timedelta(days=back), limit) for back in range(60) for limit in (5, 10, 15, 20)]
    cursor.executemany(
        "INSERT INTO bench_due VALUES (%s, %s, %s, %s)",
        [(n, zero, limit, count_deadline(zero, limit, calendar).due_on) for n, (zero, limit) in enumerate(slots)],
    )
    is_open = f"n %% {SHARE_OPEN} = 0".replace("%%", "%")
    known = {
        "id": "gen_random_uuid()",
        "project_id": f"md5((1 + n % {projects})::text)::uuid",
        "code": "'I' || n % 53",
        "name_zh": "'事项'",
        "name_en": "'item'",
        "need": "'needed'",
        "department_code": "'HUC'",
        "state": f"CASE WHEN {is_open} THEN 8 ELSE 11 END",
        "ready_at": "d.day_zero::timestamptz",
        "day_zero": "d.day_zero",
        "limit_days": "d.limits",
        "due_on": "d.due",
        "warn_on": "d.due - 1",
        "decided_at": f"CASE WHEN {is_open} THEN NULL ELSE now() END",
    }
    source = f"FROM generate_series(1, {items}) AS n JOIN bench_due AS d ON d.slot = (n / {SHARE_OPEN}) % {len(slots)}"
    insert(cursor, ItemCase, known, source)
    for model in (Project, ItemCase):
        table = model._meta.db_table
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = %s", [table]
        )
        for name, text in cursor.fetchall():
            if name in {index.name for index in model._meta.indexes} or name.endswith("_pkey"):
                cursor.execute(text.replace(f"ON public.{table}", f'ON pg_temp."{table}"'))
        cursor.execute(f'ANALYZE pg_temp."{table}"')


def insert(cursor: Any, model: type[Model], known: dict[str, str], source: str) -> None:
    """Rows with the known columns; the others hold the least that their kind allows."""
    columns: list[str] = []
    values: list[str] = []
    for field in model._meta.concrete_fields:
        column = str(field.column)
        if column in known:
            columns.append(column)
            values.append(known[column])
        elif not field.null:
            columns.append(column)
            values.append(PLACEHOLDER.get(kind_of(field), "0"))
    named = ", ".join(f'"{column}"' for column in columns)
    cursor.execute(f'INSERT INTO "{model._meta.db_table}" ({named}) SELECT {", ".join(values)} {source}')


def kind_of(field: models.Field[Any, Any]) -> str:
    """The name of a field's kind."""
    return type(field).__name__
