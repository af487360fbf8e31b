"""How an actor stands to cards (letters: promises section 4)."""

from __future__ import annotations

from django.db.models import Q

from accounts.access import NOBODY, VIEWED_BY, register_relation
from ledger.actor import Actor
from supervision.models import Card


def own(actor: Actor) -> Q:
    """O: on a project of the actor's enterprise."""
    if actor.organisation_id is None or actor.mandate_id is not None:
        return NOBODY
    return Q(project__owner_id=actor.organisation_id)


def mandated(actor: Actor) -> Q:
    """M: on a project that a live mandate covers."""
    if actor.on_behalf_of is None:
        return NOBODY
    covered = Q(project__owner_id=actor.on_behalf_of)
    return covered if actor.mandate_projects is None else covered & Q(project_id__in=actor.mandate_projects)


def of_department(actor: Actor) -> Q:
    """D: against a department whose power the actor exercises."""
    if not actor.department_codes:
        return NOBODY
    return Q(department_code__in=actor.department_codes, project__district_id=actor.district_id)


def supervised(actor: Actor) -> Q:
    """S: in the supervisor's district."""
    return NOBODY if actor.district_id is None else Q(project__district_id=actor.district_id)


for letter, relation in {"O": own, "M": mandated, "D": of_department, "S": supervised}.items():
    register_relation(Card, letter, relation)
VIEWED_BY[Card] = "card.view"
