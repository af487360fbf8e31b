"""The current instant; tests and the demo's history may hold it still."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.utils import timezone

_held: ContextVar[datetime | None] = ContextVar("held_instant", default=None)


def now() -> datetime:
    """The current instant, aware."""
    return _held.get() or timezone.now()


@contextmanager
def freeze(instant: datetime) -> Iterator[None]:
    """Hold the clock at `instant` (aware). The audit row keeps the database's own time beside it."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    token = _held.set(instant)
    try:
        yield
    finally:
        _held.reset(token)
