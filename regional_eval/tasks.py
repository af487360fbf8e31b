"""Background work of this room: what happens because a day has passed."""

from __future__ import annotations

from celery import shared_task

from ledger.actor import Actor
from regional_eval.actions import DAY_ENDED, expire_assessments


@shared_task(name="regional_eval.tasks.expire")
def expire() -> int:
    """End assessments and plan layers past their last day; harmless to run twice or late."""
    return expire_assessments(actor=Actor.system(cause=DAY_ENDED))
