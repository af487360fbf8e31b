"""Rounds without drawings for pages (评议与评估): convening, the round with its departments, one department's task."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import can, get_for, scope
from accounts.queries import departments, display_names
from certificates.queries import papers_of
from drawings.queries import current_revision, revision, sets_for, sheets_of
from joint_review import catalogue
from joint_review.models import ExpertMeeting, Round, Task
from joint_review.queries.names import department_out, discipline_out, kind_name, part_name
from joint_review.queries.rounds import task_can
from joint_review.rules.evaluations import KINDS, departments_to_ask, overall
from joint_review.states import TASK_CONCLUSIONS
from joint_review.words import state_label
from ledger.actor import Actor
from ledger.both_languages import in_both
from ledger.errors import NotFound
from projects.queries import items_of
from projects.queries.plan_checks import last_check, live_conflicts
from projects.queries.strips import project_for

BADGES = {"open": "running", "complete": "warn", "closed": "done"}
TASK_BADGES = {"open": "waiting", "claimed": "running", "handed_over": "warn", "signed": "done", "silent": "stopped"}


def conclusion_name(code: str) -> str:
    """What a department says (部门意见)."""
    return {
        "agree": _("同意"),
        "agree_with_conditions": _("同意（附条件）"),
        "revise": _("需修改"),
        "disagree": _("不同意"),
        "not_concerned": _("不涉及"),
        "": _("逾期视为无意见"),
    }[code]


def kind_in_both(kind: str) -> dict[str, str]:
    """A kind's name in both languages, for letters that are read in one of them."""
    return in_both(lambda: kind_name(kind))


def kind_text(kind: str) -> str:
    """What such a round is for, in one sentence."""
    return {
        "early_opinion": _("申报之前，请各部门说明选址和指标是否符合本部门的规划。"),
        "plan_evaluation": _("选址、方案和专项规划在统一底图上一并评议，汇总成一份意见。"),
        "multi_evaluation": _("一口受理，各项评估同步进行，开一次专家评审会，出一个结果。"),
        "three_reports": _("可研、节能、社稳写成一份报告，各部门分章审查，出一份意见。"),
    }[kind]


def evaluations_of_project(actor: Actor, project_id: UUID) -> list[tuple[Any, dict[str, str]]]:
    """(when, entry) of each round without drawings that the actor may open."""
    rounds = scope(actor, "evaluation.view", Round.objects.filter(project_id=project_id).exclude(kind="drawings"))
    return [
        (
            round_.opened_at,
            {
                "name": _("%(kind)s · 第 %(no)s 次") % {"kind": kind_name(round_.kind), "no": round_.no},
                "href": reverse("joint_review:evaluation", args=[round_.pk]),
                "state": BADGES[round_.state],
                "label": state_label("Evaluation", round_.state),
            },
        )
        for round_ in rounds
    ]


def kinds_to_convene(actor: Actor, project_id: UUID) -> list[dict[str, str]]:
    """The kinds that this reader may convene for this project now."""
    project = project_for(actor, project_id)
    running = set(Round.objects.filter(project=project, state__in=["open", "complete"]).values_list("kind", flat=True))
    found = []
    for kind, evaluation in KINDS.items():
        early = evaluation.before_filing
        ready = getattr(project, "site", None) is not None if early else project.state == "accepted"
        row = "evaluation.convene_early" if early else "evaluation.convene"
        if kind not in running and ready and can(actor, row, project):
            href = reverse("joint_review:convene", args=[project.pk]) + f"?kind={kind}"
            found.append({"kind": kind, "name": kind_name(kind), "text": kind_text(kind), "href": href})
    return found


def convene_page(actor: Actor, project_id: UUID, kind: str) -> dict[str, Any]:
    """What convening will do: who can be asked, who is proposed, how long, on which plan check."""
    project = project_for(actor, project_id)
    evaluation = KINDS.get(kind)
    if evaluation is None:
        raise NotFound
    check = last_check(project.pk)
    owners = list(dict.fromkeys(one.department_code for one in live_conflicts(project.pk)))
    if evaluation.parts:
        needed = {item.code for item in items_of(project.pk) if item.need not in {"not_needed", "reused"}}
        known = {one.code: one for one in departments(project.district_id)}
        whose = catalogue.item_departments()
        choices = [
            {
                "code": code,
                "name": part_name(code),
                "department": department_out(known[whose[code]]) if whose[code] in known else None,
                "chosen": code in needed or not evaluation.needs_meeting,
                "why": "" if code in needed or not evaluation.needs_meeting else _("按项目情况不需要单独办理"),
            }
            for code in evaluation.parts
        ]
    else:
        proposed = set(departments_to_ask(evaluation, owners))
        choices = [
            {
                "code": one.code,
                "name": department_out(one)["name"],
                "department": department_out(one),
                "chosen": one.code in proposed,
                "why": _("红线与其规划冲突") if one.code in owners else "",
            }
            for one in departments(project.district_id)
        ]
        choices.sort(key=lambda choice: not choice["chosen"])
    return {
        "project": project,
        "kind": kind,
        "kind_name": kind_name(kind),
        "kind_text": kind_text(kind),
        "evaluation": evaluation,
        "choices": choices,
        "check": check,
        "files": [
            {"id": one.pk, "name": one.name, "no": revision.no}
            for one in sets_for(actor, project.pk)
            if (revision := current_revision(one.pk)) is not None
        ],
    }


def evaluation_for(actor: Actor, round_id: UUID) -> Round:
    """One round without drawings that the actor may see, or NotFound."""
    get_for(actor, "evaluation.view", Round, round_id)
    found = (
        Round.objects.select_related("project__owner", "convened_by")
        .exclude(kind="drawings")
        .filter(pk=round_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def is_evaluation(*, round_id: UUID | None = None, task_id: UUID | None = None) -> bool:
    """Is this a round, or the task of one, without drawings?"""
    rounds = Round.objects.exclude(kind="drawings")
    return rounds.filter(pk=round_id).exists() if round_id else rounds.filter(tasks=task_id).exists()


def evaluation_page(actor: Actor, round_id: UUID) -> dict[str, Any]:
    """The round: question, departments with what they said, the meeting, the result.

    The applicant reads what departments say once the result is out; the departments read each other as they sign.
    """
    round_ = evaluation_for(actor, round_id)
    evaluation = KINDS[round_.kind]
    tasks = list(round_.tasks.select_related("department").order_by("department__code", "discipline"))
    is_staff = actor.department_code is not None or "supervisor" in actor.roles
    names = display_names({task.signed_by_id for task in tasks if task.signed_by_id})
    paper = next((one for one in papers_of(round_.project_id, actor) if one.id == round_.paper_id), None)
    return {
        "round": round_,
        "kind_name": kind_name(round_.kind),
        "kind_text": kind_text(round_.kind),
        "badge": BADGES[round_.state],
        "state_label": state_label("Evaluation", round_.state),
        "evaluation": evaluation,
        "convened_by": department_out(round_.convened_by),
        "branches": [
            {
                "department": department_out(task.department),
                "part": discipline_out(task.discipline),
                "badge": TASK_BADGES[task.state],
                "state": state_label("Task", task.state),
                "done": task.state in {"signed", "silent"},
                "conclusion": conclusion_name(task.conclusion) if task.state in {"signed", "silent"} else "",
                "tone": tone_of(task),
                "remark": task.remark,
                "who": names.get(task.signed_by_id or 0, ""),
                "at": task.signed_at,
                "href": reverse("joint_review:evaluation_task", args=[task.pk])
                if task.department.code in actor.department_codes
                else "",
            }
            for task in tasks
        ],
        "reads_opinions": is_staff or round_.state == "closed",
        "progress": {"done": sum(task.state in {"signed", "silent"} for task in tasks), "total": len(tasks)},
        "meeting": ExpertMeeting.objects.filter(round=round_).first(),
        "may_record": round_.state == "complete"
        and evaluation.needs_meeting
        and can(actor, "evaluation.record_meeting", round_),
        "overall": conclusion_name(overall(task.conclusion for task in tasks)) if round_.state == "closed" else "",
        "paper": paper,
        "files": files_of(actor, round_),
        "plan_check": reverse("projects:plan_check", args=[round_.project_id])
        if round_.subject.get("check") and can(actor, "plan_check.view", round_.project)
        else "",
    }


def files_of(actor: Actor, round_: Round) -> list[dict[str, Any]]:
    """The files that go with the question, in the revision that was asked about, for who may see them."""
    asked = [revision(UUID(written)) for written in round_.subject.get("revisions", [])]
    return [
        {
            "name": one.set.name,
            "no": one.no,
            "sheets": sheets_of(one.pk).count(),
            "href": reverse("drawings:set", args=[one.set_id]) if can(actor, "drawing.view", one) else "",
        }
        for one in asked
    ]


def tone_of(task: Task) -> str:
    """The badge's colour of a department's conclusion."""
    if task.state == "silent":
        return "stopped"
    return {"agree": "green", "not_concerned": "stopped", "disagree": "red"}.get(task.conclusion, "amber")


def evaluation_task_page(actor: Actor, task_id: UUID) -> dict[str, Any]:
    """One department's task: what is asked, what may be done now, what the others said."""
    get_for(actor, "joint_review.view", Task, task_id)
    task = Task.objects.select_related("department", "round").get(pk=task_id)
    page = evaluation_page(actor, task.round_id)
    return {
        **page,
        "task": task,
        "department": department_out(task.department),
        "part": discipline_out(task.discipline),
        "task_state": state_label("Task", task.state),
        "task_badge": TASK_BADGES[task.state],
        "can": task_can(actor, task),
        "conclusion": conclusion_name(task.conclusion) if task.state in {"signed", "silent"} else "",
        "conclusions": [{"code": code, "name": conclusion_name(code)} for code in TASK_CONCLUSIONS],
        "first_by": display_names([task.first_by_id]).get(task.first_by_id, "") if task.first_by_id else "",
    }
