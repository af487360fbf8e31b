"""Acts that need two people (双人确认): the first asks, another one confirms, then the act runs in the first one's name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.access import confirmed, matching_cells, require
from accounts.events import SecondKeyAsked, SecondKeyConfirmed, SecondKeyRefused
from accounts.models import SecondKey
from accounts.sessions import actor_of_post
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Forbidden, NotFound, Refused, SecondKeyRequired, StateConflict
from ledger.record import record

Act = Callable[..., object]
ACTS: dict[str, Act] = {}


def two_key_act(action: str) -> Callable[[Act], Act]:
    """Register what runs when `action` is confirmed: fn(subject_id, *, actor, **arguments)."""

    def register(function: Act) -> Act:
        ACTS[action] = function
        return function

    return register


@transaction.atomic
def ask_second_key(
    action: str, subject: models.Model, *, actor: Actor, summary: str, arguments: dict[str, Any] | None = None
) -> SecondKey:
    """Ask another person to confirm; the asker must himself be allowed."""
    try:
        require(actor, action, subject)
    except SecondKeyRequired:
        pass
    else:
        raise Refused("second_key_not_needed", _("这项操作不需要他人确认。"))
    waiting = SecondKey.objects.filter(
        action=action, subject_id=str(subject.pk), state=SecondKey.State.WAITING
    ).exists()
    if waiting:
        raise StateConflict(_("同一事项已有一份待确认的请求。"))
    key = SecondKey.objects.create(
        action=action,
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        arguments=arguments or {},
        summary=summary,
        asked_by_id=actor.signed_in(),
        asked_post_id=actor.post_id or 0,
        asked_mandate_id=actor.mandate_id,
        asked_at=now(),
    )
    record(SecondKeyAsked(key_id=key.pk, action=action, summary=summary), actor=actor, subject=key)
    return key


@transaction.atomic
def confirm_second_key(key_id: UUID, *, actor: Actor) -> object:
    """Turn the second key and run the act in the name of the one who asked."""
    key, subject = lock_key(key_id)
    allow_confirming(actor, key, subject)
    asker = actor_of_post(key.asked_post, mandate_id=key.asked_mandate_id, stepped_up=True)
    answer(key, SecondKey.State.CONFIRMED, actor)
    record(SecondKeyConfirmed(key_id=key.pk, action=key.action), actor=actor, subject=key)
    with confirmed(key.action):
        return ACTS[key.action](subject.pk, actor=asker, **key.arguments)


@transaction.atomic
def refuse_second_key(key_id: UUID, *, actor: Actor) -> SecondKey:
    """Say no; the asker himself may take his request back the same way."""
    key, subject = lock_key(key_id)
    if actor.person_id != key.asked_by_id:
        allow_confirming(actor, key, subject)
    answer(key, SecondKey.State.REFUSED, actor)
    record(SecondKeyRefused(key_id=key.pk, action=key.action), actor=actor, subject=key)
    return key


def lock_key(key_id: UUID) -> tuple[SecondKey, models.Model]:
    """The waiting request, locked, and its object."""
    key = SecondKey.objects.select_for_update().filter(pk=key_id).first()
    if key is None:
        raise NotFound
    if key.state != SecondKey.State.WAITING:
        raise StateConflict(_("这份请求已经处理过。"))
    model = apps.get_model(key.subject_type)
    subject = model._default_manager.filter(pk=key.subject_id).first()
    if subject is None:
        raise NotFound
    return key, subject


def allow_confirming(actor: Actor, key: SecondKey, subject: models.Model) -> None:
    """Another person with any allowing cell of the row; for an agent's act that is his principal's administrator."""
    if actor.person_id == key.asked_by_id:
        raise Forbidden(_("发起人不能自己确认。"), code="same_person")
    principal_confirms = (
        key.asked_mandate is not None
        and "ent_admin" in actor.roles
        and actor.organisation_id == key.asked_mandate.principal_id
    )
    if not principal_confirms and not matching_cells(actor, key.action, subject):
        raise Forbidden


def answer(key: SecondKey, state: SecondKey.State, actor: Actor) -> None:
    """Write who answered."""
    key.state = state
    key.answered_by_id = actor.person_id
    key.answered_at = now()
    key.save(update_fields=["state", "answered_by", "answered_at"])
