"""What auditors and administrators look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import get_language

from accounts.access import get_for, require, scope
from accounts.queries import departments, display_names
from drawings.queries.anew import PreparationFigures, preparation_figures
from ledger import queries as ledger
from ledger.actor import Actor
from ledger.both_languages import in_both
from ledger.event_words import event_in_words
from projects.queries.strips import stage_names
from supervision.models import Card
from supervision.rules import rule_names
from supervision.words import _


@dataclass(frozen=True)
class Health:
    """The outbox and the drawings of older versions as the system administrator sees them."""

    counts: dict[str, int]
    parked: list[Any]
    # Drawings that an older version of the product prepared (重新制备).
    preparations: PreparationFigures


def health_for(actor: Actor) -> Health:
    """Deliveries that wait, are done, or were given up (运行状况)."""
    require(actor, "config.health")
    return Health(
        counts=ledger.outbox_counts(),
        parked=list(ledger.parked_deliveries()[:100]),
        preparations=preparation_figures(),
    )


def search_audit(actor: Actor, *, name: str = "", project: str = "", person: str = "") -> Any:
    """Audit events, newest first, by event name, project id or person id (审计检索)."""
    require(actor, "audit.search_all")
    events = ledger.all_events()
    if name:
        events = events.filter(name__icontains=name)
    if project:
        events = events.filter(project_id=as_uuid(project))
    if person:
        events = events.filter(person_id=int(person) if person.isdigit() else -1)
    return events


def as_uuid(text: str) -> UUID:
    """The UUID a reader typed; one that cannot exist finds nothing."""
    try:
        return UUID(text.strip())
    except ValueError:
        return UUID(int=0)


def names_in(events: list[Any]) -> dict[int, str]:
    """Names of the people who acted."""
    return display_names(event.person_id for event in events if event.person_id)


def event_words(name: str) -> str:
    """What an event is called in the reader's language."""
    return event_in_words(name, english=(get_language() or "").startswith("en"))


def verify_all(actor: Actor) -> list[ledger.ChainVerdict]:
    """Recompute every chain (验证审计链)."""
    require(actor, "audit.verify")
    return list(ledger.verify_chains())


@dataclass(frozen=True)
class ShownCard:
    """One card with the words around it and what this reader may do."""

    card: Card
    rule: str
    what: str
    department: str
    state: str
    may_explain: bool
    may_appeal: bool
    may_withdraw: bool


def cards_for(actor: Actor, *, colour: str = "", state: str = "") -> QuerySet[Card]:
    """Cards within one's sight, newest first (黄牌、红牌)."""
    rows = scope(actor, "card.list", Card.objects.select_related("project", "item"))
    if colour in Card.Colour.values:
        rows = rows.filter(colour=colour)
    if state in Card.State.values:
        rows = rows.filter(state=state)
    return rows.order_by("-legal_at", "pk")


def shown_cards(actor: Actor, cards: Iterable[Card]) -> list[ShownCard]:
    """Cards ready to be shown; the number of queries depends on the districts among them only."""
    found = list(cards)
    english = (get_language() or "").startswith("en")
    districts = {card.project.district_id for card in found}
    names = {
        (district, row.code): row.name_en if english else row.short_name
        for district in districts
        for row in departments(district)
    }
    stages = stage_names({card.project_id for card in found})
    rules, states = rule_names(), card_state_names()
    mine = allowed_on(actor, found)
    return [
        ShownCard(
            card=card,
            rule=rules[card.rule],
            what=what_is_late(card, stages),
            department=names.get((card.project.district_id, card.department_code), card.department_code),
            state=states[card.state],
            may_explain=card.state == Card.State.ISSUED and card.pk in mine["card.explain"],
            may_appeal=card.state in {Card.State.ISSUED, Card.State.EXPLAINED} and card.pk in mine["card.appeal"],
            may_withdraw=card.state == Card.State.APPEALED and card.pk in mine["card.withdraw"],
        )
        for card in found
    ]


def what_is_late(card: Card, stages: Mapping[tuple[UUID, str], str]) -> str:
    """The item or the stage by its name; empty where it is the project itself."""
    if card.item is not None:
        return card.item.name
    return stages.get((card.project_id, card.subject), card.subject)


def is_overtaken(card_id: UUID) -> bool:
    """A warning whose date is over already: the red card for the same item, stage or project says more."""
    card = Card.objects.get(pk=card_id)
    over = card.rule.removesuffix("_WARN") + "_OVER"
    same = Card.objects.filter(project=card.project_id, rule=over, subject=card.subject)
    return card.rule.endswith("_WARN") and same.exists()


def card_in_both(card_id: UUID) -> dict[str, object]:
    """What a letter about a card says, in both languages."""
    card = Card.objects.select_related("project", "item").get(pk=card_id)
    subject = in_both(lambda: what_is_late(card, stage_names({card.project_id})) or _("项目整体"))
    owner = next((row for row in departments(card.project.district_id) if row.code == card.department_code), None)
    return {
        "colour": in_both(lambda: _("红牌") if card.colour == Card.Colour.RED else _("黄牌")),
        "rule": in_both(lambda: rule_names()[card.rule]),
        "subject": subject,
        "on": card.on.isoformat(),
        "department": {"zh": owner.short_name, "en": owner.name_en} if owner else card.department_code,
        "department_code": card.department_code,
    }


def allowed_on(actor: Actor, cards: Iterable[Card]) -> dict[str, set[UUID]]:
    """For each act the cards on which the actor has it; one query per act."""
    keys = [card.pk for card in cards]
    return {
        name: set(scope(actor, name, Card.objects.filter(pk__in=keys)).values_list("pk", flat=True))
        for name in ("card.explain", "card.appeal", "card.withdraw")
    }


def card_state_names() -> dict[str, str]:
    """States in the reader's words."""
    return {"issued": _("待说明"), "explained": _("已说明"), "appealed": _("申诉中"), "withdrawn": _("已收回")}


def card_for(actor: Actor, card_id: UUID) -> Card:
    """One card, or NotFound."""
    return get_for(actor, "card.view", Card, card_id)
