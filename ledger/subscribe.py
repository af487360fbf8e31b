"""Who wants to hear of an event: handlers in <app>/subscribers.py, called by the outbox dispatcher."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from ledger.events import Event

E = TypeVar("E", bound=Event)
Handler = Callable[[Any, "Delivery"], None]

HANDLERS: dict[str, Handler] = {}
BY_EVENT: dict[str, list[str]] = defaultdict(list)


@dataclass(frozen=True)
class Delivery:
    """The envelope of one delivery; be idempotent by `event_id`."""

    event_id: UUID
    project_id: UUID | None
    person_id: int | None
    on_behalf_of: UUID | None
    at: datetime
    attempt: int


def subscribe(*kinds: type[E]) -> Callable[[Callable[[E, Delivery], None]], Callable[[E, Delivery], None]]:
    """Call the function for every event of these kinds, at least once, in a transaction of its own."""

    def register(function: Callable[[E, Delivery], None]) -> Callable[[E, Delivery], None]:
        for kind in kinds:
            name = f"{function.__module__}.{function.__qualname__}:{kind.__name__}"
            HANDLERS[name] = function
            if name not in BY_EVENT[kind.__name__]:
                BY_EVENT[kind.__name__].append(name)
        return function

    return register
