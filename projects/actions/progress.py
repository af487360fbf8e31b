"""What follows every change of an item (事项推进): what is reached, whose turn it is, all clocks anew.

The caller holds the project's lock. Due and warning dates are stored here, at each transition, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from accounts.legal_day import today_in_shanghai
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Forbidden
from ledger.record import record
from projects import domain
from projects.clock import Pause, Run, Unit, cap_pauses, count_deadline, count_whole, legal_day
from projects.events import ItemDecided, ItemReady, ProjectFinished, StageFinished, StageStarted
from projects.models import ClockPause, ItemCase, ItemMove, Project, StageCase
from projects.pipeline import graph
from projects.pipeline.planner import Need
from projects.pipeline.template import BESIDE, Template
from projects.queries.calendar import calendar_for
from projects.queries.editions import template_for
from projects.rules.items import ItemFacts
from projects.states import FAVOURABLE, Code, item_move, project_move
from projects.words import _
from projects.workdays import WorkCalendar

BY_PLATFORM = "PLATFORM"
WAITING_APPLICANT = "WAITING_APPLICANT"
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


def person_of(actor: Actor) -> int:
    """The person who acts; the system and the public sign nothing."""
    if actor.person_id is None:
        raise Forbidden
    return actor.person_id


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


def facts_of(item: ItemCase) -> ItemFacts:
    """What a decision looks at."""
    return ItemFacts(
        code=item.code,
        name=item.name,
        is_open=item.is_open,
        is_by_applicant=item.is_by_applicant,
        is_paused=item.is_paused,
        decided_by=item.decided_by,
        held_by=item.held_by,
        step=item.step,
        pause_reasons=tuple(item.pause_reasons),
    )


def move_item(item: ItemCase, act: str, *, actor: Actor, remark: str = "", at: datetime | None = None) -> None:
    """Change the item's national code by the table and note it; the caller saves the item."""
    before = item.state
    item.state = int(item_move(before, act))
    ItemMove.objects.create(
        item=item,
        from_state=before,
        to_state=item.state,
        act=act,
        at=at or now(),
        person_id=actor.person_id,
        cause=actor.cause,
        remark=remark,
    )


def take_in_hand(item: ItemCase, *, actor: Actor, remark: str = "") -> None:
    """Lead the item to "in progress" through whatever lies between (受理, 开始办理)."""
    if item.state in {Code.RECEIVED, Code.SUPPLEMENT_END}:
        move_item(item, "accept", actor=actor, remark=remark)
        item.taken_at = item.taken_at or now()
    if item.state in {Code.ACCEPTED, Code.SPECIAL_END}:
        move_item(item, "begin", actor=actor)


def finish_item(item: ItemCase, act: str, calendar: WorkCalendar, *, actor: Actor, basis: str) -> None:
    """End the item with `pass`, `pass_outstanding` or `deny`; the caller saves it and advances the project."""
    take_in_hand(item, actor=actor)
    move_item(item, act, actor=actor, remark=basis)
    item.decided_at = now()
    item.decided_on = legal_day(item.decided_at, calendar)
    item.decision_basis = basis
    item.posts_now = []
    item.held_by = ""


def record_decision(project: Project, item: ItemCase, *, actor: Actor) -> None:
    """The event of a decided item."""
    event = ItemDecided(
        project_id=project.pk,
        item_id=item.pk,
        code=item.code,
        department_code=item.department_code,
        state=item.state or 0,
        basis=item.decision_basis,
    )
    record(event, actor=actor, subject=item, project_id=project.pk)


def advance(project: Project, *, cause: str, at: datetime | None = None) -> None:
    """Reach what can be reached, settle what the platform settles, and compute every clock anew.

    `at`: the instant from which newly reached items count (only silence on completeness reaches back).
    """
    actor = Actor.system(cause=cause)
    workings = read_workings(project)
    relink(workings)
    reached = reach_all(workings, actor=actor, at=at or now())
    settle_items(workings)
    started, finished = settle_stages(workings)
    ended = settle_project(workings)
    store_changes(workings)
    project.save()
    record_progress(workings, reached, started, finished, actor=actor)
    if ended:
        event = ProjectFinished(project_id=project.pk, used_days=project.used_days)
        record(event, actor=actor, subject=project, project_id=project.pk)


def recompute(project: Project) -> bool:
    """All clocks of one project anew, nothing moved (after a calendar change); True when a date changed."""
    workings = read_workings(project)
    before = [project.due_on, *((item.due_on, item.warn_on, item.statutory_due_on) for item in workings.items)]
    settle_items(workings)
    settle_stages(workings)
    settle_project(workings)
    store_changes(workings)
    project.save()
    after = [project.due_on, *((item.due_on, item.warn_on, item.statutory_due_on) for item in workings.items)]
    return before != after


def relink(workings: Workings) -> None:
    """Effective prerequisites of the items that are run, those of the others handed on."""
    template = workings.template
    kept = {item.code for item in workings.items if is_run(item)}
    linked = graph.hand_on(template.prerequisites, kept, template.order)
    for item in workings.items:
        item.prerequisites = list(linked.get(item.code, ()))


def reach_all(workings: Workings, *, actor: Actor, at: datetime) -> list[ItemCase]:
    """Items whose prerequisites are all favourably decided become their department's turn; repeated till none is left."""
    reached: list[ItemCase] = []
    favourable = {item.code for item in workings.items if item.state in FAVOURABLE}
    waiting = [item for item in workings.items if is_run(item) and item.ready_at is None]
    progress = True
    while progress:
        progress = False
        for item in list(waiting):
            if not favourable.issuperset(item.prerequisites):
                continue
            waiting.remove(item)
            reach(workings, item, actor=actor, at=at)
            reached.append(item)
            if item.decided_by == BY_PLATFORM:
                basis = _("平台核验：投资项目代码 %(code)s 校验无误") % {"code": workings.project.code}
                finish_item(item, "pass", workings.calendar, actor=actor, basis=basis)
                favourable.add(item.code)
                progress = True
    return reached


def reach(workings: Workings, item: ItemCase, *, actor: Actor, at: datetime) -> None:
    """It is the item's turn (事项到达): received (national code 1), day 0 is the legal day of the instant."""
    item.ready_at = at
    item.day_zero = legal_day(at, workings.calendar)
    move_item(item, "receive", actor=actor, at=at)
    if not item.is_by_applicant and item.decided_by != BY_PLATFORM:
        item.posts_now = list(workings.template.steps[0].posts)


def settle_items(workings: Workings) -> None:
    """Due, warning and statutory dates of every open item; slack of every item that is still to come."""
    slack = slack_of(workings)
    for item in workings.items:
        item.slack_days = slack.get(item.code)
        if not item.is_open or item.is_by_applicant or item.day_zero is None:
            item.due_on = item.due_on if item.decided_at and not item.is_by_applicant else None
            item.warn_on = item.warn_on if item.due_on else None
            item.is_paused = False
            item.remaining_days = None
            continue
        pauses = workings.pauses_of(item)
        promised = count_deadline(item.day_zero, item.limit_days, workings.calendar, pauses=pauses)
        item.due_on, item.warn_on = promised.due_on, promised.warn_on
        item.remaining_days = promised.remaining if promised.due_on is None else None
        item.is_provisional = promised.provisional
        item.is_paused = any(row.ended_at is None and row.item_id in {None, item.pk} for row in workings.pauses)
        item.statutory_due_on = None
        if item.statutory_days is not None:
            item.statutory_due_on = count_deadline(
                item.day_zero,
                item.statutory_days,
                workings.calendar,
                unit=Unit(item.statutory_unit),
                pauses=pauses,
            ).due_on


def slack_of(workings: Workings) -> dict[str, int]:
    """Working days each unfinished item may slip before the end moves, from what is left of each."""
    running = [item for item in workings.items if is_run(item)]
    days = {item.code: days_left(workings, item) for item in running}
    made = graph.schedule({item.code: tuple(item.prerequisites) for item in running}, days)
    return {item.code: made.places[item.code].slack for item in running if item.decided_at is None}


def days_left(workings: Workings, item: ItemCase) -> int:
    """Working days the item still needs at most, by its promise."""
    if item.decided_at is not None or not item.counts:
        return 0
    run = workings.run_of(item)
    if run is None:
        return item.limit_days
    return count_whole([run], item.limit_days, workings.calendar, workings.today).remaining


def belongs_to_stage(item: ItemCase, stage: StageCase) -> bool:
    """Is the item one of those that make the stage's time? (PRE-START items run beside; utilities do not hold it.)"""
    inside = item.stage == stage.code and is_run(item) and item.parallel_group != BESIDE
    return inside and (item.counts or not stage.counts or item.kind == "EVENT")


def settle_stages(workings: Workings) -> tuple[list[StageCase], list[StageCase]]:
    """State and clock of every stage; returns those that began and those that ended just now."""
    started, finished = [], []
    for stage in workings.stages:
        items = [item for item in workings.items if belongs_to_stage(item, stage)]
        before = stage.state
        if not items:
            stage.state = StageCase.State.NOT_NEEDED
        elif all(item.decided_at is not None for item in items):
            stage.state = StageCase.State.FINISHED
        elif any(item.ready_at is not None for item in items):
            stage.state = StageCase.State.RUNNING
        runs = workings.runs(item for item in items if item.counts)
        stage.day_zero = min((item.day_zero for item in items if item.day_zero), default=None)
        if before == StageCase.State.WAITING and stage.state != before and stage.day_zero:
            started.append(stage)
        if before != StageCase.State.FINISHED and stage.state == StageCase.State.FINISHED:
            stage.finished_at = now()
            finished.append(stage)
        if not runs or not stage.limit_days:
            stage.due_on = stage.warn_on = stage.remaining_days = None
            continue
        whole = count_whole(runs, stage.limit_days, workings.calendar, workings.today)
        stage.used_days, stage.remaining_days = whole.used, whole.remaining
        stage.due_on, stage.warn_on, stage.is_provisional = whole.due_on, whole.warn_on, whole.provisional
    return started, finished


def settle_project(workings: Workings) -> bool:
    """The project's own clock; True when everything is done and it ends now (办结)."""
    project = workings.project
    counted = [item for item in workings.items if item.counts and is_run(item)]
    whole = count_whole(workings.runs(counted), project.limit_days, workings.calendar, workings.today)
    project.used_days, project.remaining_days = whole.used, whole.remaining
    project.due_on, project.warn_on = whole.due_on, whole.warn_on
    project.is_provisional = whole.provisional
    project.stopped_since = whole.stopped_since
    project.stopped_ground = "" if whole.stopped_since is None else ground_of_stop(workings)
    project.calendar_version = workings.calendar.version
    project.clock_on = workings.today
    running = [stage for stage in workings.stages if stage.counts and stage.state == StageCase.State.RUNNING]
    if running:
        project.stage = running[0].code
    everything = [item for item in workings.items if is_run(item)]
    if project.state == Project.State.ACCEPTED and all(item.state in FAVOURABLE for item in everything):
        project.state = project_move(project.state, "finish")
        project.ended_at = now()
        project.stopped_ground = ""
        return True
    return False


def ground_of_stop(workings: Workings) -> str:
    """Why the whole stands still: an open stop of a counted item, else the enterprise's own turn."""
    open_items = {item.pk for item in workings.items if item.is_open and item.counts}
    for row in workings.pauses:
        if row.ended_at is None and (row.item_id is None or row.item_id in open_items):
            return row.ground
    return WAITING_APPLICANT


def record_progress(
    workings: Workings,
    reached: list[ItemCase],
    started: list[StageCase],
    finished: list[StageCase],
    *,
    actor: Actor,
) -> None:
    """The events of what was reached, begun and finished."""
    project = workings.project
    for stage in started:
        begun = StageStarted(project_id=project.pk, stage=stage.code, due_on=stage.due_on)
        record(begun, actor=actor, subject=stage, project_id=project.pk)
    for item in reached:
        if item.decided_at is not None:
            record_decision(project, item, actor=actor)
            continue
        ready = ItemReady(
            project_id=project.pk,
            item_id=item.pk,
            code=item.code,
            department_code=item.department_code,
            due_on=item.due_on,
        )
        record(ready, actor=actor, subject=item, project_id=project.pk)
    for stage in finished:
        done = StageFinished(project_id=project.pk, stage=stage.code, used_days=stage.used_days)
        record(done, actor=actor, subject=stage, project_id=project.pk)
