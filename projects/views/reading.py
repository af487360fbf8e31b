"""Reading forms: the actor, dates and texts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation

from django.http import HttpRequest
from django.utils.translation import gettext as _

from ledger.actor import Actor
from ledger.errors import Invalid


def actor_of(request: HttpRequest) -> Actor:
    """The actor that the middleware found."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def text(request: HttpRequest, name: str) -> str:
    """A field without the blanks around it."""
    return request.POST.get(name, "").strip()


def day(request: HttpRequest, name: str) -> date | None:
    """A date field; blank is no date."""
    written = text(request, name)
    if not written:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Invalid({name: [_("请按 2026-12-31 的格式填写日期。")]}) from None


def number(request: HttpRequest, name: str) -> Decimal | None:
    """A decimal field; blank is no number."""
    written = text(request, name).replace(",", "")
    if not written:
        return None
    try:
        return Decimal(written)
    except InvalidOperation:
        raise Invalid({name: [_("请填写数字，例如 12000 或 12000.5。")]}) from None
