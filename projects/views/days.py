"""The day ledger as a page (逐日台账): every day with why, replayed for a past moment, printed, contested, answered."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import action, can, get_for
from ledger.errors import Invalid, NotFound
from projects import actions
from projects.clock import SHANGHAI
from projects.models import Project
from projects.queries.ledger import contests_of, day_ledger, department_names, holders_in_words
from projects.queries.strips import strips_of
from projects.views.reading import actor_of, text


def moment_asked(request: HttpRequest) -> datetime | None:
    """The past moment of `?at=2026-03-06T12:00` (Asia/Shanghai); none when it is left out."""
    written = request.GET.get("at", "").strip()
    if not written:
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise Invalid({"at": [_("请按 2026-03-06T12:00 的格式填写时间。")]}) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


@action("day_ledger.view")
@require_GET
def days(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """Every day of a project: counted or stopped, who held it, on what ground, by which calendar."""
    actor = actor_of(request)
    project = get_for(actor, "day_ledger.view", Project, project_id)
    at = moment_asked(request)
    ledger = day_ledger(project.pk, at=at)
    names = department_names(project.district_id)
    return render(
        request,
        "projects/days.html",
        {
            "project": project,
            "strip": strips_of([project])[project.pk],
            "ledger": ledger,
            "rows": [(row, holders_in_words(row, names)) for row in reversed(ledger.rows)],
            "at": at,
            "contests": contests_of(project.pk),
            "may_contest": at is None and can(actor, "day_ledger.contest", project),
            "may_export": can(actor, "project.export_dossier", project),
            "may_answer": can(actor, "day_ledger.answer_contest", project),
        },
    )


def back(project_id: UUID) -> HttpResponse:
    """The ledger again."""
    return HttpResponseRedirect(reverse("projects:days", args=[project_id]))


@action("day_ledger.contest")
@require_POST
def contest(request: HttpRequest, project_id: UUID, day: str) -> HttpResponse:
    """The enterprise contests one day (提出异议)."""
    actions.contest_day(project_id, day_named(day), actor=actor_of(request), reason=text(request, "reason"))
    return back(project_id)


@action("day_ledger.answer_contest")
@require_POST
def answer(request: HttpRequest, contest_id: UUID) -> HttpResponse:
    """The supervisor answers (答复异议)."""
    found = actions.answer_contest(
        contest_id,
        actor=actor_of(request),
        upheld=request.POST.get("upheld") == "yes",
        answer=text(request, "answer"),
    )
    return back(found.project_id)


def day_named(written: str) -> date:
    """The day in the address; anything else is not found."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise NotFound from None
