"""Lists of projects: filters on what the caller has scoped."""

from __future__ import annotations

from django.db.models import Case, Q, QuerySet, When

from accounts.access import scope
from ledger.actor import Actor
from projects.models import Project


def filter_projects(projects: QuerySet[Project], *, q: str = "", state: str = "") -> QuerySet[Project]:
    """By words in name, code, receipt number or owner, and by state; newest first."""
    if q:
        projects = projects.filter(
            Q(name__icontains=q) | Q(code__icontains=q) | Q(receipt_number__iexact=q) | Q(owner__name__icontains=q)
        )
    if state in Project.State.values:
        projects = projects.filter(state=state)
    return projects.select_related("owner").order_by("-submitted_at", "-created_at", "pk")


def queue_of(actor: Actor) -> QuerySet[Project]:
    """What was filed in the window's district, those that wait for an answer first (收件)."""
    filed = scope(actor, "project.list", Project.objects.exclude(state=Project.State.DRAFT))
    waiting = Case(When(state=Project.State.SUBMITTED, then=0), default=1)
    return (
        filed.select_related("owner").annotate(order=waiting).order_by("order", "check_due_on", "-submitted_at")[:200]
    )


def any_project() -> bool:
    """Is there any project at all? For set-up commands."""
    return Project.objects.exists()
