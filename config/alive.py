"""Signs of life of the processes behind the pages, kept in the cache and asked for by /readyz.

A worker's main process and the beat process each write a key every two seconds; the key dies
after `LIFETIME_SECONDS`. So a dead worker is noticed even while its queue is empty, and a busy one is not
taken for dead.
"""

from __future__ import annotations

import time
from typing import Any

import structlog
from celery.beat import Scheduler
from celery.signals import celeryd_after_setup, heartbeat_sent
from django.core.cache import cache

log = structlog.get_logger()
INTERVAL_SECONDS = 2.0
LIFETIME_SECONDS = 15
_queues_of_this_worker: list[str] = []


def sign(name: str) -> None:
    """Write the sign of life; a cache that is down is itself reported by /readyz."""
    try:
        cache.set(f"alive:{name}", time.time(), LIFETIME_SECONDS)
    except Exception as error:  # noqa: BLE001 - whatever the cache does, the worker goes on working
        log.warning("sign_of_life_not_written", name=name, error=type(error).__name__)


def is_alive(name: str) -> bool:
    """Has `worker:<queue>` or `beat` signed within the last `LIFETIME_SECONDS`?"""
    return cache.get(f"alive:{name}") is not None


@celeryd_after_setup.connect
def remember_queues(instance: Any, **_: Any) -> None:
    """Note which queues this worker serves."""
    _queues_of_this_worker[:] = [str(name) for name in instance.app.amqp.queues]


@heartbeat_sent.connect
def worker_lives(**_: Any) -> None:
    """Called by the worker's main process every two seconds."""
    for queue in _queues_of_this_worker:
        sign(f"worker:{queue}")


class SigningScheduler(Scheduler):  # type: ignore[misc] # celery has no types
    """Celery's in-memory scheduler that also signs; the schedule is static, so nothing need be stored."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.signed_at = 0.0
        super().__init__(*args, **kwargs)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """One turn of the beat loop, at most `INTERVAL_SECONDS` apart."""
        wait = float(super().tick(*args, **kwargs))
        if time.monotonic() - self.signed_at >= INTERVAL_SECONDS:
            self.signed_at = time.monotonic()
            sign("beat")
        return min(wait, INTERVAL_SECONDS)
