"""Rows of this room as the facts that pure rules decide on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from joint_review import catalogue
from joint_review.models import Anchor, Opinion, Recheck, Round, Task
from joint_review.rules.contradictions import Demand
from joint_review.rules.geometry import box_of
from joint_review.rules.merging import Draft
from joint_review.rules.opinions import Standing, outcome_of_round
from joint_review.rules.planning import TaskPlan
from joint_review.states import STANDING_OPINIONS


def standing_of_task(task: Task) -> list[Standing]:
    """The opinions that the task's department stands behind in this round, as author or co-author."""
    rows = Opinion.objects.filter(
        round_id=task.round_id, authors__department_id=task.department_id, authors__discipline=task.discipline
    )
    own = dict(Recheck.objects.filter(task=task).values_list("opinion_id", "result"))
    return [Standing(row.cls, state_for_author(row.state, own.get(row.pk))) for row in rows]


def state_for_author(state: str, own_recheck: str | None) -> str:
    """A co-authored opinion as one author sees it: its own recheck counts for it, whatever the others say or have yet to."""
    if own_recheck is None or state not in {"answered", "kept", "closed"}:
        return state
    return "closed" if own_recheck == "accept" else "kept"


def standing_of_round(round_: Round) -> list[Standing]:
    """Every opinion of the round."""
    return [Standing(cls, state) for cls, state in round_.opinions.values_list("cls", "state")]


def demand_of(row: Mapping[str, Any] | None) -> Demand | None:
    """The stored demand as the rules compare it."""
    if not row or "parameter" not in row:
        return None
    return Demand(
        parameter=row["parameter"], operator=row["operator"], value=Decimal(row["value"]), unit=row.get("unit", "")
    )


def drafts_of_round(round_: Round, *, states: Iterable[str] = STANDING_OPINIONS) -> list[Draft]:
    """The standing opinions of a round with place, authors and demand."""
    opinions = list(
        round_.opinions.filter(state__in=list(states)).prefetch_related("authors__department").order_by("number")
    )
    anchors: dict[UUID, Anchor] = {
        anchor.opinion_id: anchor
        for anchor in Anchor.objects.filter(round=round_, opinion__in=opinions).select_related("sheet")
    }
    return [draft_of(opinion, anchors.get(opinion.pk)) for opinion in opinions]


def draft_of(opinion: Opinion, anchor: Anchor | None) -> Draft:
    """One opinion as the rules of merging see it; authors must be at hand."""
    return Draft(
        key=str(opinion.pk),
        number=opinion.number,
        cls=opinion.cls,
        clause=opinion.clause_code or None,
        text=opinion.text,
        authors=frozenset((author.department.code, author.discipline or None) for author in opinion.authors.all()),
        sheet=str(anchor.sheet_id) if anchor else None,
        sheet_order=anchor.sheet.position if anchor else 0,
        region=box_of(anchor.region) if anchor and anchor.region else None,
        demand=demand_of(opinion.demand),
    )


def plans_of_first_round(set_id: UUID) -> list[TaskPlan]:
    """The tasks of a set's first round, as plans: who may be asked again in later ones."""
    tasks = Task.objects.filter(round__set_id=set_id, round__no=1).select_related("department").order_by("pk")
    return [
        TaskPlan(task.department.code, task.discipline or None, tuple(task.covers), tuple(task.undecided))
        for task in tasks
    ]


def outcome_of(round_: Round) -> str:
    """What a complete round leads to: close, issue_notice or return."""
    return outcome_of_round(
        number=round_.no,
        opinions=standing_of_round(round_),
        classes=catalogue.opinion_classes(),
        max_rounds=catalogue.limits()["max_rounds_before_return"],
    )
