"""What every template knows of the reader."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.queries import mandate_for_banner
from accounts.sessions import posts_of
from ledger.actor import Actor


def actor_of_request(request: HttpRequest) -> dict[str, Any]:
    """`actor`, the choice of posts, the mandate banner and the URL prefix."""
    actor: Actor = getattr(request, "actor", None) or Actor.public()
    return {
        "actor": actor,
        "prefix": getattr(request, "prefix", ""),
        "posts": posts_of(actor.person_id) if actor.person_id else [],
        "acting_mandate": mandate_for_banner(actor.mandate_id) if actor.mandate_id else None,
        "is_demo": settings.DEMO,
    }
