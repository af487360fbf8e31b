"""Pages of rounds and tasks (联审轮次与部门任务)."""

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
from drawings.queries import revision_for
from joint_review import actions, catalogue, queries
from joint_review.actions.drafting import Spot, Wording
from joint_review.models import Task
from joint_review.queries.evaluations import is_evaluation
from joint_review.queries.names import classes_out, clause_out, late_reasons_out
from joint_review.queries.pages import notice_preview, open_preview, round_page, task_page
from joint_review.states import TASK_CONCLUSIONS
from joint_review.views.reading import actor_of, an_id, text
from ledger.errors import Invalid
from projects.queries import project_strip


@action("joint_review.open_round")
@require_GET
def open_form(request: HttpRequest, revision_id: UUID) -> HttpResponse:
    """What opening will do: which departments get a task, and which disciplines may be added."""
    actor = actor_of(request)
    revision = revision_for(actor, revision_id)
    context = open_preview(actor, revision)
    strip = project_strip(revision.set.project_id)
    return render(request, "joint_review/open.html", {**context, "revision": revision, "strip": strip})


@action("joint_review.open_round")
@require_POST
def open_round(request: HttpRequest, revision_id: UUID) -> HttpResponse:
    """Open the first round (开启联审)."""
    made = actions.open_round(revision_id, actor=actor_of(request), requested=request.POST.getlist("discipline"))
    messages.success(request, _("联审已开启，各部门同时收到任务。"))
    return HttpResponseRedirect(reverse("joint_review:round", args=[made.pk]))


@action("joint_review.view")
@require_GET
def round_(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """The round: branches per department, sheets, opinions, conflicts."""
    actor = actor_of(request)
    if is_evaluation(round_id=round_id):
        return HttpResponseRedirect(reverse("joint_review:evaluation", args=[round_id]))
    found = queries.round_for(actor, round_id)
    context = round_page(actor, found)
    return render(request, "joint_review/round.html", {**context, "strip": project_strip(found.project_id)})


@action("notice.issue")
@require_GET
def preview(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """The merged notice as the applicant will read it, before it is issued."""
    actor = actor_of(request)
    found = queries.round_for(actor, round_id)
    require(actor.stepped(), "notice.issue", found)
    context = notice_preview(found)
    return render(request, "joint_review/preview.html", {**context, "strip": project_strip(found.project_id)})


@action("notice.issue")
@require_POST
def issue(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Issue the merged notice (签发合并告知书)."""
    actions.issue_notice(round_id, actor=actor_of(request))
    messages.success(request, _("合并告知书已签发，申请人将一次收到全部意见；时限中止。"))
    return HttpResponseRedirect(reverse("joint_review:round", args=[round_id]))


@action("room.freeze")
@require_POST
def freeze(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Stop all marking (冻结批注)."""
    actions.freeze_round(round_id, actor=actor_of(request), reason=text(request, "reason"))
    return HttpResponseRedirect(reverse("joint_review:round", args=[round_id]))


@action("room.thaw")
@require_POST
def thaw(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Ask another lead to let marking go on (申请解冻)."""
    actions.ask_to_thaw(round_id, actor=actor_of(request), reason=text(request, "reason"))
    messages.success(request, _("解冻需另一位牵头人确认，已发出请求。"))
    return HttpResponseRedirect(reverse("joint_review:round", args=[round_id]))


@action("conflict.open")
@require_POST
def open_conflict(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Two opinions cannot both be met (提请会办)."""
    first, second = an_id(request, "first"), an_id(request, "second")
    if first is None or second is None:
        raise Invalid({"second": [_("请选择两条意见。")]})
    actions.open_conflict(round_id, actor=actor_of(request), first=first, second=second, reason=text(request, "reason"))
    return HttpResponseRedirect(reverse("joint_review:round", args=[round_id]) + "#conflicts")


@action("conflict.rule")
@require_POST
def rule(request: HttpRequest, conflict_id: UUID) -> HttpResponse:
    """The lead rules (会办裁定)."""
    ruled = actions.rule_conflict(
        conflict_id, actor=actor_of(request), ruling=text(request, "ruling"), prevails=an_id(request, "prevails")
    )
    return HttpResponseRedirect(reverse("joint_review:round", args=[ruled.round_id]) + "#conflicts")


@action("joint_review.view")
@require_GET
def task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """A department's task: its opinions, answers to recheck, and the signature."""
    actor = actor_of(request)
    if is_evaluation(task_id=task_id):
        return HttpResponseRedirect(reverse("joint_review:evaluation_task", args=[task_id]))
    return task_answer(request, queries.task_for(actor, task_id))


def task_answer(
    request: HttpRequest,
    found: Task,
    *,
    errors: dict[str, list[str]] | None = None,
    typed: Any = None,
    status: int = 200,
) -> HttpResponse:
    """The task page, with what was wrong in the form."""
    actor = actor_of(request)
    context = {
        **task_page(actor, found),
        "classes": classes_out(),
        "late_reasons": late_reasons_out(),
        "conclusions": TASK_CONCLUSIONS,
        "clauses": [clause_out(clause) for clause in catalogue.clauses().values()],
        "errors": errors or {},
        "typed": typed or {},
        "strip": project_strip(found.round.project_id),
    }
    return render(request, "joint_review/task.html", context, status=status)


@action("task.claim")
@require_POST
def claim(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Take the task (领取)."""
    actions.claim_task(task_id, actor=actor_of(request))
    return back_to_task(task_id)


@action("task.hand_over")
@require_POST
def hand_over(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """The first review is done (送审)."""
    actions.hand_over_task(task_id, actor=actor_of(request))
    messages.success(request, _("已送审，由本部门审批岗签署。"))
    return back_to_task(task_id)


@action("task.take_back")
@require_POST
def take_back(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """More work is needed (退回初审)."""
    actions.take_back_task(task_id, actor=actor_of(request))
    return back_to_task(task_id)


@action("task.sign")
@require_POST
def sign(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Sign the department's conclusion (签署)."""
    signed = actions.sign_task(
        task_id, actor=actor_of(request), conclusion=text(request, "conclusion"), remark=text(request, "remark")
    )
    messages.success(request, _("已签署本部门意见。"))
    return HttpResponseRedirect(reverse("joint_review:round", args=[signed.round_id]))


def back_to_task(task_id: UUID) -> HttpResponseRedirect:
    """The task page again."""
    return HttpResponseRedirect(reverse("joint_review:task", args=[task_id]))


def wording_of(request: HttpRequest) -> Wording:
    """The words of an opinion form."""
    return Wording(
        cls=text(request, "cls"),
        text=text(request, "text"),
        clause_code=text(request, "clause_code"),
        demand=text(request, "demand"),
    )


@action("opinion.raise")
@require_POST
def raise_opinion(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Raise an opinion without a mark: on a sheet as a whole, or on the set."""
    actor = actor_of(request)
    found = queries.task_for(actor, task_id)
    try:
        actions.raise_opinion(
            task_id,
            actor=actor,
            wording=wording_of(request),
            spot=Spot(sheet_id=an_id(request, "sheet_id")),
            late_reason=text(request, "late_reason"),
        )
    except Invalid as error:
        return task_answer(request, found, errors=error.errors, typed=request.POST, status=422)
    return HttpResponseRedirect(reverse("joint_review:task", args=[task_id]) + "#opinions")


@action("opinion.edit")
@require_POST
def edit_opinion(request: HttpRequest, opinion_id: UUID) -> HttpResponse:
    """Change a draft."""
    actor = actor_of(request)
    version = text(request, "version")
    actions.edit_opinion(
        opinion_id, actor=actor, wording=wording_of(request), version=int(version) if version.isdigit() else None
    )
    return back_to_round_or_task(request, queries.opinion_for(actor, opinion_id).round_id)


@action("opinion.edit")
@require_POST
def withdraw_opinion(request: HttpRequest, opinion_id: UUID) -> HttpResponse:
    """Take a draft back."""
    actor = actor_of(request)
    actions.withdraw_opinion(opinion_id, actor=actor, why=text(request, "why"))
    messages.success(request, _("意见已撤回，引用的批注可以继续修改。"))
    return back_to_round_or_task(request, queries.opinion_for(actor, opinion_id).round_id)


@action("opinion.recheck")
@require_POST
def recheck(request: HttpRequest, opinion_id: UUID) -> HttpResponse:
    """Look at the applicant's answer (复核)."""
    actor = actor_of(request)
    found = actions.recheck_opinion(opinion_id, actor=actor, result=text(request, "result"), text=text(request, "text"))
    return back_to_round_or_task(request, found.round_id)


@action("opinion.recheck")
@require_POST
def confirm(request: HttpRequest, opinion_id: UUID) -> HttpResponse:
    """The place found on the new sheet is right (确认位置)."""
    anchor = actions.confirm_anchor(opinion_id, actor=actor_of(request))
    return back_to_round_or_task(request, anchor.round_id)


def back_to_round_or_task(request: HttpRequest, round_id: UUID) -> HttpResponseRedirect:
    """The task page that the form was on, else the round."""
    task_id = an_id(request, "task_id")
    if task_id is not None and queries.is_task_of(task_id, round_id):
        return HttpResponseRedirect(reverse("joint_review:task", args=[task_id]) + "#opinions")
    return HttpResponseRedirect(reverse("joint_review:round", args=[round_id]) + "#opinions")
