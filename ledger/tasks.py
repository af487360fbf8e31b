"""Celery entry of the outbox."""

from celery import shared_task

from ledger.idempotency import forget_old_answers
from ledger.outbox import SLICE_SECONDS, dispatch_all


@shared_task(name="ledger.tasks.dispatch_outbox")
def dispatch_outbox() -> int:
    """Deliver what waits in the outbox, a slice at a time."""
    return dispatch_all(SLICE_SECONDS)


@shared_task(name="ledger.tasks.forget_answers")
def forget_answers() -> int:
    """Drop remembered answers older than a week."""
    return forget_old_answers()
