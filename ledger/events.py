"""What happened (事件): frozen records with JSON-able fields, registered by name."""

from __future__ import annotations

import dataclasses
import typing
from datetime import date, datetime
from types import UnionType
from uuid import UUID

REGISTRY: dict[str, type[Event]] = {}


@dataclasses.dataclass(frozen=True)
class Event:
    """Base of every event. Subclasses are frozen dataclasses; their docstring says what happened, in the law's verb."""

    def __init_subclass__(cls) -> None:
        known = REGISTRY.get(cls.__name__)
        if known is not None and known.__module__ != cls.__module__:
            raise TypeError(f"two events are called {cls.__name__}: {known.__module__} and {cls.__module__}")
        REGISTRY[cls.__name__] = cls

    def to_body(self) -> dict[str, object]:
        """The event as JSON values."""
        return {item.name: to_json(getattr(self, item.name)) for item in dataclasses.fields(self)}


def to_json(value: object) -> object:
    """One field as a JSON value; a kind that would not come back the same is refused."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {str(key): to_json(item) for key, item in value.items()}
    raise TypeError(f"an event cannot hold {type(value).__name__}: {value!r}")


def from_body(name: str, body: dict[str, object]) -> Event:
    """The event that `to_body` wrote; fields unknown to this version are left out."""
    kind = REGISTRY[name]
    hints = typing.get_type_hints(kind)
    known = {item.name for item in dataclasses.fields(kind)}
    return kind(**{key: from_json(hints[key], value) for key, value in body.items() if key in known})


def from_json(hint: object, value: object) -> object:
    """A JSON value turned back into the kind its annotation names."""
    if value is None:
        return None
    origin = typing.get_origin(hint)
    if origin in (typing.Union, UnionType):
        inner = [item for item in typing.get_args(hint) if item is not type(None)]
        return from_json(inner[0], value) if len(inner) == 1 else value
    if origin in (list, tuple) and isinstance(value, list):
        arguments = typing.get_args(hint) or (object,)
        items = [from_json(arguments[0], item) for item in value]
        return tuple(items) if origin is tuple else items
    if hint is UUID:
        return UUID(str(value))
    if hint is datetime:
        return datetime.fromisoformat(str(value))
    if hint is date:
        return date.fromisoformat(str(value))
    return value
