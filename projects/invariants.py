"""What must always hold of projects: the clock agrees with the day ledger, frozen answers are what was frozen."""

from __future__ import annotations

from collections.abc import Iterator

from projects.models import AssessmentReuse, Project, RecheckTask
from projects.queries.ledger import day_ledger
from projects.rules.reuse import digest_of


def violations() -> Iterator[str]:
    """Of clocks and of reuses."""
    yield from wrong_clocks()
    yield from wrong_reuses()


def wrong_reuses() -> Iterator[str]:
    """Frozen answers that were changed, and re-checks left open on a reuse that has ended."""
    for pk, answer, digest in AssessmentReuse.objects.values_list("pk", "answer", "answer_sha256").iterator():
        if digest_of(answer) != digest:
            yield f"projects: the frozen answer of reuse {pk} does not match its digest"
    open_tasks = RecheckTask.objects.filter(closed_at__isnull=True, item__isnull=True)
    gone = open_tasks.exclude(reuse__state=AssessmentReuse.State.CONFIRMED)
    for pk in gone.values_list("pk", flat=True):
        yield f"projects: re-check {pk} is open on a reuse that has ended"


def wrong_clocks() -> Iterator[str]:
    """Finished projects whose used days are not those of the ledger, running ones without a due date."""
    for project in Project.objects.filter(day_zero__isnull=False):
        if project.ended_at is not None:
            counted = day_ledger(project.pk).counted
            if counted != project.used_days:
                yield f"projects: {project.pk} used {project.used_days} days, its ledger counts {counted}"
        elif project.due_on is None and project.stopped_since is None:
            yield f"projects: {project.pk} runs without a due date"
