"""Working days (工作日): which days count, how many lie between two, which one is the n-th after another.

A calendar is built once from rows (national notice, then local exceptions) and then answers by table look-up.
Years without a published notice are provisional (预计): weekends and statutory holidays only, no 调休. Pure.
Basis: 行政许可法第八十二条; 全国年节及纪念日放假办法; 国务院办公厅每年放假通知.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from ledger.errors import Refused
from projects.words import _

FIRST_DAY = date(2000, 1, 1)
LAST_DAY = date(2099, 12, 31)
_BASE = FIRST_DAY.toordinal()
_SPAN = LAST_DAY.toordinal() - _BASE + 1
_SATURDAY = 5


@dataclass(frozen=True)
class DayRule:
    """One day that differs from Monday-to-Friday.

    `reason` is holiday | in_lieu | adjusted_workday | statutory | observed | local.
    """

    day: date
    working: bool
    name_zh: str
    name_en: str
    reason: str


class WorkCalendar:
    """The days of 2000 to 2099 as one table."""

    def __init__(self, rules: Iterable[DayRule], official_years: Iterable[int]) -> None:
        self._rules = {rule.day: rule for rule in rules}
        self.official_years = frozenset(official_years)
        working = bytearray(_SPAN)
        first_weekday = FIRST_DAY.weekday()
        for offset in range(_SPAN):
            working[offset] = (first_weekday + offset) % 7 < _SATURDAY
        for day, rule in self._rules.items():
            if FIRST_DAY <= day <= LAST_DAY:
                working[day.toordinal() - _BASE] = rule.working
        # _upto[i]: working days from FIRST_DAY to day i, both included; _nth[k]: ordinal of the k-th working day.
        self._upto: list[int] = []
        self._nth: list[int] = [0]
        count = 0
        for offset, works in enumerate(working):
            if works:
                count += 1
                self._nth.append(offset + _BASE)
            self._upto.append(count)
        self._tables: tuple[Any, Any] | None = None
        self.version = self._fingerprint()

    def _fingerprint(self) -> str:
        """Short name of this very calendar: the same rows give the same text."""
        digest = hashlib.sha256(",".join(map(str, sorted(self.official_years))).encode())
        for day in sorted(self._rules):
            digest.update(f"{day.isoformat()}{int(self._rules[day].working)}".encode())
        return digest.hexdigest()[:12]

    def _offset(self, day: date) -> int:
        offset = day.toordinal() - _BASE
        if not 0 <= offset < _SPAN:
            raise Refused(
                "date_out_of_range",
                _("日期 %(day)s 不在工作日历覆盖的范围（2000 年至 2099 年）内。") % {"day": day.isoformat()},
            )
        return offset

    def is_working(self, day: date) -> bool:
        """Does this day count as a working day?"""
        offset = self._offset(day)
        before = self._upto[offset - 1] if offset else 0
        return self._upto[offset] > before

    def is_provisional(self, day: date) -> bool:
        """Is the year's notice still unpublished, so that the answer may change?"""
        return day.year not in self.official_years

    def rule_of(self, day: date) -> DayRule | None:
        """The row that makes this day differ from its weekday, if there is one."""
        return self._rules.get(day)

    def reason(self, day: date) -> str:
        """Why the day counts or not: workday | weekend | the reason of its row."""
        rule = self._rules.get(day)
        if rule is not None:
            return rule.reason
        return "workday" if day.weekday() < _SATURDAY else "weekend"

    def upto(self, day: date) -> int:
        """Number of the day's last working day, counted from the table's start; differences are what matters."""
        return self._upto[self._offset(day)]

    def between(self, after: date, until: date) -> int:
        """Working days in (after, until]; negative when `until` lies before."""
        return self.upto(until) - self.upto(after)

    def on_or_after(self, day: date) -> date:
        """The day itself when it works, else the next that does."""
        return day if self.is_working(day) else self.add(day, 1)

    def add(self, day: date, number: int) -> date:
        """The `number`-th working day after `day` (0: the last working day not after it; negative: before)."""
        index = self._upto[self._offset(day)] + number
        if not 1 <= index < len(self._nth):
            raise Refused("date_out_of_range", _("算出的日期超出了工作日历覆盖的范围（2000 年至 2099 年）。"))
        return date.fromordinal(self._nth[index])

    def touches_provisional(self, first: date, last: date) -> bool:
        """Does any year from `first` to `last` lack its notice?"""
        return any(year not in self.official_years for year in range(first.year, last.year + 1))

    def add_many(self, days: Sequence[date] | Any, numbers: Any) -> Any:
        """`add` for arrays: datetime64[D] days (working or not) and integer numbers; datetime64[D] back.

        For forecasts over all projects; days outside the table raise IndexError.
        """
        if self._tables is None:
            self._tables = (np.asarray(self._upto, dtype=np.int64), np.asarray(self._nth, dtype=np.int64))
        upto, nth = self._tables
        epoch = date(1970, 1, 1).toordinal()
        ordinals = np.asarray(days, dtype="datetime64[D]").astype(np.int64) + epoch
        found = nth[upto[ordinals - _BASE] + np.asarray(numbers, dtype=np.int64)]
        return (found - epoch).astype("datetime64[D]")


def rules_from_rows(rows: Iterable[dict[str, str]]) -> list[DayRule]:
    """Rows of a calendar table (date, kind OFF|WORK, name_zh, name_en, reason) as rules.

    A row without `kind` is a day off. Refused with the line's number and what is wrong.
    """
    rules = []
    for number, row in enumerate(rows, start=2):
        kind = row.get("kind", "OFF")
        try:
            day = date.fromisoformat(row["date"].strip())
        except (KeyError, ValueError, AttributeError) as error:
            raise Refused(
                "calendar_row", _("日历第 %(number)s 行的日期无法识别，应写成 2026-10-01。") % {"number": number}
            ) from error
        if kind not in {"OFF", "WORK"}:
            raise Refused(
                "calendar_row",
                _("日历第 %(number)s 行的类型应为 OFF（休息）或 WORK（上班），现为“%(kind)s”。")
                % {"number": number, "kind": kind},
            )
        default = "adjusted_workday" if kind == "WORK" else "holiday"
        rules.append(
            DayRule(
                day=day,
                working=kind == "WORK",
                name_zh=row.get("name_zh") or "",
                name_en=row.get("name_en") or "",
                reason=row.get("reason") or default,
            )
        )
    return rules


def provisional_rules(rows: Iterable[dict[str, str]], official_years: Iterable[int]) -> list[DayRule]:
    """Statutory holidays for the years that have no notice; beyond the table, those fixed by the solar calendar."""
    official = frozenset(official_years)
    rules = [rule for rule in rules_from_rows(rows) if rule.day.year not in official]
    covered = {rule.day.year for rule in rules} | official
    for year in range(FIRST_DAY.year, LAST_DAY.year + 1):
        if year not in covered:
            rules += [
                DayRule(date(year, month, day), working=False, name_zh=zh, name_en=en, reason="statutory")
                for month, day, zh, en in SOLAR_HOLIDAYS
            ]
    return rules


SOLAR_HOLIDAYS = (
    (1, 1, "元旦", "New Year's Day"),
    (5, 1, "劳动节", "Labour Day"),
    (5, 2, "劳动节", "Labour Day"),
    (10, 1, "国庆节", "National Day"),
    (10, 2, "国庆节", "National Day"),
    (10, 3, "国庆节", "National Day"),
)


def build_calendar(
    official_rows: Iterable[DayRule],
    official_years: Iterable[int],
    statutory_rows: Iterable[dict[str, str]],
    local: Iterable[DayRule] = (),
) -> WorkCalendar:
    """A calendar from the published years, the statutory days of the others, and a district's own exceptions."""
    years = frozenset(official_years)
    rules = {rule.day: rule for rule in provisional_rules(statutory_rows, years)}
    rules |= {rule.day: rule for rule in official_rows if rule.day.year in years}
    rules |= {rule.day: rule for rule in local}
    return WorkCalendar(rules.values(), years)


def every_day(first: date, last: date) -> Iterable[date]:
    """Each calendar day from `first` to `last`, both included."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)
