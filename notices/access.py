"""Letters belong to the one they are addressed to."""

from __future__ import annotations

from django.db.models import Q

from accounts.access import VIEWED_BY, register_relation
from ledger.actor import Actor
from notices.models import Letter


def my_letters(actor: Actor) -> Q:
    """U: addressed to me."""
    return Q(person_id=actor.person_id)


register_relation(Letter, "U", my_letters)
VIEWED_BY[Letter] = "inbox.read"
