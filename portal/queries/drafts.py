"""Unsent text of a person."""

from __future__ import annotations

from accounts.access import require
from ledger.actor import Actor
from portal.models import Draft


def draft_of(actor: Actor, key: str) -> Draft | None:
    """The draft of one form, if there is one."""
    require(actor, "draft.save")
    return Draft.objects.filter(person_id=actor.signed_in(), mandate_id=actor.mandate_id, key=key).first()
