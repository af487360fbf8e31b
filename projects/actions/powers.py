"""The powers table (权责清单): entries proposed by one administrator, put in force or taken back by two."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.access import require
from accounts.actions import two_key_act
from accounts.queries import departments
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Conflict, NotFound, Refused, StateConflict
from ledger.record import record
from projects.actions.progress import person_of
from projects.events import PowerEntered, PowerTakenBack
from projects.models import Power
from projects.rules.powers import check_entry
from projects.words import _


@dataclass(frozen=True)
class PowerForm:
    """An entry as it is typed; `item_code` empty: every item of the department."""

    district_id: int
    department_code: str
    holder_code: str
    kind: str
    basis: str
    valid_from: date
    valid_to: date | None = None
    item_code: str = ""
    delegated_by: str = ""


@transaction.atomic
def propose_power(form: PowerForm, *, actor: Actor) -> Power:
    """Write an entry down; it holds only when a second administrator has confirmed it."""
    require(actor, "config.draft_catalogue")
    known = {row.code for row in departments(form.district_id)}
    if form.department_code not in known:
        raise Refused(
            "power_department",
            _("没有代码为“%(code)s”的部门。") % {"code": form.department_code},
            field="department_code",
        )
    if form.kind not in Power.Kind.values:
        raise Refused("power_kind", _("请从列出的选项中选择。"), field="kind")
    check_entry(
        valid_from=form.valid_from,
        valid_to=form.valid_to,
        basis=form.basis,
        holder=form.holder_code,
        departments=known,
    )
    return Power.objects.create(
        district_id=form.district_id,
        department_code=form.department_code,
        item_code=form.item_code.strip(),
        holder_code=form.holder_code,
        kind=form.kind,
        basis=form.basis.strip(),
        delegated_by=form.delegated_by.strip(),
        valid_from=form.valid_from,
        valid_to=form.valid_to,
        made_at=now(),
        made_by_id=person_of(actor),
    )


@two_key_act("config.edit_powers")
@transaction.atomic
def edit_power(power_id: UUID, *, actor: Actor, act: str, last_day: str = "", why: str = "") -> Power:
    """Put an entry in force (`confirm`), or end it after `last_day` (`take_back`, 收回); confirmed by a second person."""
    power = Power.objects.select_for_update().filter(pk=power_id).first()
    if power is None:
        raise NotFound
    require(actor, "config.edit_powers", power)
    return take_back(power, last_day, why, actor=actor) if act == "take_back" else confirm(power, actor=actor)


def confirm(power: Power, *, actor: Actor) -> Power:
    """In force; one holder at a time is kept by the database."""
    if power.confirmed_at is not None:
        raise StateConflict(_("这条权责已经生效。"))
    power.confirmed_at = now()
    try:
        with transaction.atomic():
            power.save(update_fields=["confirmed_at"])
    except IntegrityError as error:
        if "power_held_by_one_at_a_time" not in str(error):
            raise
        raise Conflict(_("同一事项在这段时间已有行使主体，请先收回或调整起止日期。"), code="power_overlaps") from error
    event = PowerEntered(
        power_id=power.pk,
        department_code=power.department_code,
        item_code=power.item_code,
        holder_code=power.holder_code,
        valid_from=power.valid_from,
        valid_to=power.valid_to,
    )
    record(event, actor=actor, subject=power)
    return power


def take_back(power: Power, last_day: str, why: str, *, actor: Actor) -> Power:
    """Its last day; what was done before stays valid."""
    if power.confirmed_at is None or power.taken_back_at is not None:
        raise StateConflict(_("这条权责没有生效或已经收回。"))
    if len(why.strip()) < 6:
        raise Refused("power_basis", _("请写明依据（文件名称和文号）。"), field="why")
    try:
        day = date.fromisoformat(last_day)
    except ValueError as error:
        raise Refused("power_order", _("请按 2026-12-31 的格式填写日期。"), field="last_day") from error
    if day < power.valid_from or (power.valid_to is not None and day > power.valid_to):
        raise Refused("power_order", _("收回日期应在有效期内。"), field="last_day")
    power.valid_to, power.taken_back_at, power.taken_back_why = day, now(), why.strip()
    power.save(update_fields=["valid_to", "taken_back_at", "taken_back_why"])
    record(PowerTakenBack(power_id=power.pk, last_day=day, why=power.taken_back_why), actor=actor, subject=power)
    return power
