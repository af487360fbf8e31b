"""How actors stand to the objects of this room (relation letters of the permission table)."""

from __future__ import annotations

from django.db.models import Q

from accounts.access import NOBODY, VIEWED_BY, register_relation
from accounts.models import Mandate, Organisation, Person, Post
from ledger.actor import Actor


def own_organisation(actor: Actor) -> Q:
    """O: the actor's own organisation; an agent under a mandate has none."""
    return Q(pk=actor.organisation_id) if actor.organisation_id and not actor.mandate_id else NOBODY


def mandates_of_own_organisation(actor: Actor) -> Q:
    """O: mandates that the actor's enterprise granted."""
    return Q(principal_id=actor.organisation_id) if actor.organisation_id and not actor.mandate_id else NOBODY


def mandates_given_to_me(actor: Actor) -> Q:
    """U: mandates given to the agent himself."""
    return Q(agent_id=actor.person_id)


def own_record(actor: Actor) -> Q:
    """U: one's own record."""
    return Q(pk=actor.person_id)


def own_posts(actor: Actor) -> Q:
    """U: one's own posts."""
    return Q(person_id=actor.person_id)


def anybody(actor: Actor) -> Q:
    """The whole register; only for roles whose row says so."""
    return Q() if actor.person_id else NOBODY


register_relation(Organisation, "O", own_organisation)
register_relation(Mandate, "O", mandates_of_own_organisation)
register_relation(Mandate, "U", mandates_given_to_me)
register_relation(Mandate, "S", anybody)
register_relation(Mandate, "J", anybody)
register_relation(Person, "U", own_record)
register_relation(Post, "U", own_posts)
VIEWED_BY[Mandate] = "mandate.view"
