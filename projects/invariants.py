"""What must always hold of projects: the clock agrees with the day ledger, and finished work is finished."""

from __future__ import annotations

from collections.abc import Iterator

from projects.models import Project
from projects.queries.ledger import day_ledger


def violations() -> Iterator[str]:
    """Finished projects whose used days are not those of the ledger, running ones without a due date."""
    for project in Project.objects.filter(day_zero__isnull=False):
        if project.ended_at is not None:
            counted = day_ledger(project.pk).counted
            if counted != project.used_days:
                yield f"projects: {project.pk} used {project.used_days} days, its ledger counts {counted}"
        elif project.due_on is None and project.stopped_since is None:
            yield f"projects: {project.pk} runs without a due date"
