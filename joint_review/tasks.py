"""Background work of joint review: what happens because a day has passed."""

from __future__ import annotations

from celery import shared_task

from joint_review.actions import lapse_overdue_tasks
from ledger.actor import Actor


@shared_task(name="joint_review.tasks.lapse_tasks")
def lapse_tasks() -> int:
    """Note silence as no objection where it counts; harmless to run twice or late."""
    return lapse_overdue_tasks(actor=Actor.system(cause="TaskOverdue"))
