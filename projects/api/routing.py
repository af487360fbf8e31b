"""The one router of the room, and who asks."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router

from ledger.actor import Actor

router = Router()
PAGE = 50


def actor_of(request: HttpRequest) -> Actor:
    """Who asks."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor
