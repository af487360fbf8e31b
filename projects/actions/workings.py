"""Everything of one project that its clocks need, read once under its lock; only what changed is written back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from accounts.legal_day import today_in_shanghai
from projects import domain
from projects.clock import Pause, Run, cap_pauses
from projects.models import ClockPause, ItemCase, Project, StageCase
from projects.pipeline.planner import Need
from projects.pipeline.template import Template
from projects.queries.calendar import calendar_for
from projects.queries.editions import template_for
from projects.workdays import WorkCalendar

ITEM_FIELDS = [
    "state",
    "ready_at",
    "day_zero",
    "taken_at",
    "decided_at",
    "decided_on",
    "decision_basis",
    "posts_now",
    "prerequisites",
    "due_on",
    "warn_on",
    "statutory_due_on",
    "internal_due_on",
    "step_due_on",
    "remaining_days",
    "is_paused",
    "is_provisional",
    "slack_days",
]
STAGE_FIELDS = [
    "state",
    "day_zero",
    "finished_at",
    "used_days",
    "remaining_days",
    "due_on",
    "warn_on",
    "is_provisional",
]


@dataclass
class Workings:
    """Everything of one project that its clocks need, read once under its lock."""

    project: Project
    template: Template
    calendar: WorkCalendar
    items: list[ItemCase]
    pauses: list[ClockPause]
    stages: list[StageCase]
    today: date
    # What the rows held when they were read: only what changed is written back.
    before: dict[UUID, tuple[object, ...]]

    def pauses_of(self, item: ItemCase) -> tuple[Pause, ...]:
        """The item's own stops and those of the whole project, each ground within its cap."""
        return spans_of(self.pauses, item.pk, self.calendar)

    def run_of(self, item: ItemCase) -> Run | None:
        """The item's time in the government's hands; None when it has had none."""
        if item.day_zero is None or item.is_by_applicant:
            return None
        return Run(item.code, item.day_zero, item.decided_on, self.pauses_of(item))

    def runs(self, items: Iterable[ItemCase]) -> list[Run]:
        """The runs of these items."""
        return [run for item in items if (run := self.run_of(item)) is not None]


def spans_of(rows: Iterable[ClockPause], item_id: UUID, calendar: WorkCalendar) -> tuple[Pause, ...]:
    """Stored stops as spans; one that was answered before it began has no day."""
    spans = [
        Pause(row.starts_on, row.ends_on, row.ground)
        for row in rows
        if row.item_id in {None, item_id} and (row.ends_on is None or row.ends_on >= row.starts_on)
    ]
    return tuple(cap_pauses(spans, pause_caps(), calendar))


@cache
def pause_caps() -> dict[str, int | None]:
    """Ground -> at most so many working days in all (clock_rules.pauses)."""
    return {rule["code"]: rule["cap_working_days"] for rule in domain.read("clock_rules")["pauses"]}


def is_run(item: ItemCase) -> bool:
    """Does the item take place at all?"""
    return Need(item.need).is_run


def read_workings(project: Project) -> Workings:
    """Read a project's items, stops and stages."""
    items = list(project.items.order_by("position"))
    stages = list(project.stages.order_by("code"))
    rows: list[ItemCase | StageCase] = [*items, *stages]
    return Workings(
        project=project,
        template=template_for(project),
        calendar=calendar_for(project.district_id),
        items=items,
        pauses=list(project.pauses.order_by("starts_on")),
        stages=stages,
        today=today_in_shanghai(),
        before={row.pk: held_by_row(row) for row in rows},
    )


def held_by_row(row: ItemCase | StageCase) -> tuple[object, ...]:
    """The stored values that progress may change."""
    return tuple(getattr(row, name) for name in fields_of(row))


def fields_of(row: ItemCase | StageCase) -> list[str]:
    """The columns that progress writes."""
    return ITEM_FIELDS if isinstance(row, ItemCase) else STAGE_FIELDS


def store_changes(workings: Workings) -> None:
    """Write back what changed, rows with the same changed columns together."""
    groups: dict[tuple[type, tuple[str, ...]], list[Any]] = {}
    rows: list[ItemCase | StageCase] = [*workings.items, *workings.stages]
    for row in rows:
        pairs = zip(fields_of(row), workings.before[row.pk], held_by_row(row), strict=True)
        changed = tuple(name for name, was, now_held in pairs if was != now_held)
        if changed:
            groups.setdefault((type(row), changed), []).append(row)
    for (model, changed), alike in groups.items():
        if len(alike) == 1:
            alike[0].save(update_fields=changed)
        else:
            model._default_manager.bulk_update(alike, changed)  # type: ignore[attr-defined]
