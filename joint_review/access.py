"""How actors stand to rounds, tasks, opinions and acceptance, and what a task opens to a department in rooms below.

Letters: promises.md section 4. A department sees a project, its drawings and its items because it has a task there (I);
it marks a sheet because it has a task in the sheet's open round (D); the department that convened a round leads it (C).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from django.apps import apps
from django.db.models import Model, Q, QuerySet

from accounts.access import NOBODY, VIEWED_BY, register_relation, relation_query
from joint_review.models import (
    AcceptanceCheck,
    AcceptanceRound,
    AcceptanceTask,
    Anchor,
    Conflict,
    Defect,
    MergedNotice,
    Opinion,
    OpinionAuthor,
    RectificationNotice,
    Round,
    Task,
)
from ledger.actor import Actor

Project: type[Model] = apps.get_model("projects", "Project")
ItemCase: type[Model] = apps.get_model("projects", "ItemCase")
Sheet: type[Model] = apps.get_model("drawings", "Sheet")

# How each model of this room reaches its project, its round, its acceptance and its own department.
PROJECT_OF: dict[type[Model], str] = {
    Round: "project",
    Task: "round__project",
    Opinion: "round__project",
    Anchor: "round__project",
    Conflict: "round__project",
    MergedNotice: "round__project",
    AcceptanceRound: "project",
    AcceptanceTask: "round__project",
    AcceptanceCheck: "task__round__project",
    Defect: "check_of__task__round__project",
    RectificationNotice: "round__project",
}
VIEW: dict[type[Model], str] = {
    Round: "joint_review.view",
    Task: "joint_review.view",
    Opinion: "joint_review.view",
    Anchor: "joint_review.view",
    Conflict: "joint_review.view",
    MergedNotice: "notice.view",
    AcceptanceRound: "acceptance.view",
    AcceptanceTask: "acceptance.view",
    AcceptanceCheck: "acceptance.view",
    Defect: "acceptance.view",
    RectificationNotice: "acceptance.view",
}


def own_tasks(actor: Actor) -> Q:
    """Tasks of the departments whose power the actor's department exercises, in his district."""
    if not actor.department_codes:
        return NOBODY
    return Q(department__code__in=actor.department_codes, department__district_id=actor.district_id)


def task_rounds(actor: Actor) -> QuerySet[Task, UUID]:
    """The rounds in which the actor's department has a task, as a sub-select of ids."""
    return Task.objects.filter(own_tasks(actor)).values_list("round_id", flat=True)


def acceptance_rounds(actor: Actor) -> QuerySet[AcceptanceTask, UUID]:
    """The acceptances in which the actor's department has a task, as a sub-select of ids."""
    return AcceptanceTask.objects.filter(own_tasks(actor)).values_list("round_id", flat=True)


def convened_by_own(actor: Actor) -> Q:
    """Rounds and acceptances convened by a department whose power the actor's department exercises, in his district."""
    return Q(convened_by__code__in=actor.department_codes, convened_by__district_id=actor.district_id)


def projects_with_my_tasks(actor: Actor) -> Q:
    """I on Project: own department has a task of a round or of an acceptance in it."""
    if not actor.department_codes:
        return NOBODY
    return Q(pk__in=Round.objects.filter(pk__in=task_rounds(actor)).values("project_id")) | Q(
        pk__in=AcceptanceRound.objects.filter(pk__in=acceptance_rounds(actor)).values("project_id")
    )


def projects_i_convened(actor: Actor) -> Q:
    """C on Project: own department convened a round or an acceptance of it."""
    if not actor.department_codes:
        return NOBODY
    mine = convened_by_own(actor)
    return Q(pk__in=Round.objects.filter(mine).values("project_id")) | Q(
        pk__in=AcceptanceRound.objects.filter(mine).values("project_id")
    )


def prefixed(query: Callable[[Actor], Q], path: str) -> Callable[[Actor], Q]:
    """The relation to the project, seen from something that belongs to it."""

    def relation(actor: Actor) -> Q:
        found = query(actor)
        return NOBODY if found == NOBODY else Q(**{f"{path}__in": Project._default_manager.filter(found).values("pk")})

    return relation


def through_project(letter: str, path: str) -> Callable[[Actor], Q]:
    """The same relation as to the project (owner, mandate, window district, engaged designer, supervisor)."""

    def relation(actor: Actor) -> Q:
        found = relation_query(actor, Project, letter)
        if found == NOBODY:
            return NOBODY
        return Q(**{f"{path}__in": Project._default_manager.filter(found).values("pk")})

    return relation


def sheets_of_my_open_tasks(actor: Actor) -> Q:
    """D on Sheet: own department has an open task in the round the sheet is reviewed in, or leads that round."""
    if not actor.department_codes:
        return NOBODY
    open_tasks = Task.objects.filter(own_tasks(actor), state__in=["open", "claimed", "handed_over"])
    led = Round.objects.filter(convened_by_own(actor), state="open")
    lead = Q(round_id__in=led.values("pk")) if "lead" in actor.roles else NOBODY
    return Q(round_id__in=open_tasks.values("round_id")) | lead


def at_my_position(actor: Actor) -> Q:
    """P on Task: own department's, waiting for my position, and I did no earlier step of it (四眼原则).

    受理/初审 take an open task or go on with their own; 复审/审批 sign what another person reviewed first.
    """
    mine = own_tasks(actor)
    if mine == NOBODY:
        return NOBODY
    found = NOBODY
    if actor.roles & {"pos_accept", "pos_first"}:
        found |= mine & (Q(state="open") | Q(state__in=["claimed", "handed_over"], first_by_id=actor.person_id))
    if actor.roles & {"pos_second", "pos_approve"}:
        found |= mine & (Q(state="open") | Q(state__in=["claimed", "handed_over"]) & ~Q(first_by_id=actor.person_id))
    return found


def acceptance_at_my_position(actor: Actor) -> Q:
    """P on AcceptanceTask: own department's, inspected by somebody else."""
    mine = own_tasks(actor)
    return NOBODY if mine == NOBODY else mine & ~Q(inspected_by_id=actor.person_id)


def own_opinions(actor: Actor) -> Q:
    """D on Opinion: own department raised or joined it."""
    if not actor.department_codes:
        return NOBODY
    authors = OpinionAuthor.objects.filter(own_tasks(actor))
    return Q(pk__in=authors.values("opinion_id"))


def rounds_of_my_tasks(actor: Actor) -> Q:
    """D on Round: own department has a task in it."""
    return Q(pk__in=task_rounds(actor)) if actor.department_codes else NOBODY


def acceptances_of_my_tasks(actor: Actor) -> Q:
    """D on AcceptanceRound: own department has a task in it."""
    return Q(pk__in=acceptance_rounds(actor)) if actor.department_codes else NOBODY


def led_by_me(path: str) -> Callable[[Actor], Q]:
    """C: own department convened the round or acceptance at `path`."""

    def relation(actor: Actor) -> Q:
        if not actor.department_codes:
            return NOBODY
        return Q(
            **{
                f"{path}convened_by__code__in": actor.department_codes,
                f"{path}convened_by__district_id": actor.district_id,
            }
        )

    return relation


def tasked_through(path: str) -> Callable[[Actor], Q]:
    """D: own department has the acceptance task at `path`."""

    def relation(actor: Actor) -> Q:
        if not actor.department_codes:
            return NOBODY
        return Q(
            **{
                f"{path}department__code__in": actor.department_codes,
                f"{path}department__district_id": actor.district_id,
            }
        )

    return relation


def register(models: Iterable[type[Model]]) -> None:
    """Relations of this room's models that follow from the project or from who convened."""
    for model in models:
        path = PROJECT_OF[model]
        for letter in "OMJESI":
            register_relation(model, letter, through_project(letter, path))
        register_relation(model, "C", led_by_me(path.removesuffix("project")))
        VIEWED_BY[model] = VIEW[model]


register(PROJECT_OF)
register_relation(Project, "I", projects_with_my_tasks)
register_relation(Project, "C", projects_i_convened)
register_relation(ItemCase, "I", prefixed(projects_with_my_tasks, "project"))
register_relation(ItemCase, "C", prefixed(projects_i_convened, "project"))
# Drawings follow their project by themselves (drawings/access.py); marking does not.
register_relation(Sheet, "D", sheets_of_my_open_tasks, lasting=True)

register_relation(Round, "D", rounds_of_my_tasks)
register_relation(Task, "D", own_tasks)
register_relation(Task, "P", at_my_position)
register_relation(Opinion, "D", own_opinions)
register_relation(AcceptanceRound, "D", acceptances_of_my_tasks)
register_relation(AcceptanceTask, "D", own_tasks)
register_relation(AcceptanceTask, "P", acceptance_at_my_position)
register_relation(AcceptanceCheck, "D", tasked_through("task__"))
register_relation(Defect, "D", tasked_through("check_of__task__"))
