"""Answering cards (黄牌、红牌的说明、申诉与撤销). A card is never deleted; a withdrawn one stays on record."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from accounts.access import require
from accounts.actions.second_key import two_key_act
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import NotFound
from ledger.record import record
from projects.queries.locking import lock_project
from supervision.events import CardAppealed, CardExplained, CardWithdrawn
from supervision.models import Card
from supervision.rules import check_appealing, check_explaining, check_withdrawing


def lock_card(card_id: UUID) -> Card:
    """The card, locked after its project."""
    project_id = Card.objects.filter(pk=card_id).values_list("project_id", flat=True).first()
    if project_id is None:
        raise NotFound
    lock_project(project_id)
    return Card.objects.select_for_update().get(pk=card_id)


@transaction.atomic
def explain_card(card_id: UUID, *, actor: Actor, text: str) -> Card:
    """The department says why, and what it does about it (说明原因): a red card needs it (clock_rules.lights)."""
    card = lock_card(card_id)
    require(actor, "card.explain", card)
    check_explaining(card.state, text)
    card.state = Card.State.EXPLAINED
    card.explanation, card.explained_at, card.explained_by_id = text.strip(), now(), actor.person_id
    card.save()
    record(
        CardExplained(project_id=card.project_id, card_id=card.pk),
        actor=actor,
        subject=card,
        project_id=card.project_id,
    )
    return card


@transaction.atomic
def appeal_card(card_id: UUID, *, actor: Actor, text: str) -> Card:
    """The department holds that the card is wrong (申诉); the supervisor looks at it."""
    card = lock_card(card_id)
    require(actor, "card.appeal", card)
    check_appealing(card.state, text)
    card.state = Card.State.APPEALED
    card.appeal, card.appealed_at, card.appealed_by_id = text.strip(), now(), actor.person_id
    card.save()
    record(
        CardAppealed(project_id=card.project_id, card_id=card.pk), actor=actor, subject=card, project_id=card.project_id
    )
    return card


@two_key_act("card.withdraw")
@transaction.atomic
def withdraw_card(card_id: UUID, *, actor: Actor, finding: str) -> Card:
    """The supervisor takes a card back after an appeal (撤销), confirmed by another supervisor."""
    card = lock_card(card_id)
    require(actor, "card.withdraw", card)
    check_withdrawing(card.state, finding)
    card.state = Card.State.WITHDRAWN
    card.finding, card.withdrawn_at, card.withdrawn_by_id = finding.strip(), now(), actor.person_id
    card.save()
    record(
        CardWithdrawn(project_id=card.project_id, card_id=card.pk),
        actor=actor,
        subject=card,
        project_id=card.project_id,
    )
    return card
