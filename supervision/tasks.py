"""The sweeps (电子监察扫描); each may run twice, late or after an outage and ends the same."""

from __future__ import annotations

from celery import shared_task

from ledger.actor import Actor
from supervision.actions import sweep_rule
from supervision.rules import RULES

CAUSE = "Sweep"


@shared_task(name="supervision.tasks.sweep_cards")
def sweep_cards() -> int:
    """Every minute: dates that have come since the last sweep."""
    actor = Actor.system(cause=CAUSE)
    return sum(sweep_rule(rule.code, actor=actor) for rule in RULES)


@shared_task(name="supervision.tasks.reconcile_cards")
def reconcile_cards() -> int:
    """Every night: all open rows, whatever moved their dates."""
    actor = Actor.system(cause=CAUSE)
    return sum(sweep_rule(rule.code, actor=actor, everything=True) for rule in RULES)
