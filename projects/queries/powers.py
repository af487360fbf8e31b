"""Readers of the powers table (权责清单)."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.access import require
from accounts.legal_day import today_in_shanghai
from ledger.actor import Actor
from projects.models import ItemCase, Power
from projects.rules.powers import Entry


def valid_on(day: date) -> Q:
    """Confirmed entries that hold on a day."""
    return Q(confirmed_at__isnull=False, valid_from__lte=day) & (Q(valid_to__isnull=True) | Q(valid_to__gte=day))


def entries_for(item: ItemCase) -> list[Entry]:
    """Every confirmed entry, past and present, about the power behind an item."""
    rows = Power.objects.filter(
        district_id=item.project.district_id,
        department_code=item.department_code,
        item_code__in=["", item.code],
        confirmed_at__isnull=False,
    )
    return [Entry(row.item_code, row.holder_code, row.basis, row.valid_from, row.valid_to) for row in rows]


def held_by(actor: Actor) -> Q:
    """Items whose power the table gives to the actor's own department today."""
    if actor.district_id is None or actor.department_code is None:
        return Q(pk__in=[])
    entries = Power.objects.filter(
        valid_on(today_in_shanghai()),
        Q(item_code="") | Q(item_code=OuterRef("code")),
        district_id=actor.district_id,
        holder_code=actor.department_code,
        department_code=OuterRef("department_code"),
    )
    return Q(Exists(entries), project__district_id=actor.district_id)


def holds_power(actor: Actor, item: ItemCase) -> bool:
    """Does the table give this item to the actor's own department today?"""
    return ItemCase.objects.filter(held_by(actor), pk=item.pk).exists()


def powers_of(actor: Actor) -> QuerySet[Power]:
    """The table of the actor's district, or of all of them for who administers the installation."""
    require(actor, "config.list_powers")
    rows = Power.objects.select_related("district", "made_by")
    return rows if actor.district_id is None else rows.filter(district_id=actor.district_id)
