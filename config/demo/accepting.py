"""Joint acceptance in the demo's history."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from config.demo.filing import person
from config.demo.reviewing import FIRST
from joint_review.acceptance import actions
from ledger.actor import Actor
from ledger.clock_now import freeze


def apply(project_id: UUID, at: datetime, *, actor: Actor) -> Any:
    """The enterprise applies once."""
    with freeze(at):
        return actions.apply_for_acceptance(project_id, actor=actor, statement="工程已按图完工，五方验收合格。")


def visit(round_: Any, agreed_at: datetime, at: datetime) -> None:
    """One date, one visit, every department there."""
    lead = person("lead")
    with freeze(agreed_at):
        actions.schedule_visit(round_.pk, actor=lead, visit_at=at, meeting_point="项目部门口")
    with freeze(at):
        for task in round_.tasks.select_related("department"):
            actions.note_presence(round_.pk, actor=lead, department_code=task.department.code, came=True)
        actions.record_visit(round_.pk, actor=lead)


def inspect(round_: Any, at: datetime, *, fails: dict[str, str]) -> None:
    """Every department notes its results; checks named in `fails` get a defect with these words."""
    with freeze(at):
        for task in round_.tasks.select_related("department").prefetch_related("checks"):
            inspector = person(FIRST.get(task.department.code, "bureau"))
            for check in task.checks.all():
                if check.code in fails:
                    actions.list_defect(
                        check.pk, actor=inspector, severity="FIX", place="2#厂房东侧", text=fails[check.code]
                    )
                    actions.conclude_check(check.pk, actor=inspector, result="FAIL", reason=fails[check.code])
                else:
                    actions.conclude_check(check.pk, actor=inspector, result="PASS")


def sign(round_: Any, at: datetime) -> None:
    """Every department's second person signs what was found."""
    with freeze(at):
        for task in list(round_.tasks.select_related("department").exclude(state="signed")):
            signer = FIRST.get(task.department.code, "bureau") + "2"
            actions.sign_acceptance(task.pk, actor=person(signer))
