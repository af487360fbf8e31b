"""Clocks kept right without anybody's act: after a calendar change, and where a capped stop has run out."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from accounts.access import require
from ledger.actor import Actor
from ledger.record import record
from projects.actions.progress import recompute
from projects.events import DueDatesChanged
from projects.models import Project
from projects.queries.locking import lock_project


@transaction.atomic
def recompute_due_dates(project_id: UUID, *, actor: Actor) -> bool:
    """All clocks of one accepted project anew (时限重算); True when a date changed, which is then recorded.

    System only: because a year's notice was loaded, or because time itself changed what a capped stop means.
    """
    project = lock_project(project_id)
    require(actor, "project.recompute_clock", project)
    if project.state != Project.State.ACCEPTED:
        return False
    was: date | None = project.due_on
    changed = recompute(project)
    if changed:
        event = DueDatesChanged(
            project_id=project.pk,
            was=was,
            now=project.due_on,
            items=project.items.filter(ready_at__isnull=False, decided_at__isnull=True).count(),
        )
        record(event, actor=actor, subject=project, project_id=project.pk)
    return changed
