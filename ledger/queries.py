"""Readers of the audit chain and the outbox."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from ledger.chain import Link, first_bad
from ledger.models import AuditEvent, ChainHead, Outbox


@dataclass(frozen=True)
class ChainVerdict:
    """What verifying one chain found; `first_bad` is the position of the first bad row."""

    chain: str
    events: int
    first_bad: int | None


def verify_chains(chain: str | None = None) -> Iterator[ChainVerdict]:
    """Recompute every hash of one chain or of all (验证审计链)."""
    heads = {head.chain: head for head in ChainHead.objects.all()}
    # Rows of a chain whose head was deleted must not go unseen.
    orphans = set(AuditEvent.objects.values_list("chain", flat=True).distinct()) - set(heads)
    for name in sorted(set(heads) | orphans):
        if chain is not None and name != chain:
            continue
        rows = AuditEvent.objects.filter(chain=name).order_by("n")
        links = (
            Link(chain=name, n=row.n, content=row.hashed_content(), prev=bytes(row.prev), hash=bytes(row.hash))
            for row in rows.iterator(chunk_size=2000)
        )
        head = heads.get(name)
        bad = first_bad(links, head_n=head.n if head else 0, head_hash=bytes(head.hash) if head else bytes(32))
        yield ChainVerdict(chain=name, events=rows.count(), first_bad=bad)


def all_events() -> QuerySet[AuditEvent]:
    """Every event of every chain, newest first; the caller has asked the permission table."""
    return AuditEvent.objects.order_by("-at", "-n")


def events_of_project(project_id: UUID) -> QuerySet[AuditEvent]:
    """Every event of one project, oldest first."""
    return AuditEvent.objects.filter(project_id=project_id).order_by("n")


def events_of_subject(subject_type: str, subject_id: str) -> QuerySet[AuditEvent]:
    """Every event of one object, oldest first."""
    return AuditEvent.objects.filter(subject_type=subject_type, subject_id=subject_id).order_by("at", "n")


def outbox_counts() -> dict[str, int]:
    """How many deliveries wait, are parked, are done."""
    counted = Outbox.objects.values("state").annotate(number=Count("id"))
    return {state.value: 0 for state in Outbox.State} | {row["state"]: row["number"] for row in counted}


def parked_deliveries() -> QuerySet[Outbox]:
    """What was given up after ten tries, for the administrator."""
    return Outbox.objects.filter(state=Outbox.State.PARKED).select_related("event").order_by("-next_at")


def outbox_figures() -> dict[str, float]:
    """Deliveries waiting and parked, and the age in seconds of the oldest that is due (for monitoring)."""
    waiting = Outbox.objects.filter(state=Outbox.State.WAITING)
    oldest = waiting.filter(next_at__lte=timezone.now()).aggregate(Min("next_at"))["next_at__min"]
    return {
        "waiting": waiting.count(),
        "parked": Outbox.objects.filter(state=Outbox.State.PARKED).count(),
        "oldest_seconds": (timezone.now() - oldest).total_seconds() if oldest else 0.0,
    }


def audit_root() -> str:
    """SHA-256 over the heads of all chains (审计总根): two databases with the same root hold the same history."""
    digest = hashlib.sha256()
    for head in ChainHead.objects.order_by("chain"):
        digest.update(f"{head.chain} {head.n} {bytes(head.hash).hex()}\n".encode())
    return digest.hexdigest()
