"""Departments and the enterprise work on items, one working day after the other."""

from __future__ import annotations

from uuid import UUID

from config.demo.calendar import working_days_ago
from config.demo.filing import person
from ledger.actor import Actor
from ledger.clock_now import freeze
from projects import actions
from projects.queries.strips import items_of

HANDS = {"NRP": "planning", "HUC": "fire", "CAD": "airdefence"}


def work(
    project_id: UUID,
    *,
    applicant: Actor,
    first_day: int,
    last_day: int,
    stages: frozenset[str],
    leave: frozenset[str] = frozenset(),
) -> int:
    """Take every open step by hand each working day from `first_day` to `last_day` days ago; the last day worked.

    Items named in `leave` stay with their department.
    """
    for days_ago in range(first_day, last_day - 1, -1):
        with freeze(working_days_ago(days_ago, 9, 40)):
            for item in open_items(project_id, stages, leave):
                take(item, applicant)
        with freeze(working_days_ago(days_ago, 15, 20)):
            for item in open_items(project_id, stages, leave):
                take(item, applicant)
        if not open_items(project_id, stages, leave):
            return days_ago
    return last_day


def open_items(project_id: UUID, stages: frozenset[str], leave: frozenset[str]) -> list[object]:
    """Items that wait for a hand."""
    return [
        item
        for item in items_of(project_id).select_related("project")
        if item.is_open
        and item.stage in stages
        and item.decided_by == "HAND"
        and not item.held_by
        and item.code not in leave
    ]


def take(item: object, applicant: Actor) -> None:
    """One step of one item by whoever's turn it is."""
    if item.is_by_applicant:  # type: ignore[attr-defined]
        actions.report_event(item.pk, actor=applicant)  # type: ignore[attr-defined]
        return
    hand = HANDS.get(item.department_code, "bureau")  # type: ignore[attr-defined]
    if "pos_approve" in item.posts_now:  # type: ignore[attr-defined]
        actions.approve_item(item.pk, actor=person(f"{hand}2"), remark="符合条件，准予办结。")  # type: ignore[attr-defined]
    elif item.posts_now:  # type: ignore[attr-defined]
        actions.first_review(item.pk, actor=person(hand), remark="材料齐全，符合审查标准。")  # type: ignore[attr-defined]
