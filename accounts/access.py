"""Deciding who may (准入): `scope()` for lists and `can()` from the same relations, so they cannot disagree.

A relation letter is one function per model: fn(actor) -> Q. A room registers the relations of its models, and a higher
room may add to those of a lower one (a department sees a project because it has a task in a round).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import Model, Q, QuerySet

from accounts.legal_day import today_in_shanghai
from accounts.policy import Cell, is_public, row_of, system_acts
from ledger.actor import Actor
from ledger.errors import Forbidden, NotFound, SecondKeyRequired, SignInRequired, StepUpRequired

M = TypeVar("M", bound=Model)
V = TypeVar("V", bound=Callable[..., Any])
Relation = Callable[[Actor], Q]
# SQL and parameters of a kept question.
Kept = tuple[str, tuple[Any, ...]]

NOBODY = Q(pk__in=[])
EVERYBODY = Q()
# Letters that need no object: any signed-in holder of the role, the public, anyone's own record.
ALWAYS = frozenset("AL")

_relations: dict[tuple[type[Model], str], list[Relation]] = defaultdict(list)
# Relations whose query follows from the actor's own fields and the day alone, whatever the tables say.
_lasting: set[Relation] = set()
# Stands for the object in a kept statement; no row has it.
SOME_OBJECT = UUID(int=0)
# What was decided while answering one request; an answer without a decision is an error.
_decisions: ContextVar[list[str] | None] = ContextVar("decisions", default=None)
# The two-key act that another person has just confirmed (accounts.actions.confirm_second_key).
_confirmed: ContextVar[str | None] = ContextVar("confirmed", default=None)


def register_relation(model: type[Model], letter: str, relation: Relation, *, lasting: bool = False) -> None:
    """Add a way in which an actor stands to objects of `model` (letters: promises section 4).

    `lasting` says that the relation's query (not its answer) follows from the actor's own fields and the day alone, so
    that the SQL for him may be kept for that day: for what is asked at every stroke on a sheet, and by every page that
    comes back to a room. The database is asked anew each time.
    """
    _relations[model, letter].append(relation)
    if lasting:
        _lasting.add(relation)


def action(name: str) -> Callable[[V], V]:
    """Name the permission-table row of a view, API operation or socket message.

    Marks only: the decision falls in actions and queries. A view whose row has a public cell needs no sign-in.
    """
    row_of(name)

    def mark(view: V) -> V:
        view.action_name = name  # type: ignore[attr-defined]
        view.login_required = not is_public(name)  # type: ignore[attr-defined]
        return view

    return mark


def allowing_cells(actor: Actor, name: str) -> list[Cell]:
    """The cells of the actor's roles that allow the action by some relation; a public cell holds for everybody."""
    cells = row_of(name).cells
    return [cells[role] for role in sorted({*actor.roles, "public"}) if role in cells]


def relation_query(actor: Actor, model: type[Model], letter: str) -> Q:
    """The objects of `model` to which the actor stands in this relation."""
    if letter in ALWAYS:
        return EVERYBODY
    return any_of(relation(actor) for relation in _relations.get((model, letter), ()))


def cells_query(actor: Actor, model: type[Model], cells: list[Cell]) -> Q:
    """The objects that any of these cells allows."""
    return any_of(relation_query(actor, model, letter) for letter in sorted({cell.relation for cell in cells}))


def any_of(queries: Iterable[Q]) -> Q:
    """Objects that one of the queries holds. Q() stands for all of them, though Django would read `a | Q()` as `a`."""
    found = NOBODY
    for query in queries:
        if query == EVERYBODY:
            return EVERYBODY
        found |= query
    return found


def system_may(actor: Actor, name: str) -> bool:
    """Is this consequence listed for its cause?"""
    return (name, actor.cause) in system_acts()


def scope(actor: Actor, name: str, objects: QuerySet[M]) -> QuerySet[M]:
    """The part of `objects` for which the actor may do `name`: for every list, count and search."""
    note_decision(name)
    if actor.is_system:
        return objects if system_may(actor, name) else objects.none()
    cells = allowing_cells(actor, name)
    if not cells:
        return objects.none()
    query = cells_query(actor, objects.model, cells)
    if query == EVERYBODY:
        return objects
    # A sub-select rather than joins, so that a relation over many rows never doubles a row of the list.
    return objects.filter(pk__in=objects.model._default_manager.filter(query).values("pk"))


def can(actor: Actor, name: str, subject: Model | None = None) -> bool:
    """May the actor do `name` (to `subject`)? Step-up and second keys are asked for by `require`."""
    note_decision(name)
    if actor.is_system:
        return system_may(actor, name)
    return bool(matching_cells(actor, name, subject))


def matching_cells(actor: Actor, name: str, subject: Model | None) -> list[Cell]:
    """The allowing cells whose relation to `subject` holds."""
    cells = allowing_cells(actor, name)
    if subject is None:
        return [cell for cell in cells if holds_without_object(actor, cell)]
    matching = [cell for cell in cells if cell.relation in ALWAYS]
    letters = {cell.relation for cell in cells} - ALWAYS
    held = {letter for letter in letters if stands(actor, type(subject), letter, subject.pk)}
    return matching + [cell for cell in cells if cell.relation in held]


def stands(actor: Actor, model: type[Model], letter: str, pk: object) -> bool:
    """Does the relation hold to this one object?"""
    relations = tuple(_relations.get((model, letter), ()))
    if relations and _lasting.issuperset(relations):
        return holds(kept_statement(actor, model, relations, today_in_shanghai()), pk)
    query = relation_query(actor, model, letter)
    return query != NOBODY and model._default_manager.filter(query, pk=pk).exists()


@lru_cache(maxsize=1024)
def kept_statement(actor: Actor, model: type[Model], relations: tuple[Relation, ...], _day: date) -> Kept | None:
    """The question whether the actor stands so to SOME_OBJECT today, in SQL: making it costs ten times its answer."""
    query = any_of(relation(actor) for relation in relations)
    try:
        sql, params = model._default_manager.filter(query, pk=SOME_OBJECT).query.exists().sql_with_params()
    except EmptyResultSet:
        return None
    return sql, tuple(params)


def holds(statement: Kept | None, pk: object) -> bool:
    """Ask a kept statement of this object."""
    if statement is None:
        return False
    with connection.cursor() as cursor:
        cursor.execute(*asked_of(statement, pk))
        return cursor.fetchone() is not None


def asked_of(statement: Kept, pk: object) -> tuple[str, list[Any]]:
    """A kept statement with this object in the place of SOME_OBJECT; a row of its answer means yes."""
    sql, params = statement
    return sql, [pk if value == SOME_OBJECT else value for value in params]


def kept_questions(actor: Actor, name: str, model: type[Model]) -> list[Kept] | None:
    """What `can(actor, name, one of model)` asks the database, for a caller who sends it along with questions of his own.

    Any row in any answer means yes, no question means no. None: not all of it is kept SQL; `can` is to be asked.
    """
    note_decision(name)
    letters = {cell.relation for cell in allowing_cells(actor, name)}
    if actor.is_system or letters & ALWAYS:
        return None
    found: list[Kept] = []
    for letter in sorted(letters):
        relations = tuple(_relations.get((model, letter), ()))
        if not _lasting.issuperset(relations):
            return None
        statement = kept_statement(actor, model, relations, today_in_shanghai()) if relations else None
        if statement is not None:
            found.append(statement)
    return found


def holds_without_object(actor: Actor, cell: Cell) -> bool:
    """A relation to something that does not exist yet: the role, and for M a live mandate, for O an organisation."""
    if cell.relation == "M":
        return actor.mandate_id is not None
    if cell.relation in {"O", "E"}:
        return actor.organisation_id is not None and actor.mandate_id is None
    if cell.relation in {"D", "P", "I", "C"}:
        return actor.department_code is not None
    if cell.relation in {"J", "R"}:
        return actor.district_id is not None
    return True


def require(actor: Actor, name: str, subject: Model | None = None) -> None:
    """Let the act pass or say why not.

    Unseen is NotFound, seen but not allowed Forbidden; a `+` cell needs a fresh factor, a `2` cell another person.
    """
    note_decision(name)
    if actor.is_system:
        if not system_may(actor, name):
            raise Forbidden(f"system act without its line in system_acts.tsv: {name} because of {actor.cause}")
        note_allowed(actor, name)
        return
    cells = matching_cells(actor, name, subject)
    if not cells:
        if actor.is_public:
            raise SignInRequired
        if subject is not None and not sees(actor, subject):
            raise NotFound
        raise Forbidden
    if not any(not cell.step_up for cell in cells) and not actor.stepped_up:
        raise StepUpRequired
    if not any(not cell.second for cell in cells) and _confirmed.get() != name:
        raise SecondKeyRequired
    note_allowed(actor, name)


@dataclass(frozen=True)
class Allowed:
    """A note that `require` let an act pass. It waits among what Django runs after the commit, and does nothing then:
    so it lives exactly as long as the transaction, and goes with a savepoint that is rolled back.
    """

    actor: Actor
    name: str

    def __call__(self) -> None:
        """The transaction is over, and the note with it."""


def note_allowed(actor: Actor, name: str) -> None:
    """Remember it for the rest of the open transaction; outside of one there is nothing to remember it for."""
    transaction.on_commit(Allowed(actor, name))


def was_allowed(actor: Actor, names: Iterable[str]) -> bool:
    """Has `require` let this actor do one of these acts in the transaction that is open?

    For doors whose permission is that of the act they are a part of (papers).
    """
    waiting = [entry[1] for entry in transaction.get_connection().run_on_commit]
    return any(Allowed(actor, name) in waiting for name in names)


def sees(actor: Actor, subject: Model) -> bool:
    """Is the object within what the actor may look at? Objects without a view row of their own count as seen."""
    kind = VIEWED_BY.get(type(subject))
    return True if kind is None else bool(matching_cells(actor, kind, subject))


# Model -> the action that decides whether its existence may be known; rooms add theirs in access.py.
VIEWED_BY: dict[type[Model], str] = {}


def get_for(actor: Actor, name: str, model: type[M], pk: object) -> M:
    """The object, if the actor may do `name` to it; the only way views come to objects."""
    found = model._default_manager.filter(pk=pk).first()
    if found is None:
        note_decision(name)
        raise NotFound
    require(actor, name, found)
    return found


def is_masked(actor: Actor, name: str, subject: Model) -> bool:
    """Must personal fields be masked for this reader? True when only masked or public cells allow the reading."""
    cells = matching_cells(actor, name, subject)
    return all(cell.masked or cell.relation == "L" for cell in cells)


def note_decision(name: str) -> None:
    """Remember, for the guard at the door, that the table was asked."""
    decisions = _decisions.get()
    if decisions is not None:
        decisions.append(name)


def begin_decisions() -> list[str]:
    """Start the note of one request."""
    decisions: list[str] = []
    _decisions.set(decisions)
    return decisions


@contextmanager
def confirmed(name: str) -> Iterator[None]:
    """While it lasts, the second key of `name` has been turned."""
    token = _confirmed.set(name)
    try:
        yield
    finally:
        _confirmed.reset(token)
