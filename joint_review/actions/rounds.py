"""Rounds (联审轮次): opened by the lead, the next one by the submitted answers; complete, close, return."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import require
from accounts.queries import department_by_code
from drawings import actions as drawings
from drawings.queries import match_sheets, revision, sheets_of
from joint_review import catalogue
from joint_review.actions.clock import resume_for_design
from joint_review.actions.evaluations import settle_evaluation
from joint_review.actions.locking import move
from joint_review.actions.papers import issue_certificate
from joint_review.events import RoundClosed, RoundCompleted, RoundOpened
from joint_review.models import Anchor, Opinion, OpinionAuthor, Round, Task
from joint_review.queries.facts import outcome_of, plans_of_first_round
from joint_review.queries.places import changes_of, match_place, place_of
from joint_review.rules.evaluations import RoundKind, of_drawings
from joint_review.rules.opinions import is_complete, silence_counts
from joint_review.rules.planning import TaskPlan, concerned_disciplines, plan_tasks, tasks_of_next_round
from joint_review.states import OPINION_MOVES, ROUND_MOVES, RUNNING_ROUNDS
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Refused, StateConflict
from ledger.record import record
from projects import actions as projects
from projects.pipeline.conditions import decide
from projects.queries import due_after, item_by_code, lock_project, on_timeout_of

ITEM = "HU-DRW"


@transaction.atomic
def open_round(revision_id: UUID, *, actor: Actor, requested: Iterable[str] = ()) -> Round:
    """Open the first round of a drawing set (开启联审): the lead, on a clean revision.

    Opens every sheet, makes one task per department and discipline by the project's facts, all in parallel, with due
    dates from the project's calendar. `requested` adds disciplines that no fact decides. Later rounds open by the
    applicant's submitted answers.
    """
    found = revision(revision_id)
    project = lock_project(found.set.project_id)
    item = item_by_code(project.pk, found.set.item_code or ITEM)
    require(actor, "joint_review.open_round", item)
    require_first_round(found.set_id)
    if found.state != "clean":
        raise StateConflict(
            _("这一版图纸尚未通过检查，不能开启联审。"), next_step=_("请等待检查完成，或由申请人更换被拒收的文件。")
        )
    projects.require_in_hand(item)
    wanted = frozenset(requested)
    if unknown := wanted - set(catalogue.discipline_names()):
        raise Refused("unknown_discipline", _("没有这个专业：%(codes)s。") % {"codes": _("、").join(sorted(unknown))})
    tasks = catalogue.settings()["tasks"]
    plans = plan_tasks(
        catalogue.disciplines(),
        lambda condition: decide(condition, project.facts),
        own=tasks["own"],
        rest=tasks["rest"],
        requested=wanted,
    )
    if not plans:
        raise Refused("no_tasks", _("按项目情况没有需要审查的专业，请核对项目基本信息。"))
    round_ = Round(
        id=uuid.uuid4(),
        project=project,
        set=found.set,
        revision=found,
        item=item,
        no=1,
        convened_by=department_by_code(actor.department_code or "", project.district_id),
        opened_by_id=actor.person_id,
        opened_at=now(),
    )
    projects.hold_item(item.pk, by=f"round:{round_.pk}", actor=actor)
    # After a returned set the clock still stands for design revision: a set to review ends that.
    resume_for_design(round_, evidence=_("重新提交的图纸集已开启联审"), actor=actor, act="joint_review.open_round")
    return begin(round_, plans, days=catalogue.limits()["promised_first_review"], actor=actor)


def require_first_round(set_id: UUID) -> None:
    """A set has one running round; what follows a round follows by itself."""
    last = Round.objects.filter(set_id=set_id).order_by("-no").first()
    if last is None:
        return
    if last.state in RUNNING_ROUNDS:
        raise StateConflict(_("这套图纸已有正在进行的第%(no)s轮联审。") % {"no": last.no})
    if last.state == "closed":
        raise StateConflict(_("这套图纸已通过联审。"), next_step=_("图纸变更请新建图纸集，只审变更部分。"))
    if last.state == "returned":
        raise StateConflict(_("这套图纸已在第三轮后退回。"), next_step=_("请申请人重新提交一套图纸，再开启联审。"))
    raise StateConflict(_("下一轮联审在申请人提交答复时自动开启。"))


def begin(round_: Round, plans: Iterable[TaskPlan], *, days: int, actor: Actor) -> Round:
    """Store the round and its tasks, open its sheets, let the departments mark them."""
    due_on = capped_due(round_, days)
    round_.due_on = due_on
    round_.save(force_insert=True)
    same_revision = Round.objects.filter(revision_id=of_drawings(round_.revision_id)).exclude(pk=round_.pk).exists()
    sheet_ids = [sheet.pk for sheet in sheets_of(of_drawings(round_.revision_id))]
    if same_revision:
        drawings.thaw_sheets(sheet_ids, reason="next_round", actor=actor, round_id=round_.pk)
    else:
        drawings.open_sheets(of_drawings(round_.revision_id), actor=actor, round_id=round_.pk)
    tasks = [make_task(round_, plan, due_on) for plan in plans]
    Task.objects.bulk_create(tasks)
    for code in sorted({task.department.code for task in tasks}):
        drawings.grant_marking(sheet_ids, department_code=code, actor=actor)
    event = RoundOpened(
        project_id=round_.project_id,
        round_id=round_.pk,
        set_id=of_drawings(round_.set_id),
        revision_id=of_drawings(round_.revision_id),
        no=round_.no,
        departments=[task.department.code for task in tasks],
        due_on=due_on,
    )
    record(event, actor=actor, subject=round_, project_id=round_.project_id)
    return round_


def capped_due(round_: Round, days: int) -> date | None:
    """So many working days from today, but never after the item itself is due."""
    promised = due_after(round_.project_id, days)
    return min(promised, round_.item.due_on) if round_.item.due_on else promised


def make_task(round_: Round, plan: TaskPlan, due_on: date | None) -> Task:
    """One task, not stored yet."""
    return Task(
        round=round_,
        department=department_by_code(plan.department, round_.project.district_id),
        discipline=plan.discipline or "",
        covers=list(plan.covers),
        undecided=list(plan.undecided),
        due_on=due_on,
        silence_counts=silence_counts(
            plan.covers,
            on_timeout=on_timeout_of(round_.item),
            never=frozenset(catalogue.settings()["never_silent"]),
        ),
    )


def complete_if_last(round_: Round) -> None:
    """The last signature completes the round (本轮审查完成); the caller holds the round's lock.

    With nothing blocking open the round closes at once, else it waits for the lead's merged notice.
    """
    if not is_complete(round_.tasks.values_list("state", flat=True)):
        return
    move(round_, ROUND_MOVES, "complete")
    round_.completed_at = now()
    round_.save(update_fields=["state", "completed_at"])
    if round_.kind != RoundKind.DRAWINGS:
        settle_evaluation(round_)
        return
    event = RoundCompleted(project_id=round_.project_id, round_id=round_.pk, no=round_.no, outcome=outcome_of(round_))
    record(event, actor=Actor.system(cause="TaskSigned"), subject=round_, project_id=round_.project_id)
    settle_complete_round(round_)


def settle_complete_round(round_: Round) -> None:
    """Close a complete round in which nothing blocking is left; anything else waits for the lead."""
    if round_.state == "complete" and outcome_of(round_) == "close":
        close_round(round_, actor=Actor.system(cause="RoundCompleted"))


def close_round(round_: Round, *, actor: Actor) -> None:
    """The drawings passed (联审通过): suggestions are noted, sheets final, the certificate issued, the item decided."""
    require(actor, "joint_review.close_round", round_)
    for opinion in round_.opinions.select_for_update().filter(state__in=["signed", "issued"]):
        move(opinion, OPINION_MOVES, "note")
        opinion.closed_at = now()
        opinion.save(update_fields=["state", "closed_at"])
    drawings.seal_sheets(
        [sheet.pk for sheet in sheets_of(of_drawings(round_.revision_id))], actor=actor, round_id=round_.pk
    )
    move(round_, ROUND_MOVES, "close")
    round_.ended_at = now()
    paper = issue_certificate(round_, actor=actor)
    round_.paper_id = paper.pk
    round_.save(update_fields=["state", "ended_at", "paper_id"])
    event = RoundClosed(
        project_id=round_.project_id,
        round_id=round_.pk,
        set_id=of_drawings(round_.set_id),
        no=round_.no,
        paper_id=paper.pk,
    )
    record(event, actor=actor, subject=round_, project_id=round_.project_id)
    if not sets_still_under_review(round_):
        projects.decide_item(
            of_drawings(round_.item_id),
            actor=Actor.system(cause="RoundClosed"),
            passed=True,
            basis=_("多图联审第%(no)s轮通过，施工图审查合格书%(number)s") % {"no": round_.no, "number": paper.number},
        )


def sets_still_under_review(round_: Round) -> bool:
    """Has the item other drawing sets that have not passed? The last set to pass decides the item.

    A returned set counts until another set was opened for review after it.
    """
    rounds = list(Round.objects.filter(item_id=round_.item_id).exclude(set_id=round_.set_id).order_by("no"))
    last_of_set = {other.set_id: other for other in rounds}
    newest = Round.objects.filter(item_id=round_.item_id).order_by("-opened_at").first()
    return any(
        other.state in {"open", "complete", "noticed", "answered"}
        or (
            other.state == "returned"
            and (newest is None or other.ended_at is None or newest.opened_at < other.ended_at)
        )
        for other in last_of_set.values()
    )


@dataclass(frozen=True)
class Following:
    """What the applicant submitted: the answered round and the revision that the next one reviews."""

    answered: Round
    revision_id: UUID


def open_next_round(following: Following, *, actor: Actor) -> Round:
    """The round after submitted answers (下一轮联审): only departments with open opinions or changed sheets.

    Part of `submit_answers`: project and round are locked. Open opinions go along, each with its place on the new
    sheets; the old sheets' logs end.
    """
    before = following.answered
    require(actor, "joint_review.open_round", before.item)
    changed = following.revision_id != before.revision_id
    pairs = match_sheets(of_drawings(before.revision_id), following.revision_id) if changed else []
    hints = {item.code: item.layer_hint for item in catalogue.disciplines()}
    standing = list(before.opinions.filter(state__in=["answered", "issued"]).order_by("number"))
    owing = OpinionAuthor.objects.filter(opinion__in=standing, opinion__state="answered").select_related("department")
    plans = tasks_of_next_round(
        plans_of_first_round(of_drawings(before.set_id)),
        frozenset((author.department.code, author.discipline or None) for author in owing),
        concerned_disciplines(changes_of(pairs), hints),
    )
    round_ = Round(
        id=uuid.uuid4(),
        project=before.project,
        set=before.set,
        revision=revision(following.revision_id),
        item=before.item,
        previous=before,
        no=before.no + 1,
        convened_by=before.convened_by,
        opened_by_id=actor.person_id,
        opened_at=now(),
    )
    if changed:
        drawings.revise_sheets(of_drawings(before.revision_id), following.revision_id, actor=actor)
    begin(round_, plans, days=catalogue.limits()["recheck_working_days"], actor=actor)
    projects.hold_item(of_drawings(before.item_id), by=f"round:{round_.pk}", actor=actor)
    successor = {pair.old: pair.new for pair in pairs if pair.old is not None}
    for opinion in standing:
        carry_opinion(opinion, round_, successor if changed else None)
    return round_


def carry_opinion(opinion: Opinion, round_: Round, successor: dict[UUID, UUID | None] | None) -> None:
    """The opinion stands in the new round, with its place on the new sheets; nothing is ever dropped."""
    before = Anchor.objects.filter(opinion=opinion, round_id=opinion.round_id).select_related("sheet").first()
    opinion.round = round_
    opinion.save(update_fields=["round"])
    if before is None:
        return
    if successor is None:
        Anchor.objects.create(
            opinion=opinion,
            round=round_,
            sheet_id=before.sheet_id,
            region=before.region,
            handles=before.handles,
            marks=before.marks,
            verdict="unchanged",
            why="same_revision",
            picture=before.picture,
        )
        return
    new_id = successor.get(before.sheet_id)
    verdict = match_place(place_of(before), before.sheet_id, new_id)
    Anchor.objects.create(
        opinion=opinion,
        round=round_,
        sheet_id=new_id or before.sheet_id,
        region=list(verdict.region) if verdict.region else None,
        handles=list(verdict.handles),
        verdict=verdict.verdict,
        certain=verdict.certain,
        why=verdict.why,
    )
