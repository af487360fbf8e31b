"""The day ledger and its objections."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Status

from accounts.access import action, get_for
from projects import actions
from projects.api.routing import actor_of, router
from projects.clock import SHANGHAI
from projects.models import DayContest, Project
from projects.queries.ledger import DayRow, day_ledger
from projects.schemas import (
    AnswerIn,
    ContestIn,
    ContestOut,
    LedgerOut,
)


@router.get("/projects/{uuid:project_id}/days", response=LedgerOut, summary="逐日台账")
@action("day_ledger.view")
def get_days(request: HttpRequest, project_id: UUID, at: datetime | None = None) -> dict[str, Any]:
    """Every day of the project; `at` shows what was known at a past moment."""
    project = get_for(actor_of(request), "day_ledger.view", Project, project_id)
    if at is not None and at.tzinfo is None:
        at = at.replace(tzinfo=SHANGHAI)
    ledger = day_ledger(project.pk, at=at)
    return {
        "at": ledger.at,
        "counted": ledger.counted,
        "stopped": ledger.stopped,
        "rest": ledger.rest,
        "days": [day_out(row) for row in ledger.rows],
    }


@router.post("/projects/{uuid:project_id}/days/{day}/contest", response={201: ContestOut}, summary="对台账提出异议")
@action("day_ledger.contest")
def post_contest(request: HttpRequest, project_id: UUID, day: date, body: ContestIn) -> Status[DayContest]:
    """The enterprise contests one day."""
    return Status(201, actions.contest_day(project_id, day, actor=actor_of(request), reason=body.reason))


@router.post("/contests/{uuid:contest_id}/answer", response=ContestOut, summary="答复异议")
@action("day_ledger.answer_contest")
def post_contest_answer(request: HttpRequest, contest_id: UUID, body: AnswerIn) -> DayContest:
    """The supervisor answers an objection."""
    return actions.answer_contest(contest_id, actor=actor_of(request), upheld=body.upheld, answer=body.answer)


def day_out(row: DayRow) -> dict[str, Any]:
    """One row of the ledger."""
    shown = asdict(row)
    shown["holders"] = [
        {"code": holder.code, "name": holder.name, "department": holder.department_code} for holder in row.holders
    ]
    shown["contested"] = row.contest.state if row.contest else None
    return shown
