"""`ring()`: tell the processes that hold open sockets that something changed, once it is committed.

A doorbell may be lost: whoever listens also polls. Redis carries it between processes; one process needs none.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import redis
import structlog
from django.conf import settings
from django.db import transaction

log = structlog.get_logger()
CHANNEL = "lianshen:doorbell"
Listener = Callable[[str, dict[str, object]], None]
_listeners: list[Listener] = []
_client: redis.Redis | None = None


def ring(topic: str, payload: dict[str, object] | None = None) -> None:
    """Ring `topic` (such as `sheet:<uuid>`) with a small payload after the commit."""
    transaction.on_commit(lambda: publish(topic, payload or {}))


def publish(topic: str, payload: dict[str, object]) -> None:
    """Send now; never raises: a lost doorbell costs latency, not truth."""
    if settings.BUS == "local":
        for listener in list(_listeners):
            listener(topic, payload)
        return
    try:
        client().publish(CHANNEL, json.dumps({"topic": topic, "payload": payload}))
    except redis.RedisError as error:
        log.warning("doorbell_lost", topic=topic, error=type(error).__name__)


def client() -> redis.Redis:
    """One connection pool a process, impatient: half a second at most."""
    global _client  # noqa: PLW0603 - one pool for the process, made at first use
    if _client is None:
        _client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)
    return _client


def listen(listener: Listener) -> Callable[[], None]:
    """Hear every ring of this process (BUS=local); returns what stops it."""
    _listeners.append(listener)
    return lambda: _listeners.remove(listener)
