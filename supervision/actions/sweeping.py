"""Raising cards (发牌): found by stored dates and index, once for each subject, rule and date, with the legal instant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from uuid import UUID

from django.db import transaction

from accounts.access import require
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.record import record
from projects.queries.sweeps import Edge, edges
from supervision.events import CardRaised
from supervision.models import Card, SweepMark
from supervision.rules import BY_CODE, RULES, Rule, last_day_reached, legal_instant

CHUNK = 500


@transaction.atomic
def sweep_rule(code: str, *, actor: Actor, everything: bool = False) -> int:
    """Raise the cards of one rule since its last sweep (逐分钟扫描); how many were new.

    After an outage it begins where the last one ended, so nothing is skipped and every card has the instant of law,
    not of noticing. The same again raises nothing. `everything` looks at all open rows (nightly).
    """
    require(actor, "card.raise")
    rule = BY_CODE[code]
    at = now()
    until = last_day_reached(rule, at)
    SweepMark.objects.get_or_create(rule=code, defaults={"swept_to": date.min, "at": at})
    mark = SweepMark.objects.select_for_update().get(rule=code)
    since = None if everything or mark.swept_to == date.min else min(mark.swept_to, until)
    raised = raise_all(rule, edges(rule.kind, rule.column, since=since, until=until), at, actor=actor)
    mark.swept_to, mark.at = max(mark.swept_to, until), at
    mark.save(update_fields=["swept_to", "at"])
    return raised


@transaction.atomic
def sweep_project(project_id: UUID, *, actor: Actor) -> int:
    """All rules for one project whose dates moved into the past at once (视为受理、日历更新); how many were new."""
    require(actor, "card.raise")
    at = now()
    raised = 0
    for rule in RULES:
        SweepMark.objects.select_for_update().filter(rule=rule.code).first()
        until = last_day_reached(rule, at)
        found = edges(rule.kind, rule.column, since=None, until=until, project_id=project_id)
        raised += raise_all(rule, found, at, actor=actor)
    return raised


def raise_all(rule: Rule, found: Iterable[Edge], at: datetime, *, actor: Actor) -> int:
    """Cards for those that have none yet."""
    raised = 0
    iterator = iter(found)
    while chunk := list(islice(iterator, CHUNK)):
        raised += raise_chunk(rule, chunk, at, actor=actor)
    return raised


def raise_chunk(rule: Rule, chunk: Sequence[Edge], at: datetime, *, actor: Actor) -> int:
    """One query for what exists, one insert, one event per new card."""
    known = set(
        Card.objects.filter(rule=rule.code, project_id__in={edge.project_id for edge in chunk}).values_list(
            "project_id", "subject", "on"
        )
    )
    cards = [
        Card(
            colour=rule.colour,
            rule=rule.code,
            project_id=edge.project_id,
            item_id=edge.item_id,
            subject=edge.subject,
            department_code=edge.department_code,
            on=edge.on,
            legal_at=max(legal_instant(rule, edge.on), edge.begun_at or datetime.min.replace(tzinfo=UTC)),
            raised_at=at,
        )
        for edge in chunk
        if (edge.project_id, edge.subject, edge.on) not in known
    ]
    Card.objects.bulk_create(cards)
    for card in cards:
        event = CardRaised(
            project_id=card.project_id,
            card_id=card.pk,
            colour=card.colour,
            rule=card.rule,
            item_id=card.item_id,
            department_code=card.department_code,
            on=card.on,
            legal_at=card.legal_at,
        )
        record(event, actor=actor, subject=card, project_id=card.project_id)
    return len(cards)
