"""The Celery application and its static schedule.

No deadline is ever an ETA or countdown: deadlines live in tables, and the sweeps below, which
may run twice or late, find what is due (promises.md decision 2).
"""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, setup_logging, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("lianshen")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Two queues in two worker processes, so that a heavy drawing never delays a notice.
BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "deliver what the outbox holds": {"task": "ledger.tasks.dispatch_outbox", "schedule": 2.0},
    # In the queue of small work: they must not wait behind heavy drawings.
    "take up drawings that wait": {
        "task": "drawings.tasks.take_up_files",
        "schedule": 5.0,
        "options": {"queue": "default"},
    },
    # After an upgrade: sheets that an older version prepared, one file at a time behind new uploads.
    "prepare drawings of older versions anew": {
        "task": "drawings.tasks.take_up_outdated",
        "schedule": 60.0,
        "options": {"queue": "default"},
    },
    "anchor heads of sheet logs": {
        "task": "drawings.tasks.anchor_heads",
        "schedule": 60.0,
        "options": {"queue": "default"},
    },
    "sweep the drawings quarantine": {
        "task": "drawings.tasks.sweep_quarantine",
        "schedule": 3600.0,
        "options": {"queue": "default"},
    },
    "accept filings the window left unanswered": {"task": "projects.tasks.accept_silent_filings", "schedule": 60.0},
    "refresh clocks whose stop has run out": {"task": "projects.tasks.refresh_stopped_clocks", "schedule": 3600.0},
    "raise yellow and red cards": {"task": "supervision.tasks.sweep_cards", "schedule": 60.0},
    "look for cards among all open rows": {"task": "supervision.tasks.reconcile_cards", "schedule": 24 * 3600.0},
    "note silence in joint reviews": {"task": "joint_review.tasks.lapse_tasks", "schedule": 3600.0},
    "end assessments and plan layers past their last day": {"task": "regional_eval.tasks.expire", "schedule": 1800.0},
    "forget remembered answers": {"task": "ledger.tasks.forget_answers", "schedule": 6 * 3600.0},
}

app.conf.update(
    # JSON only: a pickle in the broker would be code.
    task_serializer="json",
    accept_content=["json"],
    broker_connection_retry_on_startup=True,
    beat_schedule=BEAT_SCHEDULE,
    beat_scheduler="config.alive:SigningScheduler",
    beat_max_loop_interval=2,
    worker_hijack_root_logger=False,
)


@setup_logging.connect
def keep_our_logs(**_: Any) -> None:
    """Having a receiver keeps celery from configuring logs itself; Django's settings have done it."""


@worker_init.connect
@beat_init.connect
def load_signs_of_life(**_: Any) -> None:
    """Connect the signals that tell /readyz this process lives; needs Django's settings, so not at import."""
    import config.alive  # noqa: F401
