"""Who may enter a room (准入会审室), asked at hello, again every minute, and whenever something was taken from him.

Synchronous: runs in the reader executor. Channels reads a session once; here it is read anew each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from accounts import sessions
from accounts.access import ALWAYS, allowing_cells, can, stands
from accounts.queries import permission_epochs
from drawings.queries import epoch_text, sheet_of_room
from drawings.rules.ops import PERMISSION
from ledger.actor import Actor
from ledger.errors import NotFound
from ledger.record import record
from realtime.events import RoomObserved
from realtime.protocol import NO_ACCESS, NO_SHEET, NOT_SIGNED_IN, Hello

REASON_LENGTH = 4


class NotAdmitted(Exception):
    """The socket is to be closed with this code."""

    def __init__(self, code: int, why: str = "") -> None:
        super().__init__(f"{code} {why}")
        self.code = code
        self.why = why


@dataclass(frozen=True)
class Visitor:
    """A socket's sign-in at one moment."""

    actor: Actor
    session_key: str
    permission_epoch: int


@dataclass(frozen=True)
class Admission:
    """What the room tells who comes in, and what it keeps of him."""

    visitor: Visitor
    epoch: str
    head: int
    state: str
    role: str
    can: list[str]
    is_present: bool


def identify(scope: dict[str, Any]) -> Visitor | None:
    """Who opens the socket, from its session cookie, in the language of the language cookie; None when nobody is signed in.

    The permission epoch is read before the actor is built: what is taken from him in between is noticed later.
    """
    session = sessions.session_of_socket(scope)
    if session is None or session.session_key is None:
        return None
    person = int(session[SESSION_KEY])
    epoch = permission_epochs([person]).get(person)
    actor = sessions.actor_from_session(session)
    if epoch is None or actor.person_id != person:
        return None
    language = scope.get("cookies", {}).get(settings.LANGUAGE_COOKIE_NAME, "")
    if language in dict(settings.LANGUAGES):
        actor = replace(actor, language=language)
    return Visitor(actor=actor, session_key=session.session_key, permission_epoch=epoch)


def still_the_same(known: Visitor, scope: dict[str, Any]) -> Visitor:
    """Who opened the socket, as he is now: built anew only when something was taken from him; NotAdmitted when signed out."""
    person = known.actor.person_id
    sights = look([person] if person is not None else [], [known.session_key])
    if known.session_key not in sights.sessions:
        raise NotAdmitted(NOT_SIGNED_IN)
    if person is not None and sights.epochs.get(person) == known.permission_epoch:
        return known
    fresh = identify(scope)
    if fresh is None or fresh.actor.person_id != person:
        raise NotAdmitted(NOT_SIGNED_IN)
    return fresh


def admit(scope: dict[str, Any], sheet_id: UUID, hello: Hello, known: Visitor) -> Admission:
    """Let the person who opened the socket in or raise NotAdmitted; nothing of the sheet is told before."""
    visitor = still_the_same(known, scope)
    actor = visitor.actor
    if hello.post is not None and hello.post != actor.post_id:
        actor = in_post(actor, hello.post)
        visitor = replace(visitor, actor=actor)
    try:
        room = sheet_of_room(sheet_id)
    except NotFound:
        raise NotAdmitted(NO_SHEET) from None
    rights = relations_to(actor, room, ("room.join", "room.presence", *PERMISSION.values()))
    if not rights["room.join"]:
        raise NotAdmitted(NO_ACCESS)
    if rights["room.join"] == {"S"}:
        if len(hello.reason) < REASON_LENGTH:
            raise NotAdmitted(NO_ACCESS, "reason")
        note_observer(actor, room, hello.reason)
    return Admission(
        visitor=visitor,
        epoch=epoch_text(room.epoch),
        head=room.seq,
        state=room.state,
        role=actor.department_code or next(iter(sorted(actor.roles)), ""),
        can=[name for name, letters in rights.items() if letters and name != "room.join"],
        is_present=bool(rights["room.presence"]),
    )


def relations_to(actor: Actor, room: Model, names: Sequence[str]) -> dict[str, set[str]]:
    """By which relations the actor may do each of these on the sheet; each relation is asked once for all of them.

    What `can` says for each name, at a fraction of the queries: a storm of two hundred pages asks at the same time.
    """
    wanted = {name: {cell.relation for cell in allowing_cells(actor, name)} for name in names}
    held = {
        letter
        for letter in set().union(*wanted.values())
        if letter in ALWAYS or stands(actor, type(room), letter, room.pk)
    }
    return {name: letters & held for name, letters in wanted.items()}


def in_post(actor: Actor, post_id: int) -> Actor:
    """The same person in another of his posts."""
    person = actor.person_id
    post = next((post for post in sessions.posts_of(person or 0) if post.pk == post_id), None)
    if post is None:
        raise NotAdmitted(NO_ACCESS)
    return sessions.actor_of_post(post, language=actor.language)


def note_observer(actor: Actor, room: Any, reason: str) -> None:
    """Each look of a supervisor at a sheet is audited with the reason he typed."""
    project_id = room.revision.set.project_id
    with transaction.atomic():
        event = RoomObserved(project_id=project_id, sheet_id=room.pk, reason=reason)
        record(event, actor=actor, subject=room, project_id=project_id)


def reason_to_close(visitor: Visitor, sheet_id: UUID) -> tuple[int, Visitor]:
    """Ask again: (close code, or 0 when he may stay; the visitor with the epoch of now)."""
    person = visitor.actor.person_id
    epochs = permission_epochs([person]) if person is not None else {}
    if person is None or person not in epochs or not sessions.still_valid(visitor.session_key, visitor.actor):
        return NOT_SIGNED_IN, visitor
    actor = visitor.actor
    if epochs[person] != visitor.permission_epoch:
        # Something was taken: what remains is read anew.
        post = next((post for post in sessions.posts_of(person) if post.pk == actor.post_id), None)
        if post is None:
            return NOT_SIGNED_IN, visitor
        actor = sessions.actor_of_post(post, language=actor.language)
    try:
        allowed = can(actor, "room.join", sheet_of_room(sheet_id))
    except NotFound:
        return NO_SHEET, visitor
    fresh = Visitor(actor=actor, session_key=visitor.session_key, permission_epoch=epochs[person])
    return (0, fresh) if allowed else (NO_ACCESS, fresh)


@dataclass(frozen=True)
class Sights:
    """What one look at the tables shows: permission epochs by person, and which sessions live."""

    epochs: dict[int, int]
    sessions: frozenset[str]


def look(people: Iterable[int], session_keys: Iterable[str]) -> Sights:
    """Two small queries for everybody in this process: finds revocations whose doorbell was lost."""
    keys = list(session_keys)
    living = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    return Sights(epochs=permission_epochs(people), sessions=frozenset(living.values_list("session_key", flat=True)))
