"""What is taken from a person ends on his open sockets too (撤权): raise the epoch, ring the doorbell."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.access import require
from accounts.events import PersonDisabled, PostEnded
from accounts.models import ApiToken, Person, Post
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.doorbell import ring
from ledger.errors import NotFound
from ledger.record import record


def take_from(person_ids: Iterable[int]) -> None:
    """Raise the permission epoch of these people and ring `person:<id>` after the commit."""
    ids = list(person_ids)
    Person.objects.filter(pk__in=ids).update(permission_epoch=F("permission_epoch") + 1)
    for person_id in ids:
        ring(f"person:{person_id}", {"why": "revoked"})


@transaction.atomic
def disable_person(person_id: int, *, actor: Actor) -> Person:
    """Stop a person's account (停用账户): sessions, tokens and open sockets end at once."""
    person = Person.objects.select_for_update().filter(pk=person_id).first()
    if person is None:
        raise NotFound
    require(actor, "user.disable_staff", person)
    person.is_active = False
    person.save(update_fields=["is_active"])
    ApiToken.objects.filter(person=person, revoked_at__isnull=True).update(revoked_at=now())
    end_sessions_of(person.pk)
    take_from([person.pk])
    record(PersonDisabled(person_id=person.pk), actor=actor, subject=person)
    return person


@transaction.atomic
def end_post(post_id: int, *, actor: Actor) -> Post:
    """End a post (免去岗位); its holder loses at once what it allowed."""
    post = Post.objects.select_for_update().filter(pk=post_id).first()
    if post is None:
        raise NotFound
    require(actor, "user.revoke_role", post)
    post.is_active = False
    post.save(update_fields=["is_active"])
    take_from([post.person_id])
    record(PostEnded(person_id=post.person_id, post_id=post.pk), actor=actor, subject=post)
    return post


def end_sessions_of(person_id: int) -> None:
    """Delete every live session of one person."""
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get(SESSION_KEY) == str(person_id):
            session.delete()
