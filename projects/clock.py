"""The legal clock (时限时钟): when a limit begins, which days count, when it is due, when it warns.

Half-open rule: the day of acceptance is day 0 and not counted; day 1 is the first working day after it; due is the
close of business of the last counted day. Instants become days in Asia/Shanghai. Pure; docs/algorithms/clock.md.
Basis: 行政许可法第三十二条、第四十二条、第四十五条、第八十二条; domain/clock_rules.yaml.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from ledger.errors import Refused
from projects.words import _
from projects.workdays import WorkCalendar, every_day

SHANGHAI = ZoneInfo("Asia/Shanghai")
ONE_DAY = timedelta(days=1)
LONGEST_LIMIT = 2000


class Unit(StrEnum):
    """How a limit is counted (工作日/日历日)."""

    WORKING_DAY = "working_day"
    CALENDAR_DAY = "calendar_day"


@dataclass(frozen=True)
class OfficeHours:
    """When the window is open; at or after `close` is the next working day's business."""

    open: time = time(9, 0)
    close: time = time(17, 0)


@dataclass(frozen=True)
class Pause:
    """A stop of the clock (时限中止): no day from `first` to `last`, both included, counts. `last` None: still open.

    `first` is the working day after the notice arrived, `last` the day the answer arrived (行政许可法第四十五条).
    """

    first: date
    last: date | None = None
    ground: str = ""


@dataclass(frozen=True)
class Deadline:
    """What a limit comes to. `due_on` is None while the clock stands still; then `remaining` says what is left."""

    day_zero: date
    due_on: date | None
    warn_on: date | None
    provisional: bool
    remaining: int


@dataclass(frozen=True)
class ClockDay:
    """One calendar day of a clock. `reason`: day_zero | counted | paused | after_due, else the calendar's reason."""

    day: date
    counted: bool
    number: int | None
    reason: str
    ground: str = ""


def legal_day(instant: datetime, calendar: WorkCalendar, hours: OfficeHours | None = None) -> date:
    """The working day as which an instant counts (视同日).

    On a rest day, or at or after close of business, it counts as the next working day. Naive instants are refused:
    a day cannot be told without a zone.
    """
    if instant.tzinfo is None:
        raise Refused("naive_instant", _("时刻缺少时区，无法确定法定日期。"))
    local = instant.astimezone(SHANGHAI)
    day = local.date()
    if not calendar.is_working(day):
        return calendar.add(day, 1)
    if local.time() >= (hours or OfficeHours()).close:
        return calendar.add(day, 1)
    return day


def close_of_business(day: date, hours: OfficeHours | None = None) -> datetime:
    """The instant at which a day's business ends, aware, in UTC."""
    return datetime.combine(day, (hours or OfficeHours()).close, SHANGHAI).astimezone(UTC)


def parse_instant(text: str) -> datetime:
    """ISO 8601; without a zone it is Asia/Shanghai, without a time the start of the day. Refused when unreadable."""
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise Refused(
            "instant",
            _("时间“%(text)s”无法识别，请写成 2026-03-02T10:00 或 2026-03-02T10:00+08:00。") % {"text": text},
        ) from error
    return instant if instant.tzinfo else instant.replace(tzinfo=SHANGHAI)


def merge_pauses(pauses: Iterable[Pause]) -> list[Pause]:
    """Overlapping or touching pauses as one (clock_rules: overlapping pauses are merged before counting).

    Refused for a pause that ends before it begins. Merging keeps the ground of the one that began first.
    """
    merged: list[Pause] = []
    for pause in sorted(pauses, key=lambda pause: pause.first):
        if pause.last is not None and pause.last < pause.first:
            raise Refused(
                "pause_order",
                _("中止的结束日 %(last)s 早于开始日 %(first)s，请核对起止日期。")
                % {"last": pause.last.isoformat(), "first": pause.first.isoformat()},
            )
        before = merged[-1] if merged else None
        if before is None or (before.last is not None and pause.first > before.last + ONE_DAY):
            merged.append(pause)
        elif before.last is not None and (pause.last is None or pause.last > before.last):
            merged[-1] = Pause(before.first, pause.last, before.ground)
    return merged


def cap_pauses(pauses: Iterable[Pause], caps: Mapping[str, int | None], calendar: WorkCalendar) -> list[Pause]:
    """Cut pauses where a ground has used up its working days (clock_rules: total per kind is capped).

    Beyond the cap the clock runs again, even while the pause is formally open.
    """
    used: dict[str, int] = {}
    capped = []
    for pause in sorted(pauses, key=lambda pause: pause.first):
        cap = caps.get(pause.ground)
        if cap is None:
            capped.append(pause)
            continue
        left = cap - used.get(pause.ground, 0)
        if left <= 0:
            continue
        longest = calendar.add(pause.first - ONE_DAY, left)
        last = longest if pause.last is None else min(pause.last, longest)
        used[pause.ground] = used.get(pause.ground, 0) + calendar.between(pause.first - ONE_DAY, last)
        capped.append(Pause(pause.first, last, pause.ground))
    return capped


def warning_span(limit: int) -> int:
    """How many working days before the end the light turns yellow: max(1, 20 % of the limit, rounded up)."""
    return max(1, -(-limit // 5))


def count_deadline(
    day_zero: date,
    limit: int,
    calendar: WorkCalendar,
    *,
    unit: Unit = Unit.WORKING_DAY,
    pauses: Iterable[Pause] = (),
) -> Deadline:
    """When `limit` days after `day_zero` are over (届满日), pauses left out.

    Calendar days: when the last is not a working day it moves to the next (clock_rules.counting). The warning day is
    the first with at most `warning_span` working days after it up to the due day, and never before day 0.
    """
    check_limit(limit)
    relevant = [pause for pause in merge_pauses(pauses) if pause.last is None or pause.last > day_zero]
    count = _WorkingCount(calendar) if unit is Unit.WORKING_DAY else _CalendarCount()
    stopped = 0
    due = count.add(day_zero, limit)
    for pause in relevant:
        first = max(pause.first, day_zero + ONE_DAY)
        if first > due or limit == 0:
            break
        if pause.last is None:
            used = count.between(day_zero, first - ONE_DAY) - stopped
            provisional = calendar.touches_provisional(day_zero, first)
            return Deadline(day_zero, None, None, provisional, limit - used)
        stopped += count.between(first - ONE_DAY, pause.last)
        due = count.add(day_zero, limit + stopped)
    if unit is Unit.CALENDAR_DAY and limit:
        moved = _roll_forward(due, relevant, calendar)
        if moved is None:
            return Deadline(day_zero, None, None, calendar.touches_provisional(day_zero, due), 0)
        due = moved
    warn = max(day_zero, calendar.add(due, -warning_span(limit)))
    return Deadline(day_zero, due, warn, calendar.touches_provisional(day_zero, due), limit)


def check_limit(limit: int) -> None:
    """Refuse a limit below zero or beyond all reason."""
    if limit < 0:
        raise Refused("negative_limit", _("时限不能是负数（现为 %(limit)s）。") % {"limit": limit}, field="limit")
    if limit > LONGEST_LIMIT:
        raise Refused(
            "limit_too_long",
            _("时限 %(limit)s 天超出了可计算的上限（%(longest)s 天）。") % {"limit": limit, "longest": LONGEST_LIMIT},
            field="limit",
        )


@dataclass(frozen=True)
class _WorkingCount:
    calendar: WorkCalendar

    def add(self, day: date, number: int) -> date:
        return self.calendar.add(day, number) if number else day

    def between(self, after: date, until: date) -> int:
        return self.calendar.between(after, until)


class _CalendarCount:
    def add(self, day: date, number: int) -> date:
        return day + timedelta(days=number)

    def between(self, after: date, until: date) -> int:
        return (until - after).days


def _roll_forward(day: date, pauses: Sequence[Pause], calendar: WorkCalendar) -> date | None:
    """The day itself when it works, else the next working day outside every pause; None when that is not known yet."""
    moved = calendar.on_or_after(day)
    if moved == day:
        return day
    for pause in pauses:
        if pause_on(moved, [pause]) is not None:
            if pause.last is None:
                return None
            moved = calendar.on_or_after(pause.last + ONE_DAY)
    return moved


def days_of_clock(
    deadline: Deadline,
    until: date,
    calendar: WorkCalendar,
    *,
    unit: Unit = Unit.WORKING_DAY,
    pauses: Iterable[Pause] = (),
) -> list[ClockDay]:
    """Every calendar day from day 0 to `until` with whether it counts and why: the explanation of a date."""
    merged = merge_pauses(pauses)
    days = [ClockDay(deadline.day_zero, counted=False, number=0, reason="day_zero")]
    number = 0
    for day in every_day(deadline.day_zero + ONE_DAY, until):
        pause = pause_on(day, merged)
        works = calendar.is_working(day)
        if deadline.due_on is not None and day > deadline.due_on:
            days.append(ClockDay(day, counted=False, number=None, reason="after_due"))
        elif pause is not None:
            days.append(ClockDay(day, counted=False, number=None, reason="paused", ground=pause.ground))
        elif unit is Unit.WORKING_DAY and not works:
            days.append(ClockDay(day, counted=False, number=None, reason=calendar.reason(day)))
        elif number >= deadline.remaining and unit is Unit.CALENDAR_DAY:
            # The limit is used up; the day only waits for the next working day.
            days.append(ClockDay(day, counted=False, number=None, reason="moved_to_workday"))
        else:
            number += 1
            reason = calendar.reason(day) if unit is Unit.WORKING_DAY else "calendar_day"
            days.append(ClockDay(day, counted=True, number=number, reason=reason))
    return days


def pause_on(day: date, pauses: Iterable[Pause]) -> Pause | None:
    """The pause that covers this day."""
    for pause in pauses:
        if pause.first <= day and (pause.last is None or day <= pause.last):
            return pause
    return None


class Light(StrEnum):
    """The lights (灯): clock_rules.lights."""

    GREEN = "green"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"
    PAUSED = "paused"
    DONE = "done"


def light_on(day: date, due_on: date | None, warn_on: date | None, *, finished: bool = False) -> Light:
    """The light of a clock on a day: past due red, due today orange, inside the warning span yellow, else green."""
    if finished:
        return Light.DONE
    if due_on is None:
        return Light.PAUSED
    if day > due_on:
        return Light.RED
    if day == due_on:
        return Light.ORANGE
    if warn_on is not None and day >= warn_on:
        return Light.YELLOW
    return Light.GREEN


# The clock of a whole: a project or stage counts a day when at least one of its parts is in the government's hands.


@dataclass(frozen=True)
class Run:
    """One part in the government's hands (在办): from day 0 to the day of its decision; `end` None: still open."""

    label: str
    start: date
    end: date | None
    pauses: tuple[Pause, ...] = ()

    def is_running_on(self, day: date) -> bool:
        """Does this part make the day count (were it a working day)?"""
        inside = self.start < day and (self.end is None or day <= self.end)
        return inside and pause_on(day, self.pauses) is None


@dataclass(frozen=True)
class WholeClock:
    """Where the clock of a project or stage stands on a day.

    `stopped_since` is the first day that no longer counts; None while it runs. `due_on` None: stopped without a known
    end, `remaining` working days are left; a stop that is capped keeps a due date.
    """

    used: int
    remaining: int
    due_on: date | None
    warn_on: date | None
    stopped_since: date | None
    provisional: bool


def running_spans(runs: Iterable[Run], until: date) -> list[tuple[date, date]]:
    """The stretches of calendar days, up to `until`, on which at least one run goes on; merged and in order."""
    pieces: list[tuple[date, date]] = []
    for run in runs:
        last = until if run.end is None else min(run.end, until)
        cursor = run.start + ONE_DAY
        for pause in merge_pauses(run.pauses):
            if pause.first > cursor:
                pieces.append((cursor, min(last, pause.first - ONE_DAY)))
            if pause.last is None:
                cursor = last + ONE_DAY
                break
            cursor = max(cursor, pause.last + ONE_DAY)
        pieces.append((cursor, last))
    merged: list[tuple[date, date]] = []
    for first, last in sorted(piece for piece in pieces if piece[0] <= piece[1]):
        if merged and first <= merged[-1][1] + ONE_DAY:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged


def count_whole(runs: Sequence[Run], limit: int, calendar: WorkCalendar, today: date) -> WholeClock:
    """The clock of the whole on `today`: used working days, what is left, and when it is due if nothing stops it.

    domain.md section 1: the clock counts government processing only; the applicant's own time is not counted.
    """
    check_limit(limit)
    begun = min((run.start for run in runs), default=today)
    known_ends = [pause.last for run in runs for pause in run.pauses if pause.last is not None]
    horizon = calendar.add(max([today, *(run.start for run in runs), *known_ends]), limit + 1)
    used, counted, due = 0, 0, None
    spans = running_spans(runs, horizon)
    for first, last in spans:
        if first <= today:
            used += calendar.between(first - ONE_DAY, min(last, today))
        inside = calendar.between(first - ONE_DAY, last)
        if due is None and counted + inside >= limit > 0:
            due = calendar.add(first - ONE_DAY, limit - counted)
        counted += inside
    # Does the next working day count, or the first one of a part that has only just begun?
    opened = [run.start for run in runs if run.end is None]
    next_day = calendar.on_or_after(max([today, *opened]) + ONE_DAY)
    stopped_since = None
    if not any(first <= next_day <= last for first, last in spans):
        stopped_since = max((last + ONE_DAY for _first, last in spans if last < next_day), default=begun)
    return WholeClock(
        used=used,
        remaining=max(0, limit - used),
        due_on=due,
        warn_on=None if due is None else max(begun, calendar.add(due, -warning_span(limit))),
        stopped_since=stopped_since,
        provisional=calendar.touches_provisional(begun, due or today),
    )


@dataclass(frozen=True)
class LedgerDay:
    """One row of the day ledger (逐日台账). `kind`: day_zero | counted | stopped | rest.

    `holders` are the labels of the parts that make it count, or, when stopped, of those that wait.
    """

    day: date
    kind: str
    number: int | None
    holders: tuple[str, ...]
    reason: str
    ground: str
    provisional: bool


def ledger_days(runs: Sequence[Run], first: date, until: date, calendar: WorkCalendar) -> list[LedgerDay]:
    """Every day of a project from its acceptance to `until`.

    A stopped day names the ground of the pause that stops it, or WAITING_APPLICANT when nothing is with the
    government (domain.md section 1: land auction, design, tendering and building are not counted).
    """
    rows = [LedgerDay(first, "day_zero", 0, (), "day_zero", "", calendar.is_provisional(first))]
    number = 0
    merged = {run.label: merge_pauses(run.pauses) for run in runs}
    for day in every_day(first + ONE_DAY, until):
        open_runs = [run for run in runs if run.start < day and (run.end is None or day <= run.end)]
        running = tuple(run.label for run in open_runs if pause_on(day, merged[run.label]) is None)
        paused = [(run.label, pause) for run in open_runs if (pause := pause_on(day, merged[run.label])) is not None]
        provisional = calendar.is_provisional(day)
        if not calendar.is_working(day):
            holders = running or tuple(label for label, _pause in paused)
            rows.append(LedgerDay(day, "rest", None, holders, calendar.reason(day), "", provisional))
        elif running:
            number += 1
            rows.append(LedgerDay(day, "counted", number, running, calendar.reason(day), "", provisional))
        else:
            ground = paused[0][1].ground if paused else "WAITING_APPLICANT"
            holders = tuple(label for label, _pause in paused)
            rows.append(LedgerDay(day, "stopped", None, holders, "paused", ground, provisional))
    return rows
