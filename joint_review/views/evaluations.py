"""Pages of rounds without drawings (前期意见、规划同评、多评合一、三书合一)."""

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
from joint_review.actions.evaluations import Question, convene, record_meeting
from joint_review.queries.evaluations import convene_page, evaluation_page, evaluation_task_page, kinds_to_convene
from joint_review.views.reading import actor_of, moment, text
from ledger.errors import Invalid
from projects.queries import project_strip


def lines(request: HttpRequest, name: str) -> tuple[str, ...]:
    """A text of one entry a line."""
    return tuple(line.strip() for line in request.POST.get(name, "").splitlines() if line.strip())


def chosen_sets(request: HttpRequest) -> tuple[UUID, ...]:
    """The sets that were ticked."""
    try:
        return tuple(UUID(written) for written in request.POST.getlist("sets"))
    except ValueError:
        raise Invalid({"sets": [_("请从列表中选择已检查通过的文件。")]}) from None


def form_answer(request: HttpRequest, project_id: UUID, kind: str, wrong: Invalid | None = None) -> HttpResponse:
    """The form of convening, with what was wrong in it."""
    actor = actor_of(request)
    if not kind:
        kinds = kinds_to_convene(actor, project_id)
        chooser = {"kinds": kinds, "project_id": project_id, "strip": project_strip(project_id)}
        return render(request, "joint_review/convene_kinds.html", chooser)
    context: dict[str, Any] = convene_page(actor, project_id, kind)
    if wrong is not None:
        chosen = request.POST.getlist("asked")
        for choice in context["choices"]:
            choice["chosen"] = choice["code"] in chosen
    more: dict[str, Any] = {
        "errors": wrong.errors if wrong else {},
        "typed": request.POST,
        "strip": project_strip(project_id),
    }
    return render(request, "joint_review/convene.html", {**context, **more}, status=422 if wrong else 200)


@action("project.view")
@require_GET
def convene_form(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """Choose what to convene, and who is asked."""
    return form_answer(request, project_id, request.GET.get("kind", ""))


@action("evaluation.convene_early")
@require_POST
def convene_now(request: HttpRequest, project_id: UUID, kind: str) -> HttpResponse:
    """Ask the departments (发起征求意见或评估评审)."""
    page = convene_page(actor_of(request), project_id, kind)
    check = page["check"]
    days = text(request, "days")
    try:
        question = Question(
            text(request, "question"),
            lines(request, "documents"),
            check.pk if check else None,
            chosen_sets(request),
        )
        made = convene(
            project_id,
            kind,
            actor=actor_of(request),
            question=question,
            asked=request.POST.getlist("asked"),
            days=int(days) if days.isdigit() else None,
        )
    except Invalid as wrong:
        return form_answer(request, project_id, kind, wrong)
    messages.success(request, _("已发起，各部门同时收到任务。"))
    return HttpResponseRedirect(reverse("joint_review:evaluation", args=[made.pk]))


@action("evaluation.view")
@require_GET
def evaluation(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """One round: departments, opinions, meeting, result."""
    return round_answer(request, round_id)


def round_answer(request: HttpRequest, round_id: UUID, wrong: Invalid | None = None) -> HttpResponse:
    """The page of a round, with what was wrong in the record of the meeting."""
    context = evaluation_page(actor_of(request), round_id)
    more = {
        "errors": wrong.errors if wrong else {},
        "typed": request.POST,
        "strip": project_strip(context["round"].project_id),
    }
    return render(request, "joint_review/evaluation.html", {**context, **more}, status=422 if wrong else 200)


@action("evaluation.record_meeting")
@require_POST
def meeting(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Record the expert meeting; the result is issued (记录专家评审会)."""
    try:
        record_meeting(
            round_id,
            actor=actor_of(request),
            held_at=moment(request, "held_at"),
            place=text(request, "place"),
            experts=lines(request, "experts"),
            minutes=text(request, "minutes"),
        )
    except Invalid as wrong:
        return round_answer(request, round_id, wrong)
    messages.success(request, _("已记录专家评审会，联合评审意见书正在加盖电子印章。"))
    return HttpResponseRedirect(reverse("joint_review:evaluation", args=[round_id]))


@action("joint_review.view")
@require_GET
def task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """A department's task in such a round."""
    context = evaluation_task_page(actor_of(request), task_id)
    strip = project_strip(context["round"].project_id)
    return render(request, "joint_review/evaluation_task.html", {**context, "strip": strip})
