"""Pages of plan checks (规划核查) and of contradictions between plans (规划间矛盾)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import action
from ledger.errors import Invalid
from projects.actions.contradictions import answer_contradiction
from projects.actions.projects import edit_form
from projects.actions.site_checks import check_plans, override_conflict
from projects.queries.contradictions import contradiction_list, contradiction_page
from projects.queries.plan_checks import plan_check_page
from projects.queries.strips import project_strip
from projects.rules.facts import read_answers
from projects.views.reading import actor_of, text


def page_answer(
    request: HttpRequest, project_id: UUID, *, wrong: Invalid | None = None, of: UUID | None = None
) -> HttpResponse:
    """The page of a project's plan check, with what was wrong in the finding on one conflict."""
    context: dict[str, Any] = {
        **plan_check_page(actor_of(request), project_id),
        "strip": project_strip(project_id),
        "errors": wrong.errors if wrong else {},
        "wrong_at": of,
        "typed": request.POST,
    }
    return render(request, "projects/plan_check.html", context, status=422 if wrong else 200)


@action("plan_check.view")
@require_GET
def plan_check(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """What the site runs into, and what was checked and is clear."""
    return page_answer(request, project_id)


@action("plan_check.run")
@require_POST
def run(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """Check again, now (重新核查)."""
    check = check_plans(project_id, actor=actor_of(request))
    messages.success(
        request,
        _("已按今天有效的规划图层核查：新增 %(came)s 处，消除 %(went)s 处。")
        % {"came": check.came, "went": check.went},
    )
    return HttpResponseRedirect(reverse("projects:plan_check", args=[project_id]))


@action("project.edit_form")
@require_POST
def complete(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """Give figures that the check lacked, and check again (补充指标)."""
    actor = actor_of(request)
    typed = {name: value for name, value in request.POST.items() if isinstance(value, str)}
    edit_form(project_id, actor=actor, facts=read_answers(typed))
    check_plans(project_id, actor=actor)
    messages.success(request, _("已补充指标并重新核查。"))
    return HttpResponseRedirect(reverse("projects:plan_check", args=[project_id]))


@action("plan_layer.override_conflict")
@require_POST
def override(request: HttpRequest, project_id: UUID, conflict_id: UUID) -> HttpResponse:
    """The owner department's finding on a conflict (认定)."""
    try:
        override_conflict(
            conflict_id,
            actor=actor_of(request),
            finding=text(request, "finding"),
            reason=text(request, "reason"),
            document=text(request, "document"),
            conditions=text(request, "conditions"),
        )
    except Invalid as wrong:
        return page_answer(request, project_id, wrong=wrong, of=conflict_id)
    messages.success(request, _("已认定；原核查结果保留，认定意见和理由对各方可见。"))
    return HttpResponseRedirect(reverse("projects:plan_check", args=[project_id]))


@action("contradiction.list")
@require_GET
def contradictions(request: HttpRequest) -> HttpResponse:
    """Plans that contradict each other (规划间矛盾)."""
    return render(request, "projects/contradictions.html", contradiction_list(actor_of(request)))


@action("contradiction.view")
@require_GET
def contradiction(request: HttpRequest, contradiction_id: UUID) -> HttpResponse:
    """One case."""
    return case_answer(request, contradiction_id)


def case_answer(request: HttpRequest, contradiction_id: UUID, wrong: Invalid | None = None) -> HttpResponse:
    """The page of a case, with what was wrong in the answer."""
    context: dict[str, Any] = {
        **contradiction_page(actor_of(request), contradiction_id),
        "errors": wrong.errors if wrong else {},
        "typed": request.POST,
    }
    return render(request, "projects/contradiction.html", context, status=422 if wrong else 200)


@action("contradiction.answer")
@require_POST
def answer(request: HttpRequest, contradiction_id: UUID) -> HttpResponse:
    """An owner's answer (答复)."""
    try:
        case = answer_contradiction(
            contradiction_id, actor=actor_of(request), position=text(request, "position"), text=text(request, "text")
        )
    except Invalid as wrong:
        return case_answer(request, contradiction_id, wrong)
    closed = case.state == "closed"
    messages.success(request, _("已答复，本案办结。") if closed else _("已答复；另一部门答复后自动办结。"))
    return HttpResponseRedirect(reverse("projects:contradiction", args=[contradiction_id]))
