"""The thread before filing, by item (申审互动)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, QuerySet
from django.utils.translation import get_language

from accounts.access import scope
from ledger.actor import Actor
from projects.models import PrereviewMessage, Project
from projects.queries.materials import plan_of


@dataclass(frozen=True)
class Thread:
    """What was said about one item; `code` empty: about the filing as a whole. `verdict` is the last one given."""

    code: str
    name: str
    verdict: str
    messages: tuple[PrereviewMessage, ...]


def item_names(project: Project) -> dict[str, str]:
    """Items of the project's plan that are run, by code, in the reader's language."""
    plan = plan_of(project)
    if plan is None:
        return {}
    english = (get_language() or "").startswith("en")
    return {
        item.spec.code: item.spec.name_en if english else item.spec.name_zh
        for item in plan.items
        if item.need.is_run and not item.spec.is_by_applicant
    }


def threads_of(project: Project) -> list[Thread]:
    """Every thread: the whole first, then items in the order of the plan; two queries."""
    said: dict[str, list[PrereviewMessage]] = {}
    for message in project.prereview_messages.select_related("author"):
        said.setdefault(message.item_code, []).append(message)
    threads = [Thread("", "", "", tuple(said.get("", ())))]
    for code, name in item_names(project).items():
        held = said.get(code, [])
        verdict = next((message.verdict for message in reversed(held) if message.verdict), "")
        threads.append(Thread(code, name, verdict, tuple(held)))
    return threads


def waiting_for_prereview(actor: Actor) -> QuerySet[Project]:
    """Drafts whose pre-review the window has not answered, the oldest first."""
    rows = Project.objects.filter(
        state__in=[Project.State.DRAFT, Project.State.CORRECTION],
        prereview_asked_at__isnull=False,
        prereview_answered_at__isnull=True,
    )
    return scope(actor, "project.list", rows).select_related("owner").order_by(F("prereview_asked_at"))
