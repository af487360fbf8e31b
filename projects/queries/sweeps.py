"""Ids for what time brings about; system only."""

from __future__ import annotations

from uuid import UUID

from accounts.legal_day import today_in_shanghai
from projects.models import Project


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
