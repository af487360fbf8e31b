"""The outbox dispatcher (发件箱): claim, run, mark done in one transaction; back off; park.

The table is the truth. A nudge after commit only saves waiting for the next beat.
"""

from __future__ import annotations

import time
from datetime import timedelta
from math import inf

import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from ledger.errors import NotFound
from ledger.events import from_body
from ledger.models import Outbox
from ledger.subscribe import HANDLERS, Delivery

log = structlog.get_logger()
ATTEMPTS_BEFORE_PARKING = 10
# A full outbox must not hold up small work of the same queue, such as taking up a drawing that was just sent.
SLICE_SECONDS = 2.0


def nudge() -> None:
    """Ask for a dispatch once this transaction has committed; a silent broker costs only time."""
    transaction.on_commit(send_nudge)


def send_nudge() -> None:
    """Tell the worker that rows wait; the beat job finds them anyway."""
    if settings.MODE == "test":
        return
    try:
        current_app.send_task("ledger.tasks.dispatch_outbox", retry=False, ignore_result=True)
    except Exception as error:  # noqa: BLE001 - the broker may fail in any way; the table keeps the message
        log.warning("outbox_nudge_failed", error=type(error).__name__)


def dispatch_all(seconds: float = inf) -> int:
    """Deliver what is due, oldest first; returns how many deliveries were tried.

    After so many seconds the rest is left to a next task: what others have put in the queue meanwhile comes before it.
    """
    until = time.monotonic() + seconds
    tried = 0
    while dispatch_one():
        tried += 1
        if time.monotonic() >= until:
            send_nudge()
            break
    return tried


def dispatch_one() -> bool:
    """Deliver the oldest due row that nobody else holds; False when there is none."""
    with transaction.atomic():
        row = (
            Outbox.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(state=Outbox.State.WAITING, next_at__lte=timezone.now())
            .order_by("next_at", "id")
            .select_related("event")
            .first()
        )
        if row is None:
            return False
        row.attempts += 1
        try:
            with transaction.atomic(), translation.override(settings.LANGUAGE_CODE):
                deliver(row)
        except Exception as error:  # noqa: BLE001 - whatever a subscriber raises is noted and tried again
            note_failure(row, error)
        else:
            row.state = Outbox.State.DONE
            row.done_at = timezone.now()
            row.last_error = ""
        row.save(update_fields=["attempts", "state", "done_at", "next_at", "last_error"])
    return True


def deliver(row: Outbox) -> None:
    """Call the subscriber with its event."""
    event = row.event
    HANDLERS[row.handler](
        from_body(event.name, event.body),
        Delivery(
            event_id=event.id,
            project_id=event.project_id,
            person_id=event.person_id,
            on_behalf_of=event.on_behalf_of,
            at=event.at,
            attempt=row.attempts,
        ),
    )


def note_failure(row: Outbox, error: Exception) -> None:
    """Back off from 1 s, doubling to 5 min; park after ten tries, for the administrator to see."""
    row.last_error = f"{type(error).__name__}: {error}"[:2000]
    row.next_at = timezone.now() + timedelta(seconds=min(2 ** (row.attempts - 1), 300))
    if row.attempts >= ATTEMPTS_BEFORE_PARKING:
        row.state = Outbox.State.PARKED
    log.error("outbox_delivery_failed", handler=row.handler, attempt=row.attempts, state=row.state, exc_info=error)


@transaction.atomic
def retry_parked(delivery_id: int) -> None:
    """Put a parked delivery back into the queue; the caller has asked the permission table and keeps the audit row."""
    row = Outbox.objects.select_for_update().filter(pk=delivery_id, state=Outbox.State.PARKED).first()
    if row is None:
        raise NotFound
    row.state = Outbox.State.WAITING
    row.attempts = 0
    row.next_at = timezone.now()
    row.save(update_fields=["state", "attempts", "next_at"])
    nudge()
