"""What the page header knows besides the reader."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from ledger.actor import Actor
from notices.queries import unread_count


def inbox_unread(request: HttpRequest) -> dict[str, object]:
    """How many letters wait; asked only where the header shows it."""
    actor: Actor = getattr(request, "actor", None) or Actor.public()
    return {"inbox_unread": SimpleLazyObject(lambda: unread_count(actor))}
