"""Pages of joint acceptance: for the enterprise, the lead, and a department's phone on site."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import action, require
from joint_review import catalogue
from joint_review.acceptance import actions
from joint_review.acceptance.actions.checks import Promise
from joint_review.acceptance.models import AcceptanceTask
from joint_review.acceptance.queries.guards import why_not_yet
from joint_review.acceptance.queries.pages import acceptance_for, acceptance_task_for, acceptance_view, task_page
from joint_review.queries.names import clause_out
from joint_review.queries.papers import paper_line
from joint_review.views.reading import actor_of, an_id, day, moment, text
from ledger.errors import Invalid
from projects.queries import items_of, project_for, project_strip


@action("acceptance.apply")
@require_GET
def apply_form(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """What applying will do, and what still stands in the way."""
    actor = actor_of(request)
    project = project_for(actor, project_id)
    require(actor.stepped(), "acceptance.apply", project)
    context = {
        "project": project,
        "obstacles": why_not_yet(items_of(project_id)),
        "strip": project_strip(project_id),
    }
    return render(request, "acceptance/apply.html", context)


@action("acceptance.apply")
@require_POST
def apply(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """Apply once for all departments (申请联合验收)."""
    made = actions.apply_for_acceptance(project_id, actor=actor_of(request), statement=text(request, "statement"))
    messages.success(request, _("联合验收申请已提交，各部门同时收到任务。"))
    return back(made.pk)


@action("acceptance.view")
@require_GET
def acceptance(request: HttpRequest, acceptance_id: UUID) -> HttpResponse:
    """One acceptance: date, departments, defects, answers, opinion."""
    return acceptance_answer(request, acceptance_id)


def acceptance_answer(
    request: HttpRequest, acceptance_id: UUID, *, errors: dict[str, list[str]] | None = None, status: int = 200
) -> HttpResponse:
    """The page, with what was wrong in a form."""
    actor = actor_of(request)
    found = acceptance_for(actor, acceptance_id)
    latest = found.rectifications.order_by("-attempt").first()
    context = {
        "acceptance": found,
        "view": acceptance_view(actor, found),
        "latest": latest,
        "latest_paper": paper_line(actor, found.project_id, latest.paper_id) if latest else None,
        "paper": paper_line(actor, found.project_id, found.paper_id),
        "errors": errors or {},
        "typed": request.POST if errors else {},
        "strip": project_strip(found.project_id),
    }
    return render(request, "acceptance/acceptance.html", context, status=status)


@action("acceptance.schedule_visit")
@require_POST
def schedule(request: HttpRequest, acceptance_id: UUID) -> HttpResponse:
    """One date for all (确定验收时间)."""
    try:
        actions.schedule_visit(
            acceptance_id,
            actor=actor_of(request),
            visit_at=moment(request, "visit_at"),
            meeting_point=text(request, "meeting_point"),
        )
    except Invalid as error:
        return acceptance_answer(request, acceptance_id, errors=error.errors, status=422)
    messages.success(request, _("验收时间已通知企业和全部部门。"))
    return back(acceptance_id)


@action("acceptance.record_visit")
@require_POST
def presence(request: HttpRequest, acceptance_id: UUID) -> HttpResponse:
    """Who came (到场记录)."""
    actions.note_presence(
        acceptance_id,
        actor=actor_of(request),
        department_code=text(request, "department"),
        came=text(request, "came") == "yes",
    )
    return back(acceptance_id)


@action("acceptance.record_visit")
@require_POST
def record_visit(request: HttpRequest, acceptance_id: UUID) -> HttpResponse:
    """The visit took place (现场验收完成)."""
    actions.record_visit(acceptance_id, actor=actor_of(request))
    messages.success(request, _("各部门现在可以记录问题、给出结论。"))
    return back(acceptance_id)


@action("acceptance.issue_rectification")
@require_POST
def issue(request: HttpRequest, acceptance_id: UUID) -> HttpResponse:
    """One list of everything that failed (签发整改告知书)."""
    actions.issue_rectification(acceptance_id, actor=actor_of(request))
    messages.success(request, _("整改告知书已签发，整改期间时限中止。"))
    return back(acceptance_id)


@action("acceptance.answer_defect")
@require_POST
def answer(request: HttpRequest, defect_id: UUID) -> HttpResponse:
    """How a defect was mended (填写整改情况)."""
    defect = actions.answer_defect(defect_id, actor=actor_of(request), text=text(request, "text"))
    acceptance_id = defect.check_of.task.round_id
    return HttpResponseRedirect(reverse("joint_review:acceptance", args=[acceptance_id]) + f"#defect-{defect_id}")


@action("acceptance.submit_rectification")
@require_POST
def submit(request: HttpRequest, acceptance_id: UUID) -> HttpResponse:
    """All is mended (申请复验)."""
    actions.submit_rectification(acceptance_id, actor=actor_of(request))
    messages.success(request, _("已申请复验，只复验未通过的事项。"))
    return back(acceptance_id)


def back(acceptance_id: UUID) -> HttpResponseRedirect:
    """The acceptance again."""
    return HttpResponseRedirect(reverse("joint_review:acceptance", args=[acceptance_id]))


@action("acceptance.view_task")
@require_GET
def task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """The department's checklist on site."""
    return task_answer(request, task_id)


def task_answer(
    request: HttpRequest,
    task_id: UUID,
    *,
    errors: dict[str, list[str]] | None = None,
    of: Any = None,
    status: int = 200,
) -> HttpResponse:
    """The checklist, with what was wrong in a form."""
    actor = actor_of(request)
    found = acceptance_task_for(actor, task_id)
    context = {
        "task": found,
        "acceptance": found.round,
        "page": task_page(actor, found),
        "clauses": [clause_out(clause) for clause in catalogue.clauses().values()],
        "errors": errors or {},
        "errors_of": of,
        "typed": request.POST if errors else {},
        "strip": project_strip(found.round.project_id),
    }
    return render(request, "acceptance/task.html", context, status=status)


@action("acceptance.record_defect")
@require_POST
def list_defect(request: HttpRequest, check_id: UUID) -> HttpResponse:
    """A defect found on site (记录问题)."""
    actor = actor_of(request)
    task_id = an_id(request, "task_id")
    try:
        defect = actions.list_defect(
            check_id,
            actor=actor,
            severity=text(request, "severity"),
            place=text(request, "place"),
            text=text(request, "text"),
            clause_code=text(request, "clause_code"),
            late_reason=text(request, "late_reason"),
        )
    except Invalid as error:
        if task_id is None:
            raise
        return task_answer(request, task_id, errors=error.errors, of=check_id, status=422)
    return back_to_task(defect.check_of.task, check_id)


@action("acceptance.record_defect")
@require_POST
def strike_defect(request: HttpRequest, defect_id: UUID) -> HttpResponse:
    """Take a defect off the list (撤销问题)."""
    defect = actions.strike_defect(defect_id, actor=actor_of(request))
    return back_to_task(defect.check_of.task, defect.check_of_id)


@action("acceptance.conclude_check")
@require_POST
def conclude(request: HttpRequest, check_id: UUID) -> HttpResponse:
    """The result of one check (验收结论)."""
    check = actions.conclude_check(
        check_id,
        actor=actor_of(request),
        result=text(request, "result"),
        reason=text(request, "reason"),
        promise=Promise(text(request, "promise"), text(request, "promise_by"), day(request, "promise_due_on")),
    )
    return back_to_task(check.task, check.pk)


@action("acceptance.reinspect")
@require_POST
def recheck_defect(request: HttpRequest, defect_id: UUID) -> HttpResponse:
    """A mended defect, looked at again (复验)."""
    defect = actions.recheck_defect(
        defect_id,
        actor=actor_of(request),
        passed=text(request, "passed") == "yes",
        note=text(request, "note"),
    )
    return back_to_task(defect.check_of.task, defect.check_of_id)


@action("acceptance.sign_off")
@require_POST
def sign(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Sign the department's results (签署验收意见)."""
    signed = actions.sign_acceptance(task_id, actor=actor_of(request), remark=text(request, "remark"))
    messages.success(request, _("已签署本部门验收意见。"))
    return back(signed.round_id)


def back_to_task(found: AcceptanceTask, check_id: UUID) -> HttpResponseRedirect:
    """The checklist at the same check."""
    return HttpResponseRedirect(reverse("joint_review:acceptance_task", args=[found.pk]) + f"#check-{check_id}")
