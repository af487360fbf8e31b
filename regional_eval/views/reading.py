"""Reading forms of this room: the actor, dates, numbers, lists."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.queries import districts
from ledger.actor import Actor
from ledger.errors import Invalid, TooMany

FALLBACK_EPSG = 4548


def actor_of(request: HttpRequest) -> Actor:
    """The actor that the middleware found."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def text(values: Mapping[str, Any], name: str) -> str:
    """A field without the blanks around it."""
    return str(values.get(name, "")).strip()


def day(values: Mapping[str, Any], name: str) -> date | None:
    """A date field; blank is no date."""
    written = text(values, name)
    if not written:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Invalid({name: [_("请按 2026-12-31 的格式填写日期。")]}) from None


def whole_number(values: Mapping[str, Any], name: str) -> int | None:
    """A whole number; blank is none."""
    written = text(values, name).replace(",", "")
    if not written:
        return None
    if not written.isdigit():
        raise Invalid({name: [_("请填写整数，例如 30。")]})
    return int(written)


def lines(values: Mapping[str, Any], name: str) -> list[str]:
    """One entry a line, or divided by commas of either width."""
    written = text(values, name).replace("，", "\n").replace(",", "\n").replace("、", "\n")
    return [line.strip() for line in written.splitlines() if line.strip()]


def geometry(values: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """The GeoJSON that the map wrote; blank is none."""
    written = text(values, name)
    if not written:
        return None
    try:
        found = json.loads(written)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Invalid({name: [_("边界数据无法识别，请重新绘制。")]})
    return found


def working_epsg(actor: Actor) -> int:
    """The zone of the reader's district; for the public, of the first one."""
    found = districts()
    own = found.filter(pk=actor.district_id).first() if actor.district_id else found.first()
    return (own.epsg if own else None) or FALLBACK_EPSG


def slow_down(request: HttpRequest, act: str, *, most: int) -> None:
    """At most so many a minute from one address, because it costs computing time and needs no sign-in."""
    key = f"{act}:{request.META.get('REMOTE_ADDR', '')}"
    cache.add(key, 0, 60)
    try:
        count = cache.incr(key)
    except ValueError:  # the minute ended between the two calls
        count = 1
    if count > most:
        raise TooMany(next_step=_("请一分钟后再试。"))
