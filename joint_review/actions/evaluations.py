"""Rounds without drawings (评议与评估): 前期意见, 规划同评, 多评合一, 三书合一. Convened, answered, met on, concluded.

Departments work with the same tasks as in a review of drawings (claim, hand over, sign by a second person, silence).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import require
from accounts.queries import department_by_code, departments
from drawings.queries import current_revision, sets_of
from joint_review import catalogue
from joint_review.actions.evaluation_papers import issue_result
from joint_review.actions.locking import lock_round, move
from joint_review.events import EvaluationAnswered, EvaluationConcluded, EvaluationOpened, MeetingRecorded
from joint_review.models import ExpertMeeting, Round, Task
from joint_review.rules.evaluations import KINDS, MOST_REMARK, Evaluation, overall, passes
from joint_review.states import ROUND_MOVES, RUNNING_ROUNDS
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Invalid, Refused, StateConflict
from ledger.record import record
from projects import actions as projects
from projects.queries import due_after, items_of, lock_project

# Whoever asks before filing, the planning authority coordinates (多规合一业务协同).
COORDINATOR = "NRP"
LEAST_TEXT = 4
BEFORE_FILING = frozenset({"draft", "submitted", "correction", "accepted"})


@dataclass(frozen=True)
class Question:
    """What departments are asked about: the matter in words, and the documents that go with it."""

    text: str
    documents: tuple[str, ...] = ()
    # The plan check that the departments start from.
    check_id: UUID | None = None
    # Sets of the project that go with it, such as the one report (报告的 PDF): the revision of this moment is asked about.
    set_ids: tuple[UUID, ...] = ()


@transaction.atomic
def convene(
    project_id: UUID, kind: str, *, actor: Actor, question: Question, asked: Iterable[str], days: int | None = None
) -> Round:
    """Ask departments together (征求前期意见, 组织多评合一 or 三书合一): one task each, all at the same time.

    `asked`: department codes, or for evaluations and chapters the codes of the items they belong to. Refused without a
    red line (before filing), when such a round is running, or when nobody is asked.
    """
    evaluation = KINDS.get(kind)
    if evaluation is None:
        raise Refused("unknown_kind", _("请选择要组织的评议或评估。"), field="kind")
    project = lock_project(project_id)
    require(actor, "evaluation.convene_early" if evaluation.before_filing else "evaluation.convene", project)
    check_stage(project, evaluation)
    wanted = check_asked(project, evaluation, asked)
    if len(question.text.strip()) < LEAST_TEXT:
        raise Invalid({"question": [_("请写明请各部门评议什么。")]})
    if Round.objects.filter(project=project, kind=kind, state__in=sorted(RUNNING_ROUNDS)).exists():
        raise StateConflict(_("这个项目已有正在进行的同类评议，请等待各部门答复。"))
    limit = days if days and 1 <= days <= evaluation.limit_days else evaluation.limit_days
    due_on = due_after(project.pk, limit)
    round_ = Round.objects.create(
        id=uuid.uuid4(),
        project=project,
        kind=kind,
        no=Round.objects.filter(project=project, kind=kind).count() + 1,
        convened_by=department_by_code(convenor(actor, evaluation), project.district_id),
        opened_by_id=actor.person_id,
        opened_at=now(),
        due_on=due_on,
        subject={
            "question": question.text.strip()[:MOST_REMARK],
            "documents": [name.strip()[:200] for name in question.documents if name.strip()],
            "check": str(question.check_id) if question.check_id else None,
            "revisions": revisions_asked(project.pk, question.set_ids),
        },
    )
    tasks = [
        Task(
            round=round_,
            department=department_by_code(department, project.district_id),
            discipline=part,
            covers=[part] if part else [],
            due_on=due_on,
            silence_counts=evaluation.silence_counts,
        )
        for department, part in wanted
    ]
    Task.objects.bulk_create(tasks)
    hold_items(round_, [part for _department, part in wanted], actor=actor)
    event = EvaluationOpened(
        project_id=project.pk,
        round_id=round_.pk,
        kind=kind,
        departments=sorted({task.department.code for task in tasks}),
        due_on=due_on,
    )
    record(event, actor=actor, subject=round_, project_id=project.pk)
    return round_


def revisions_asked(project_id: UUID, set_ids: Iterable[UUID]) -> list[str]:
    """The newest examined revision of each set; Invalid for a set of another project, or one without any."""
    own = set(sets_of(project_id).values_list("pk", flat=True))
    found = [current_revision(set_id) if set_id in own else None for set_id in dict.fromkeys(set_ids)]
    if None in found:
        raise Invalid({"sets": [_("请从列表中选择已检查通过的文件。")]})
    return [str(revision.pk) for revision in found if revision is not None]


def convenor(actor: Actor, evaluation: Evaluation) -> str:
    """The department that convenes: the lead's own; the coordinator where an enterprise or the window asks."""
    if actor.department_code and (
        not evaluation.before_filing or "lead" in actor.roles or "commissioner" in actor.roles
    ):
        return actor.department_code
    return COORDINATOR


def check_stage(project: Any, evaluation: Evaluation) -> None:
    """Before filing a red line is enough; evaluations and reports belong to an accepted project."""
    if evaluation.before_filing:
        if project.state not in BEFORE_FILING:
            raise StateConflict(_("项目已经结束，不能再征求前期意见。"))
        if getattr(project, "site", None) is None:
            raise Refused("no_site", _("还没有用地红线。"), next_step=_("请先绘制或上传用地红线，再征求前期意见。"))
    elif project.state != "accepted":
        raise StateConflict(_("项目受理后才能统一组织评估评审。"))


def check_asked(project: Any, evaluation: Evaluation, asked: Iterable[str]) -> list[tuple[str, str]]:
    """(department, part) of each task; Invalid when nobody or somebody unknown is asked."""
    codes = list(dict.fromkeys(asked))
    if not codes:
        raise Invalid({"asked": [_("请至少选择一项。")]})
    if evaluation.parts:
        owners = catalogue.item_departments()
        if any(code not in evaluation.parts for code in codes):
            raise Invalid({"asked": [_("请从列表中选择。")]})
        return [(owners[code], code) for code in codes]
    known = {department.code for department in departments(project.district_id)}
    if not known.issuperset(codes):
        raise Invalid({"asked": [_("请从列表中选择。")]})
    return [(code, "") for code in codes]


def hold_items(round_: Round, parts: Iterable[str], *, actor: Actor) -> None:
    """Technical assessments that are in hand wait for this result; licences stay with their departments."""
    wanted = set(parts) & catalogue.technical_items()
    for item in items_of(round_.project_id).filter(code__in=wanted):
        if item.is_open and not item.held_by:
            projects.hold_item(item.pk, by=f"round:{round_.pk}", actor=actor)


def settle_evaluation(round_: Round) -> None:
    """Every task is done: the result follows by itself, unless experts meet first. The caller holds the round's lock."""
    if not KINDS[round_.kind].needs_meeting:
        conclude(round_, actor=Actor.system(cause="RoundCompleted"))
        return
    event = EvaluationAnswered(
        project_id=round_.project_id,
        round_id=round_.pk,
        kind=round_.kind,
        convened_by=round_.convened_by.code,
    )
    record(event, actor=Actor.system(cause="TaskSigned"), subject=round_, project_id=round_.project_id)


@transaction.atomic
def record_meeting(
    round_id: UUID, *, actor: Actor, held_at: datetime, place: str, experts: Sequence[str], minutes: str
) -> ExpertMeeting:
    """Record the one expert meeting (专家评审会) on evaluations that every department has answered; then the result is issued."""
    round_ = lock_round(round_id, any_kind=True)
    require(actor, "evaluation.record_meeting", round_)
    if round_.kind not in KINDS or not KINDS[round_.kind].needs_meeting:
        raise StateConflict(_("这类评议不需要专家评审会。"))
    if round_.state != "complete":
        raise StateConflict(_("各部门评估意见齐备后，才能记录专家评审会。"))
    names = [name.strip()[:80] for name in experts if name.strip()]
    errors: dict[str, list[str]] = {}
    if held_at > now():
        errors["held_at"] = [_("会议时间不能晚于现在。")]
    if not place.strip():
        errors["place"] = [_("请填写会议地点。")]
    if not names:
        errors["experts"] = [_("请填写参会专家，每行一位。")]
    if len(minutes.strip()) < LEAST_TEXT:
        errors["minutes"] = [_("请写明评审意见。")]
    if errors:
        raise Invalid(errors)
    meeting = ExpertMeeting.objects.create(
        round=round_,
        held_at=held_at,
        place=place.strip()[:200],
        experts=names,
        minutes=minutes.strip(),
        recorded_by_id=actor.person_id or 0,
        recorded_at=now(),
    )
    event = MeetingRecorded(project_id=round_.project_id, round_id=round_.pk, experts=len(names))
    record(event, actor=actor, subject=round_, project_id=round_.project_id)
    conclude(round_, actor=actor)
    return meeting


def conclude(round_: Round, *, actor: Actor) -> None:
    """One result of all departments (综合意见): paper, and the technical assessments that the round held."""
    require(actor, "evaluation.conclude", round_)
    move(round_, ROUND_MOVES, "close")
    round_.ended_at = now()
    tasks = list(round_.tasks.select_related("department").order_by("department__code", "discipline"))
    outcome = overall(task.conclusion for task in tasks)
    paper = issue_result(round_, tasks, outcome, actor=actor)
    round_.paper_id = paper.pk
    round_.save(update_fields=["state", "ended_at", "paper_id"])
    event = EvaluationConcluded(
        project_id=round_.project_id, round_id=round_.pk, kind=round_.kind, outcome=outcome, paper_id=paper.pk
    )
    record(event, actor=actor, subject=round_, project_id=round_.project_id)
    decide_held_items(round_, tasks, paper.number)


def decide_held_items(round_: Round, tasks: Iterable[Task], number: str) -> None:
    """What passed is decided on this result; what did not goes back to its department."""
    conclusions = {task.discipline: task.conclusion for task in tasks}
    for item in items_of(round_.project_id).filter(held_by=f"round:{round_.pk}"):
        actor = Actor.system(cause="EvaluationConcluded")
        if passes(conclusions.get(item.code, "")):
            basis = _("联合评审意见 %(number)s") % {"number": number}
            projects.decide_item(item.pk, actor=actor, passed=True, basis=basis)
        else:
            projects.release_item(item.pk, actor=actor)
