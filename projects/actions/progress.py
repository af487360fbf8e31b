"""What follows every change of an item (事项推进): what is reached, whose turn it is, all clocks anew.

The caller holds the project's lock. Due and warning dates are stored here, at each transition, and nowhere else.
"""

from __future__ import annotations

from datetime import datetime

from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Forbidden
from ledger.record import record
from projects.actions.settling import settle_items, settle_project, settle_stages
from projects.actions.workings import Workings, is_run, read_workings, store_changes
from projects.clock import legal_day
from projects.events import ItemDecided, ItemReady, ProjectFinished, StageFinished, StageStarted
from projects.models import ItemCase, ItemMove, Project, StageCase
from projects.pipeline import graph
from projects.rules.items import ItemFacts
from projects.states import FAVOURABLE, Code, item_move
from projects.words import _
from projects.workdays import WorkCalendar

BY_PLATFORM = "PLATFORM"


def person_of(actor: Actor) -> int:
    """The person who acts; the system and the public sign nothing."""
    if actor.person_id is None:
        raise Forbidden
    return actor.person_id


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
