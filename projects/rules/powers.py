"""The powers table (权责清单): may this department act on this item on this day? Pure.

Basis: 行政许可法第二十三条 (授权), 第二十四条 (委托), 第二十五条 (集中行使); 职权法定: an act without power is void.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ledger.errors import Refused
from projects.words import _


@dataclass(frozen=True)
class Entry:
    """One confirmed entry of a department's powers; `item_code` empty: every item of it."""

    item_code: str
    holder_code: str
    basis: str
    valid_from: date
    valid_to: date | None

    def is_valid_on(self, day: date) -> bool:
        """From the first to the last day, both included."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


def entry_on(entries: Sequence[Entry], item_code: str, day: date) -> Entry | None:
    """The entry that holds for this item on this day; one that names the item comes before one for all."""
    valid = [entry for entry in entries if entry.is_valid_on(day) and entry.item_code in {"", item_code}]
    return max(valid, key=lambda entry: entry.item_code == item_code and bool(item_code), default=None)


def check_power(entries: Sequence[Entry], item_code: str, item_name: str, department: str | None, day: date) -> None:
    """Refused (no_power) when the table has entries and none of them gives this department the power on this day.

    A department without any entry exercises its own power, as the directory of departments says.
    """
    concerned = [entry for entry in entries if entry.item_code in {"", item_code}]
    if not concerned:
        return
    entry = entry_on(concerned, item_code, day)
    if entry is None:
        last = max(concerned, key=lambda each: each.valid_to or date.max)
        until = last.valid_to.isoformat() if last.valid_to else "—"
        raise Refused(
            "no_power",
            _("权责清单中“%(item)s”在 %(day)s 没有有效的行使主体（最近一条至 %(until)s 止）。")
            % {"item": item_name, "day": day.isoformat(), "until": until},
            next_step=_("请系统管理员按授权、委托或收回文件更新权责清单后再办理。"),
        )
    if entry.holder_code != department:
        raise Refused(
            "no_power",
            _("“%(item)s”的职权在 %(day)s 由 %(holder)s 行使（%(basis)s），本部门无权办理。")
            % {"item": item_name, "day": day.isoformat(), "holder": entry.holder_code, "basis": entry.basis},
            next_step=_("请转交行使该职权的部门办理。"),
        )


def check_entry(*, valid_from: date, valid_to: date | None, basis: str, holder: str, departments: set[str]) -> None:
    """A new entry: forward in time, with its basis, held by a department that exists."""
    if valid_to is not None and valid_to < valid_from:
        raise Refused("power_order", _("终止日期不能早于起始日期。"), field="valid_to")
    if len(basis.strip()) < 6:
        raise Refused("power_basis", _("请写明依据（文件名称和文号）。"), field="basis")
    if holder not in departments:
        raise Refused("power_holder", _("没有代码为“%(code)s”的部门。") % {"code": holder}, field="holder_code")
