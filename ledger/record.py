"""`record()`: the audit row and the outbox rows of one act, in the act's own transaction."""

from __future__ import annotations

import zlib
from datetime import datetime
from uuid import UUID

from django.db import connection, models, transaction

from ledger.actor import Actor
from ledger.chain import hash_link
from ledger.clock_now import now
from ledger.events import Event
from ledger.models import AuditEvent, ChainHead, Outbox
from ledger.outbox import nudge
from ledger.subscribe import BY_EVENT

SYSTEM_CHAINS = 16


def record(event: Event, *, actor: Actor, subject: models.Model, project_id: UUID | None = None) -> AuditEvent:
    """Append `event` to the project's hash chain (审计链) and queue it for its subscribers.

    Events outside a project go to one of 16 system chains. Refuses to run outside a transaction: an act without its
    audit row, or an audit row without its act, must be impossible.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("record() must run in the transaction of the act it records")
    subject_type = subject._meta.label_lower
    subject_id = str(subject.pk)
    chain = f"project:{project_id}" if project_id else f"system:{zlib.crc32(subject_id.encode()) % SYSTEM_CHAINS:02d}"
    head = lock_head(chain)
    row = AuditEvent(
        chain=chain,
        n=head.n + 1,
        name=type(event).__name__,
        body=event.to_body(),
        subject_type=subject_type,
        subject_id=subject_id,
        project_id=project_id,
        person_id=actor.person_id,
        post_id=actor.post_id,
        on_behalf_of=actor.on_behalf_of,
        mandate_id=actor.mandate_id,
        cause=actor.cause,
        at=database_time(not_before=head.at),
        effective_at=now(),
        prev=bytes(head.hash),
    )
    row.hash = hash_link(bytes(row.prev), row.hashed_content())
    row.save(force_insert=True)
    ChainHead.objects.filter(pk=chain).update(n=row.n, hash=row.hash, at=row.at)
    handlers = BY_EVENT.get(row.name, [])
    if handlers:
        Outbox.objects.bulk_create([Outbox(event=row, handler=name, next_at=row.at) for name in handlers])
        nudge()
    return row


def lock_head(chain: str) -> ChainHead:
    """The chain's last row, locked; a new chain is made under the same lock."""
    head = ChainHead.objects.select_for_update().filter(pk=chain).first()
    if head is None:
        ChainHead.objects.bulk_create([ChainHead(chain=chain)], ignore_conflicts=True)
        head = ChainHead.objects.select_for_update().get(pk=chain)
    return head


def database_time(*, not_before: datetime | None) -> datetime:
    """The database's clock; a chain's time never decreases, whatever the host's clock does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        instant: datetime = cursor.fetchone()[0]
    return max(instant, not_before) if not_before else instant
