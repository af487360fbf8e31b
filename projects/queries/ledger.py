"""The day ledger (逐日台账): every day of a project, computed from what is on record, for now or any past moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.utils.translation import get_language

from accounts.legal_day import SHANGHAI
from accounts.queries import departments
from ledger.clock_now import now
from ledger.errors import NotFound
from projects import domain
from projects.clock import LedgerDay, Pause, Run, cap_pauses, ledger_days, legal_day
from projects.models import ClockPause, DayContest, ItemCase, Project
from projects.pipeline.planner import Need
from projects.queries.calendar import calendar_for
from projects.words import _
from projects.workdays import WorkCalendar

WAITING_APPLICANT = "WAITING_APPLICANT"


@dataclass(frozen=True)
class Holder:
    """Who held a day: the item and its department."""

    item_id: UUID
    code: str
    name: str
    department_code: str


@dataclass(frozen=True)
class DayRow:
    """One day of the ledger, ready to be shown: `kind` day_zero | counted | stopped | rest."""

    day: date
    kind: str
    number: int | None
    holders: tuple[Holder, ...]
    why: str
    ground: str
    basis: str
    evidence: str
    calendar_version: str
    is_provisional: bool
    contest: DayContest | None


@dataclass(frozen=True)
class Ledger:
    """The ledger of one project as it was known at `at`."""

    project_id: UUID
    at: datetime
    rows: tuple[DayRow, ...]
    counted: int
    stopped: int
    rest: int


def day_ledger(project_id: UUID, *, at: datetime | None = None) -> Ledger:
    """Every day from acceptance until today, the end, or the past moment `at`; four queries whatever the length.

    Computed from the instants on record, so a past moment shows what was known then: later acts are left out and the
    calendar is the one in force at that moment.
    """
    project = Project.objects.filter(pk=project_id).first()
    if project is None:
        raise NotFound
    moment = at or now()
    if project.day_zero is None or project.accepted_at is None or project.accepted_at > moment:
        return Ledger(project_id, moment, (), 0, 0, 0)
    calendar = calendar_for(project.district_id, at=at)
    items = list(project.items.order_by("position"))
    pauses = [row for row in project.pauses.order_by("starts_on") if row.started_at <= moment]
    runs = runs_as_of(items, pauses, moment, calendar)
    until = last_day(project, moment, calendar)
    days = ledger_days(runs, project.day_zero, until, calendar)
    contests = {row.day: row for row in project.contests.order_by("made_at") if row.made_at <= moment}
    by_code = {item.code: item for item in items}
    rows = tuple(show_day(day, by_code, pauses, calendar, contests.get(day.day)) for day in days)
    return Ledger(
        project_id=project_id,
        at=moment,
        rows=rows,
        counted=sum(row.kind == "counted" for row in rows),
        stopped=sum(row.kind == "stopped" for row in rows),
        rest=sum(row.kind == "rest" for row in rows),
    )


def last_day(project: Project, moment: datetime, calendar: WorkCalendar) -> date:
    """Today, or the legal day on which the project ended."""
    today = max(moment.astimezone(SHANGHAI).date(), project.day_zero or date.min)
    if project.ended_at is not None and project.ended_at <= moment:
        return min(today, legal_day(project.ended_at, calendar))
    return today


def runs_as_of(
    items: Iterable[ItemCase], pauses: Iterable[ClockPause], moment: datetime, calendar: WorkCalendar
) -> list[Run]:
    """What was in the government's hands, as far as it was known at the moment."""
    runs = []
    for item in items:
        known = item.ready_at is not None and item.ready_at <= moment and item.day_zero is not None
        if not known or not item.counts or item.is_by_applicant or not Need(item.need).is_run:
            continue
        decided = item.decided_on if item.decided_at is not None and item.decided_at <= moment else None
        spans = []
        for row in pauses:
            if row.item_id not in {None, item.pk}:
                continue
            last = row.ends_on if row.ended_at is not None and row.ended_at <= moment else None
            if last is None or last >= row.starts_on:
                spans.append(Pause(row.starts_on, last, row.ground))
        if item.day_zero is not None:
            runs.append(Run(item.code, item.day_zero, decided, tuple(cap_pauses(spans, pause_caps(), calendar))))
    return runs


def pause_caps() -> Mapping[str, int | None]:
    """Ground -> at most so many working days in all."""
    return {code: rule["cap_working_days"] for code, rule in ground_rules().items()}


@cache
def ground_rules() -> Mapping[str, Mapping[str, Any]]:
    """The legal grounds by code (clock_rules.pauses)."""
    return {rule["code"]: rule for rule in domain.read("clock_rules")["pauses"]}


def ground_name(ground: str) -> str:
    """A ground in the reader's words."""
    if ground == WAITING_APPLICANT:
        return _("等待企业办理")
    rule = ground_rules().get(ground)
    if rule is None:
        return ground

    return str(rule["en"] if (get_language() or "").startswith("en") else rule["zh"])


def show_day(
    day: LedgerDay,
    items: Mapping[str, ItemCase],
    pauses: Iterable[ClockPause],
    calendar: WorkCalendar,
    contest: DayContest | None,
) -> DayRow:
    """One computed day with the words, the basis and the proof behind it."""
    holders = tuple(Holder(items[code].pk, code, items[code].name, items[code].department_code) for code in day.holders)
    stop = stop_on(day, items, pauses) if day.kind == "stopped" else None
    basis = stop.basis if stop else _("只计政府办理时间，企业办理时间不计入") if day.kind == "stopped" else ""
    return DayRow(
        day=day.day,
        kind=day.kind,
        number=day.number,
        holders=holders,
        why=why_of(day, calendar),
        ground=day.ground,
        basis=basis,
        evidence=stop.evidence if stop else "",
        calendar_version=calendar.version,
        is_provisional=day.provisional,
        contest=contest,
    )


def stop_on(day: LedgerDay, items: Mapping[str, ItemCase], pauses: Iterable[ClockPause]) -> ClockPause | None:
    """The stop behind a stopped day."""
    held = {items[code].pk for code in day.holders}
    for row in pauses:
        concerns = row.item_id is None or row.item_id in held
        if concerns and row.starts_on <= day.day and (row.ends_on is None or day.day <= row.ends_on):
            return row
    return None


def why_of(day: LedgerDay, calendar: WorkCalendar) -> str:
    """The reason in plain words."""
    if day.kind == "day_zero":
        return _("受理日，不计入")
    if day.kind == "stopped":
        return _("停止计时：%(ground)s") % {"ground": ground_name(day.ground)}
    return reason_in_words(day.day, calendar)


def reason_in_words(day: date, calendar: WorkCalendar) -> str:
    """Why the calendar counts a day or does not."""

    rule = calendar.rule_of(day)
    name = ""
    if rule is not None:
        name = rule.name_en if (get_language() or "").startswith("en") else rule.name_zh
    words = {
        "workday": _("工作日"),
        "weekend": _("周末"),
        "holiday": _("%(name)s假期"),
        "in_lieu": _("%(name)s调休放假"),
        "statutory": _("%(name)s（预计）"),
        "observed": _("%(name)s补假（预计）"),
        "adjusted_workday": _("%(name)s调休上班，计为工作日"),
        "local": _("本地规定：%(name)s"),
    }
    text = words.get(calendar.reason(day), calendar.reason(day))
    return text % {"name": name} if "%(name)s" in text else text


def day_of(project: Project, day: date) -> dict[str, Any] | None:
    """One day as it stands now, as plain data (kept with an objection)."""
    row = next((row for row in day_ledger(project.pk).rows if row.day == day), None)
    if row is None:
        return None
    return {
        "day": row.day.isoformat(),
        "kind": row.kind,
        "number": row.number,
        "holders": [{"code": holder.code, "department": holder.department_code} for holder in row.holders],
        "why": row.why,
        "ground": row.ground,
        "basis": row.basis,
        "calendar_version": row.calendar_version,
    }


def week_rows(ledger: Ledger) -> list[list[DayRow | None]]:
    """The days in weeks from Monday, blanks before the first: for the day grid."""
    if not ledger.rows:
        return []
    cells: list[DayRow | None] = [None] * ledger.rows[0].day.weekday()
    cells += ledger.rows
    cells += [None] * (-len(cells) % 7)
    return [cells[place : place + 7] for place in range(0, len(cells), 7)]


def contests_of(project_id: UUID) -> list[DayContest]:
    """Objections to days of a project, the open ones first, then the newest."""
    rows = DayContest.objects.filter(project_id=project_id).select_related("made_by", "answered_by")
    return sorted(rows, key=lambda row: (row.state != DayContest.State.OPEN, -row.made_at.timestamp()))


def holders_in_words(row: DayRow, names: Mapping[str, str]) -> str:
    """Who held the day: departments with their items, at most three by name."""
    said = [
        _("%(who)s：%(what)s") % {"who": names.get(holder.department_code, ""), "what": holder.name}
        for holder in row.holders[:3]
    ]
    if len(row.holders) > 3:
        said.append(_("等 %(n)s 项") % {"n": len(row.holders)})
    return _("；").join(said)


def department_names(district_id: int) -> dict[str, str]:
    """Department code -> short name in the reader's language."""
    english = (get_language() or "").startswith("en")
    return {row.code: row.name_en if english else row.short_name for row in departments(district_id)}
