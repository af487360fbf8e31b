"""Stopping the clock and letting it go on (时限中止与恢复), contested days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.access import require
from accounts.actions import two_key_act
from accounts.policy import row_of
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import NotFound, Refused, StateConflict
from ledger.record import record
from projects import domain
from projects.actions.papers import issue_special_procedure
from projects.actions.progress import advance, facts_of, move_item, person_of, take_in_hand
from projects.clock import legal_day
from projects.events import ClockResumed, ClockStopped, ContestAnswered, DayContested
from projects.models import ClockPause, DayContest, ItemCase, Project
from projects.queries.calendar import calendar_for
from projects.queries.ledger import day_of
from projects.queries.locking import lock_item, lock_project
from projects.rules.items import ALWAYS_A_GROUND, check_ground
from projects.states import Code
from projects.words import _, ngettext

CORRECTION = "SUPPLEMENT"
MANUAL = "item.pause_clock"


@cache
def grounds() -> Mapping[str, Mapping[str, Any]]:
    """The legal grounds by code (clock_rules.pauses)."""
    return {rule["code"]: rule for rule in domain.read("clock_rules")["pauses"]}


@cache
def local_grounds() -> frozenset[str]:
    """LOCAL_RULE grounds that are in force here."""
    return frozenset(domain.read("clock_rules")["local_rules"]["grounds_in_force"])


@transaction.atomic
def stop_clock(
    subject: ItemCase | Project, *, ground: str, evidence: str, actor: Actor, act: str, expected_days: int | None = None
) -> ClockPause:
    """Stop the clock of an item, or of the whole project, as part of another act (时限中止).

    `act` names the row of the permission table under which the caller was allowed (such as `notice.issue`); a stop of
    its own is `pause_clock`. The pause begins on the working day after the notice (clock_rules.pause_rules). Refused
    for a ground that does not stop the clock, or not this item's.
    """
    row_of(act)
    project, item = lock_subject(subject)
    if project.state != Project.State.ACCEPTED:
        raise StateConflict(_("项目尚未受理或已经结束，没有可以中止的时限。"))
    if not evidence.strip():
        raise Refused("evidence_missing", _("请写明中止时限的依据文书或证明。"), field="evidence")
    if item is not None:
        check_ground(facts_of(item), ground, grounds(), local_grounds())
        check_not_stopped(item, ground)
        take_in_hand(item, actor=actor)
        if item.state not in {Code.SPECIAL_START, Code.SUPPLEMENT_START}:
            move_item(item, "ask_correction" if ground == CORRECTION else "start_special", actor=actor, remark=evidence)
        item.save()
    elif ground not in ALWAYS_A_GROUND:
        raise Refused(
            "ground_not_for_project", _("只有不可抗力可以中止整个项目的时限，其他事由请逐项中止。"), field="ground"
        )
    calendar = calendar_for(project.district_id)
    pause = ClockPause.objects.create(
        project=project,
        item=item,
        ground=ground,
        basis=grounds()[ground].get("basis") or "",
        evidence=evidence.strip(),
        expected_days=expected_days,
        starts_on=calendar.add(legal_day(now(), calendar), 1),
        started_at=now(),
        started_by_id=actor.person_id,
    )
    event = ClockStopped(
        project_id=project.pk,
        item_id=item.pk if item else None,
        pause_id=pause.pk,
        ground=ground,
        starts_on=pause.starts_on,
    )
    record(event, actor=actor, subject=pause, project_id=project.pk)
    advance(project, cause="ClockStopped")
    if item is not None:
        refresh(subject, item)
    return pause


def refresh(subject: ItemCase | Project, item: ItemCase) -> None:
    """Give the caller's own object the new state."""
    item.refresh_from_db()
    subject.refresh_from_db()


def lock_subject(subject: ItemCase | Project) -> tuple[Project, ItemCase | None]:
    """The project, locked, and the item if it is one."""
    if isinstance(subject, Project):
        return lock_project(subject.pk), None
    return lock_item(subject.pk)


def check_not_stopped(item: ItemCase, ground: str) -> None:
    """An ended item has no clock; the same ground does not stop it twice at once."""
    if not item.is_open:
        raise StateConflict(_("“%(name)s”还没有到达或已经办结，没有可以中止的时限。") % {"name": item.name})
    if item.pauses.filter(ground=ground, ended_at__isnull=True).exists():
        raise StateConflict(_("“%(name)s”已经以同一事由中止时限。") % {"name": item.name})


@transaction.atomic
def resume_clock(subject: ItemCase | Project, *, ground: str, evidence: str, actor: Actor, act: str) -> ClockPause:
    """Let the clock go on, as part of another act (恢复计时): the day the answer arrives is the last that is not counted.

    StateConflict when the ground does not stop it now.
    """
    row_of(act)
    project, item = lock_subject(subject)
    rows = ClockPause.objects.filter(project=project, item=item, ground=ground, ended_at__isnull=True)
    pause = rows.select_for_update().first()
    if pause is None:
        raise StateConflict(_("这一事由当前没有中止时限，不需要恢复。"))
    end_pause(pause, item, evidence=evidence, actor=actor)
    if item is not None:
        item.save()
    advance(project, cause="ClockResumed")
    if item is not None:
        refresh(subject, item)
    return pause


def end_pause(pause: ClockPause, item: ItemCase | None, *, evidence: str, actor: Actor) -> None:
    """End one stop; the item goes on when no other stop is left. The caller saves the item and advances the project."""
    calendar = calendar_for(pause.project.district_id)
    pause.ended_at = now()
    pause.ended_by_id = actor.person_id
    pause.end_evidence = evidence.strip()
    # An answer on the very day of the notice leaves no day out.
    pause.ends_on = max(legal_day(pause.ended_at, calendar), pause.starts_on - timedelta(days=1))
    pause.save()
    if item is not None and not item.pauses.filter(ended_at__isnull=True).exists():
        if item.state == Code.SUPPLEMENT_START:
            move_item(item, "answer_correction", actor=actor, remark=evidence)
        elif item.state == Code.SPECIAL_START:
            move_item(item, "end_special", actor=actor, remark=evidence)
        if item.state in {Code.SUPPLEMENT_END, Code.SPECIAL_END}:
            move_item(item, "begin", actor=actor)
    event = ClockResumed(
        project_id=pause.project_id,
        item_id=pause.item_id,
        pause_id=pause.pk,
        ground=pause.ground,
        ends_on=pause.ends_on,
    )
    record(event, actor=actor, subject=pause, project_id=pause.project_id)


@two_key_act("item.pause_clock")
@transaction.atomic
def pause_clock(
    item_id: UUID, *, actor: Actor, ground: str, evidence: str, expected_days: int | None = None
) -> ClockPause:
    """Stop an item's clock by hand (特别程序): a second person confirms every such stop (clock_rules.pause_rules).

    The applicant is told in writing how long it will take (行政许可法第四十五条), so the days are required.
    """
    project, item = lock_item(item_id)
    require(actor, MANUAL, item)
    if expected_days is None or not 1 <= expected_days <= 250:
        raise Refused(
            "expected_days", _("请写明预计需要的工作日（1 至 250），法律要求书面告知申请人。"), field="expected_days"
        )
    pause = stop_clock(item, ground=ground, evidence=evidence, actor=actor, act=MANUAL, expected_days=expected_days)
    issue_special_procedure(
        project,
        item,
        {
            "ground": grounds()[ground]["zh"],
            "stopped_on": pause.starts_on,
            "days": ngettext("%(days)s 个工作日", "%(days)s 个工作日", expected_days) % {"days": expected_days},
        },
        actor=actor,
        department=item.department_code,
    )
    return pause


@transaction.atomic
def unpause_clock(item_id: UUID, *, actor: Actor, ground: str, evidence: str) -> ClockPause:
    """Let an item's clock go on by hand (恢复计时)."""
    _project, item = lock_item(item_id)
    require(actor, "item.resume_clock", item)
    return resume_clock(item, ground=ground, evidence=evidence, actor=actor, act="item.resume_clock")


@transaction.atomic
def contest_day(project_id: UUID, day: date, *, actor: Actor, reason: str) -> DayContest:
    """The enterprise contests one day of the ledger (对台账提出异议); the supervisor answers.

    Without a reason of its own the objection asks for the ground of what the ledger says of that day: one click is
    enough, the burden of explaining lies with the authority.
    """
    project = lock_project(project_id)
    require(actor, "day_ledger.contest", project)
    if 0 < len(reason.strip()) < 4:
        raise Refused("reason_missing", _("请写明异议的理由。"), field="reason")
    row = day_of(project, day)
    if row is None:
        raise NotFound(_("台账里没有这一天。"))
    reason = reason.strip() or plain_objection(str(row.get("kind", "")))
    if DayContest.objects.filter(project=project, day=day, state=DayContest.State.OPEN).exists():
        raise StateConflict(_("这一天已有一份待答复的异议。"))
    contest = DayContest.objects.create(
        project=project,
        day=day,
        reason=reason.strip(),
        row=row,
        made_at=now(),
        made_by_id=person_of(actor),
    )
    event = DayContested(project_id=project.pk, contest_id=contest.pk, day=day)
    record(event, actor=actor, subject=contest, project_id=project.pk)
    return contest


def plain_objection(kind: str) -> str:
    """What an objection without words of its own asks."""
    return {
        "counted": _("这一天不应计入办理时限，请说明计入的依据。"),
        "stopped": _("这一天不应停止计时，请说明停表的依据。"),
    }.get(kind, _("请说明这一天如此记载的依据。"))


@transaction.atomic
def answer_contest(contest_id: UUID, *, actor: Actor, upheld: bool, answer: str) -> DayContest:
    """The supervisor answers an objection (答复异议). Upholding does not rewrite the ledger: the record stays as it was."""
    project_id = DayContest.objects.filter(pk=contest_id).values_list("project_id", flat=True).first()
    if project_id is None:
        raise NotFound
    project = lock_project(project_id)
    require(actor, "day_ledger.answer_contest", project)
    contest = DayContest.objects.select_for_update().get(pk=contest_id)
    if contest.state != DayContest.State.OPEN:
        raise StateConflict(_("这份异议已经答复过。"))
    if len(answer.strip()) < 4:
        raise Refused("answer_missing", _("请写明答复意见。"), field="answer")
    contest.state = DayContest.State.UPHELD if upheld else DayContest.State.REFUSED
    contest.answer = answer.strip()
    contest.answered_at = now()
    contest.answered_by_id = actor.person_id
    contest.save()
    event = ContestAnswered(project_id=project.pk, contest_id=contest.pk, day=contest.day, upheld=upheld)
    record(event, actor=actor, subject=contest, project_id=project.pk)
    return contest


def check_pause(item: ItemCase, ground: str) -> None:
    """Would this ground stop this item? Asked before a second person is troubled."""
    check_ground(facts_of(item), ground, grounds(), local_grounds())
