"""Ids for what time brings about; system only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Case, DateTimeField, F, OuterRef, QuerySet, Subquery, When

from accounts.legal_day import today_in_shanghai
from projects.models import ItemCase, Project, StageCase
from projects.models.items import OPEN

# The one-window belongs to the approval bureau (行政审批局).
WINDOW_DEPARTMENT = "ADB"


def filings_past_their_check() -> list[UUID]:
    """Filings whose five working days are over without an answer, the oldest first (partial index)."""
    rows = Project.objects.filter(state=Project.State.SUBMITTED, check_due_on__lt=today_in_shanghai())
    return list(rows.order_by("check_due_on").values_list("pk", flat=True))


def projects_with_open_stops() -> list[UUID]:
    """Accepted projects with a stop that is still open."""
    rows = Project.objects.filter(state=Project.State.ACCEPTED, pauses__ended_at__isnull=True, pauses__isnull=False)
    return list(rows.distinct().values_list("pk", flat=True))


def accepted_projects() -> list[UUID]:
    """Every project whose clock was started and has not ended."""
    return list(Project.objects.filter(state=Project.State.ACCEPTED).values_list("pk", flat=True))


class Edge(NamedTuple):
    """Something whose stored date has come: an item, a step, a stage, a project, a filing."""

    project_id: UUID
    item_id: UUID | None
    subject: str
    department_code: str
    on: date
    # Nothing is near or late before it was there.
    begun_at: datetime | None = None


def edges(kind: str, column: str, *, since: date | None, until: date, project_id: UUID | None = None) -> Iterator[Edge]:
    """Open items | steps | stages | projects | filings whose `column` lies from `since` to `until`, by partial index."""
    rows = EDGES[kind]()
    rows = rows.filter(**{f"{column}__lte": until})
    if since is not None:
        rows = rows.filter(**{f"{column}__gte": since})
    if project_id is not None:
        rows = rows.filter(**{"pk" if kind in {"project", "filing"} else "project_id": project_id})
    yield from SHOWN[kind](rows.order_by(), column)


def open_items() -> QuerySet[Any]:
    """Reached and not decided. Items are made by acceptance and ended with their project, so the project is not asked."""
    return ItemCase.objects.filter(OPEN)


def running_stages() -> QuerySet[Any]:
    """Stages that have begun and not ended."""
    return StageCase.objects.filter(state=StageCase.State.RUNNING, project__state=Project.State.ACCEPTED)


def running_projects() -> QuerySet[Any]:
    """Accepted projects."""
    return Project.objects.filter(state=Project.State.ACCEPTED)


def waiting_filings() -> QuerySet[Any]:
    """Filings that the window has not answered."""
    return Project.objects.filter(state=Project.State.SUBMITTED)


def begun(column: str) -> Case:
    """When an item was reached, where its date may lie before that; null elsewhere, which is nearly everywhere."""
    return Case(When(day_zero__gte=F(column), then=F("ready_at")), output_field=DateTimeField())


def of_items(rows: QuerySet[ItemCase], column: str) -> Iterator[Edge]:
    """Items by their code."""
    found = rows.values_list("project_id", "pk", "code", "department_code", column, begun(column))
    yield from (Edge(*row) for row in found.iterator(chunk_size=2000))


def of_steps(rows: QuerySet[ItemCase], column: str) -> Iterator[Edge]:
    """Steps by item code and number."""
    found = rows.values_list("project_id", "pk", "code", "step", "department_code", column, begun(column))
    for project_id, pk, code, step, department, on, at in found.iterator(chunk_size=2000):
        yield Edge(project_id, pk, f"{code}#{step + 1}", department, on, at)


def of_stages(rows: QuerySet[StageCase], column: str) -> Iterator[Edge]:
    """Stages by their code; their lead answers."""
    found = rows.values_list("project_id", "code", "lead_department_code", column)
    for project_id, code, lead, on in found.iterator(chunk_size=2000):
        yield Edge(project_id, None, code, lead, on)


def of_projects(rows: QuerySet[Project], column: str) -> Iterator[Edge]:
    """Projects; the lead of the stage that runs answers."""
    lead = StageCase.objects.filter(project=OuterRef("pk"), code=OuterRef("stage")).values("lead_department_code")[:1]
    found = rows.values_list("pk", Subquery(lead), column, "accepted_at")
    for pk, code, on, at in found.iterator(chunk_size=2000):
        yield Edge(pk, None, "", code or WINDOW_DEPARTMENT, on, at)


def of_filings(rows: QuerySet[Project], column: str) -> Iterator[Edge]:
    """Filings; the window answers."""
    for pk, on, at in rows.values_list("pk", column, "submitted_at").iterator(chunk_size=2000):
        yield Edge(pk, None, "", WINDOW_DEPARTMENT, on, at)


EDGES: dict[str, Any] = {
    "item": open_items,
    "step": open_items,
    "stage": running_stages,
    "project": running_projects,
    "filing": waiting_filings,
}
SHOWN: dict[str, Any] = {
    "item": of_items,
    "step": of_steps,
    "stage": of_stages,
    "project": of_projects,
    "filing": of_filings,
}
