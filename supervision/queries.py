"""What auditors and administrators look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.access import require
from accounts.queries import display_names
from ledger import queries as ledger
from ledger.actor import Actor


@dataclass(frozen=True)
class Health:
    """The outbox as the system administrator sees it."""

    counts: dict[str, int]
    parked: list[Any]


def health_for(actor: Actor) -> Health:
    """Deliveries that wait, are done, or were given up (运行状况)."""
    require(actor, "config.health")
    return Health(counts=ledger.outbox_counts(), parked=list(ledger.parked_deliveries()[:100]))


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


def verify_all(actor: Actor) -> list[ledger.ChainVerdict]:
    """Recompute every chain (验证审计链)."""
    require(actor, "audit.verify")
    return list(ledger.verify_chains())
