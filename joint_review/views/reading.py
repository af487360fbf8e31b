"""What views take from a request."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.http import HttpRequest
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from accounts.legal_day import SHANGHAI
from ledger.actor import Actor
from ledger.errors import Invalid


def actor_of(request: HttpRequest) -> Actor:
    """Who asks."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def text(request: HttpRequest, name: str) -> str:
    """A text field, trimmed."""
    return request.POST.get(name, "").strip()


def day(request: HttpRequest, name: str) -> date | None:
    """A date field; Invalid when it is no date."""
    value = text(request, name)
    if not value:
        return None
    try:
        found = parse_date(value)
    except ValueError:
        found = None
    if found is None:
        raise Invalid({name: [_("请填写日期，例如 2026-03-05。")]})
    return found


def moment(request: HttpRequest, name: str) -> datetime:
    """A date and time in Shanghai; Invalid when it is none."""
    value = text(request, name)
    try:
        found = parse_datetime(value)
    except ValueError:
        found = None
    if found is None:
        raise Invalid({name: [_("请填写日期和时间，例如 2026-03-05 09:30。")]})
    return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)


def an_id(request: HttpRequest, name: str) -> UUID | None:
    """An id field; None when empty; Invalid when it is none."""
    value = text(request, name)
    if not value:
        return None
    try:
        return UUID(value)
    except ValueError:
        raise Invalid({name: [_("请从列表中选择。")]}) from None
