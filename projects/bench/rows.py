"""The rows of `manage.py bench pipeline`: planning, forecasting, working days, the sweep, list pages."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from projects import domain
from projects.bench.ground import CITY, Rows, stored_rows
from projects.pipeline import graph
from projects.pipeline.forecast import forecast
from projects.pipeline.planner import make_plan
from projects.pipeline.template import Template, read_template
from projects.queries.calendar import bundled_calendar
from projects.workdays import WorkCalendar

PLAN_GOAL_MS = 1.0
FORECAST_GOAL = 20.0
WORKDAY_GOAL = 100.0
SWEEP_GOAL = 50.0
TEMPLATE = "GOV_BUILDING_40"

Row = dict[str, Any]


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    plans: int
    projects: int
    scalar: int
    dates: int
    peer_dates: int
    rows: int
    listed: int


QUICK = Size(plans=200, projects=100_000, scalar=2_000, dates=200_000, peer_dates=1_000, rows=250_000, listed=10_000)
FULL = Size(
    plans=2_000, projects=100_000, scalar=20_000, dates=1_000_000, peer_dates=5_000, rows=2_500_000, listed=100_000
)


def rows(*, quick: bool, say: Callable[[str], None]) -> list[Row]:
    """Measure and return the rows; `say` hears what is going on. The database is read and left as it was."""
    size = QUICK if quick else FULL
    template = read_template(domain.template(TEMPLATE))
    say(f"planning {len(template.items)} items")
    made = [plan_row(template, size)]
    say(f"forecasting {size.projects} projects")
    made.append(forecast_row(template, size))
    say("working days")
    made += workday_rows(size)
    say(f"preparing {size.rows} items of {size.listed} projects in tables that go with the session")
    with stored_rows(items=size.rows, projects=size.listed) as stored:
        say("sweeping")
        made += sweep_rows(stored)
        say("list pages")
        made.append(list_row(stored))
    return made


def timed(work: Callable[[], Any], times: int = 1) -> float:
    """Seconds of one call, the best of three rounds of `times` calls: other work on the machine only adds."""
    best = float("inf")
    for _round in range(3):
        begun = time.perf_counter()
        for _call in range(times):
            work()
        best = min(best, (time.perf_counter() - begun) / times)
    return best


def row(
    name: str, ours: float, *, unit: str, goal: float | None, met: bool | None, peer: float | None = None, **more: Any
) -> Row:
    """One row; the ratio says how many times faster ours is."""
    ratio = None if peer is None else round(peer / ours, 1) if ours else None
    return {"name": name, "ours": round(ours, 4), "peer": None if peer is None else round(peer, 4), "ratio": ratio,
            "unit": unit, "goal": goal, "met": met, **more}  # fmt: skip


def against(name: str, ours: float, peer: float, *, unit: str, goal: float, **more: Any) -> Row:
    """A row whose goal is the ratio."""
    return row(name, ours, unit=unit, goal=goal, met=peer / ours >= goal, peer=peer, **more)


def plan_row(template: Template, size: Size) -> Row:
    """One project of the largest template: conditions, handing on, critical path, slack, stages."""
    facts = domain.worst_case_facts()
    spent = timed(lambda: make_plan(template, facts), size.plans) * 1000
    name = f"plan of one project, {len(template.items)} items"
    return row(name, spent, unit="ms", goal=PLAN_GOAL_MS, met=spent < PLAN_GOAL_MS)


def forecast_row(template: Template, size: Size) -> Row:
    """All projects of one template on arrays against the scalar engine, both with earliest and latest times."""
    order = template.order
    usual = {item.code: item.days_on_clock for item in template.items}
    chance = np.random.default_rng(20261122)
    days = np.array([[usual[code]] for code in order]) * chance.integers(0, 2, (len(order), size.projects))
    together = timed(lambda: forecast(template, days))
    made = forecast(template, days)
    columns = [dict(zip(order, column, strict=True)) for column in days[:, : size.scalar].T.tolist()]
    ends: list[int] = []

    def one_by_one() -> None:
        ends[:] = [graph.schedule(template.prerequisites, column, order).total for column in columns]

    begun = time.perf_counter()
    one_by_one()
    alone = (time.perf_counter() - begun) / size.scalar * size.projects
    if ends != made.total[: size.scalar].tolist():
        raise RuntimeError("the two engines disagree")
    name = f"forecast of {size.projects:,} projects of {len(order)} items"
    note = f"peer: the scalar engine on {size.scalar:,} of them, scaled; both gave the same ends"
    return against(name, together, alone, unit="s", goal=FORECAST_GOAL, note=note)


def workday_rows(size: Size) -> list[Row]:
    """The n-th working day after a day: our table, one by one and as arrays, against walking with chinesecalendar."""
    calendar = bundled_calendar()
    chance = np.random.default_rng(7)
    offsets = chance.integers(0, 900, size.dates)
    numbers = chance.integers(1, 41, size.dates)
    first = date(2024, 1, 2)
    days = [first + timedelta(days=int(offset)) for offset in offsets]
    pairs = list(zip(days, numbers.tolist(), strict=True))
    ours = timed(lambda: [calendar.add(day, number) for day, number in pairs]) / size.dates * 1e6
    arrays = np.array(days, dtype="datetime64[D]")
    calendar.add_many(arrays[:1], numbers[:1])
    together = timed(lambda: calendar.add_many(arrays, numbers)) / size.dates * 1e6
    peer = walk_with_chinesecalendar(pairs[: size.peer_dates], calendar)
    name = "n-th working day, one by one"
    if peer is None:
        note = "peer not installed: chinesecalendar is a dev dependency"
        return [
            row(name, ours, unit="us", goal=None, met=None, note=note),
            row("n-th working day, arrays", together, unit="us", goal=None, met=None),
        ]
    return [
        against(name, ours, peer, unit="us", goal=WORKDAY_GOAL, note="peer: the chinesecalendar loop; same answers"),
        row("n-th working day, arrays", together, unit="us", goal=None, met=None, peer=peer),
    ]


def walk_with_chinesecalendar(pairs: list[tuple[date, int]], calendar: WorkCalendar) -> float | None:
    """Microseconds of one answer by asking the package day by day; None without the package. Answers must agree."""
    if find_spec("chinese_calendar") is None:
        return None
    is_workday = import_module("chinese_calendar").is_workday
    one = timedelta(days=1)
    answers = []
    begun = time.perf_counter()
    for day, number in pairs:
        left, cursor = number, day
        while left:
            cursor += one
            left -= is_workday(cursor)
        answers.append(cursor)
    spent = (time.perf_counter() - begun) / len(pairs) * 1e6
    if answers != [calendar.add(day, number) for day, number in pairs]:
        raise RuntimeError("chinesecalendar and our calendar disagree")
    return spent


def sweep_rows(stored: Rows) -> list[Row]:
    """What a minute's sweep reads by index against computing every open row's date in Python."""
    calendar = bundled_calendar()
    today = stored.today
    found: dict[str, int] = {}

    def by_index() -> None:
        found["ours"] = stored.due_since(today)

    ours = timed(by_index)
    begun = time.perf_counter()
    hits = 0
    looked_at = 0
    one = timedelta(days=1)
    for day_zero, limit in stored.open_rows():
        looked_at += 1
        left, due = limit, day_zero
        while left:
            due += one
            left -= calendar.is_working(due)
        hits += due == today
    peer = time.perf_counter() - begun
    if hits != found["ours"]:
        raise RuntimeError(f"the sweep found {found['ours']} rows, the walk {hits}")
    name = f"sweep of {stored.items:,} item rows, {hits:,} due today"
    note = f"peer: {looked_at:,} open rows fetched, each counted day by day; both found the same"
    return [against(name, ours, peer, unit="s", goal=SWEEP_GOAL, note=note)]


def list_row(stored: Rows) -> Row:
    """Queries of the project list at this many projects and at twenty."""
    many, seconds = stored.list_page(CITY)
    few, _seconds = stored.list_page(CITY + 1)
    name = f"queries of the project list at {stored.projects:,} projects"
    made = row(name, many, unit="queries", goal=float(few), met=many == few, note=f"{seconds * 1000:.0f} ms a page")
    return made | {"peer": few, "ratio": round(few / many, 1) if many else None}
