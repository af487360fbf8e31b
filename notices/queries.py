"""Reading the inbox."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.access import scope
from ledger.actor import Actor
from notices.models import Letter


def inbox_of(actor: Actor) -> QuerySet[Letter]:
    """The actor's letters, newest first (消息)."""
    return scope(actor, "inbox.read", Letter.objects.all()).order_by("-at")


def unread_count(actor: Actor) -> int:
    """How many letters nobody has opened yet."""
    return inbox_of(actor).filter(read_at__isnull=True).count() if actor.person_id else 0
