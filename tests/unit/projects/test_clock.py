"""The legal clock: the vectors of domain/clock_rules.yaml, the boundaries, and a slow oracle."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import Refused
from projects import domain
from projects.clock import (
    SHANGHAI,
    Light,
    Pause,
    Run,
    Unit,
    cap_pauses,
    count_deadline,
    count_whole,
    days_of_clock,
    ledger_days,
    legal_day,
    light_on,
    merge_pauses,
    parse_instant,
    running_spans,
)
from tests.unit.projects.calendars import bundled
from tests.unit.projects.slow_clock import slow_day_zero, slow_due, works

VECTORS = domain.read("clock_rules")["test_vectors"]
ZONES = ["UTC", "Asia/Shanghai", "America/New_York", "Pacific/Apia"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: f"{v['accepted_at']}+{v['limit']}")
def test_the_vectors_of_the_clock_rules(vector: dict[str, object]) -> None:
    """domain/clock_rules.yaml test_vectors; 行政许可法第八十二条 (working days, without holidays)."""
    pauses = [Pause(date.fromisoformat(str(a)), date.fromisoformat(str(b))) for a, b in vector["pauses"]]  # type: ignore[attr-defined]
    zero = legal_day(parse_instant(str(vector["accepted_at"]).replace(" ", "T")), bundled())
    made = count_deadline(zero, int(str(vector["limit"])), bundled(), pauses=pauses)
    assert (str(made.due_on), str(made.warn_on)) == (vector["due"], str(vector["warn_on"]))


def test_there_are_fifteen_vectors() -> None:
    assert len(VECTORS) == 15


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-03-02T00:00", "2026-03-02"),  # before the window opens it is still that day's business
        ("2026-03-02T16:59:59.999999", "2026-03-02"),
        ("2026-03-02T17:00:00", "2026-03-03"),  # at close of business: the next working day
        ("2026-02-13T17:00", "2026-02-14"),  # a Friday evening, and Saturday is an adjusted workday
        ("2026-02-21T10:00", "2026-02-24"),  # inside the Spring Festival
        ("2026-03-02T08:30:00+00:00", "2026-03-02"),  # 16:30 in Shanghai
        ("2026-03-02T09:00:00+00:00", "2026-03-03"),  # 17:00 in Shanghai
        ("2026-03-01T16:30:00+00:00", "2026-03-02"),  # Sunday in UTC, Monday 00:30 in Shanghai
        ("2026-03-02T23:30:00-10:00", "2026-03-04"),  # 17:30 on the 3rd in Shanghai
    ],
)
def test_the_legal_day_of_an_instant(at: str, day: str) -> None:
    """clock_rules.counting.rest_day_rule and business_hours."""
    assert legal_day(parse_instant(at), bundled()).isoformat() == day


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        legal_day(datetime(2026, 3, 2, 10, 0), bundled())  # noqa: DTZ001 - that is the point
    assert refusal.value.code == "naive_instant"


@pytest.mark.parametrize(
    ("zero", "limit", "pauses", "due"),
    [
        # 环境影响评价法第二十二条: 30 calendar days; the last is a Saturday and moves to Monday.
        ("2026-03-05", 30, [], "2026-04-07"),
        # 建筑法第八条: 7 calendar days over the National Day week.
        ("2026-09-28", 7, [], "2026-10-08"),
        ("2026-03-02", 7, [], "2026-03-09"),
        # A pause takes calendar days out, too.
        ("2026-03-02", 7, [("2026-03-04", "2026-03-05")], "2026-03-11"),
        # The day it would move to lies in a pause: after the pause.
        ("2026-03-02", 5, [("2026-03-09", "2026-03-10")], "2026-03-11"),
    ],
)
def test_calendar_day_limits(zero: str, limit: int, pauses: list[tuple[str, str]], due: str) -> None:
    made = count_deadline(
        date.fromisoformat(zero),
        limit,
        bundled(),
        unit=Unit.CALENDAR_DAY,
        pauses=[Pause(date.fromisoformat(a), date.fromisoformat(b)) for a, b in pauses],
    )
    assert str(made.due_on) == due


def test_an_open_pause_leaves_the_rest_and_no_due_date() -> None:
    """The remaining days are kept at the stop, never a moved date only."""
    made = count_deadline(date(2026, 3, 2), 10, bundled(), pauses=[Pause(date(2026, 3, 9))])
    assert (made.due_on, made.warn_on, made.remaining) == (None, None, 6)


def test_an_open_pause_that_begins_after_the_end_changes_nothing() -> None:
    made = count_deadline(date(2026, 3, 2), 3, bundled(), pauses=[Pause(date(2026, 3, 9))])
    assert made.due_on == date(2026, 3, 5)


def test_a_due_date_in_a_year_without_notice_is_provisional() -> None:
    """domain.md section 6: a 40-day case accepted on 2026-11-23 has 12 days left on 2027-01-01."""
    made = count_deadline(date(2026, 11, 23), 40, bundled())
    assert made.provisional
    assert made.due_on == date(2027, 1, 19)
    assert bundled().between(date(2026, 12, 31), date(2027, 1, 19)) == 12


@pytest.mark.parametrize(("limit", "code"), [(-1, "negative_limit"), (100_000, "limit_too_long")])
def test_an_impossible_limit_is_refused(limit: int, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        count_deadline(date(2026, 3, 2), limit, bundled())
    assert refusal.value.code == code


def test_a_pause_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        count_deadline(date(2026, 3, 2), 5, bundled(), pauses=[Pause(date(2026, 3, 9), date(2026, 3, 8))])
    assert refusal.value.code == "pause_order"


def test_overlapping_and_touching_pauses_are_merged() -> None:
    """clock_rules.pause_rules: overlapping pauses are merged before counting."""
    pauses = [
        Pause(date(2026, 3, 11), date(2026, 3, 20), "B"),
        Pause(date(2026, 3, 9), date(2026, 3, 13), "A"),
        Pause(date(2026, 3, 21), None, "C"),
        Pause(date(2026, 5, 1), date(2026, 5, 2), "D"),
    ]
    assert merge_pauses(pauses) == [Pause(date(2026, 3, 9), None, "A")]


def test_a_capped_ground_lets_the_clock_run_again() -> None:
    """clock_rules.pauses: EXPERT_REVIEW at most 30 working days, in total per kind."""
    pauses = [
        Pause(date(2026, 3, 3), date(2026, 3, 6), "HEARING"),
        Pause(date(2026, 3, 16), None, "HEARING"),
        Pause(date(2026, 3, 10), date(2026, 3, 11), "TESTING"),
    ]
    capped = cap_pauses(pauses, {"HEARING": 6}, bundled())
    assert capped == [
        Pause(date(2026, 3, 3), date(2026, 3, 6), "HEARING"),
        Pause(date(2026, 3, 10), date(2026, 3, 11), "TESTING"),
        Pause(date(2026, 3, 16), date(2026, 3, 17), "HEARING"),
    ]


def test_every_day_is_explained() -> None:
    made = count_deadline(date(2026, 2, 12), 3, bundled(), pauses=[Pause(date(2026, 2, 14), date(2026, 2, 14), "X")])
    assert made.due_on == date(2026, 2, 25)
    days = days_of_clock(made, made.due_on, bundled(), pauses=[Pause(date(2026, 2, 14), date(2026, 2, 14), "X")])
    said = {day.day.isoformat(): (day.counted, day.reason) for day in days}
    assert said["2026-02-12"] == (False, "day_zero")
    assert said["2026-02-13"] == (True, "workday")
    assert said["2026-02-14"] == (False, "paused")
    assert said["2026-02-17"] == (False, "holiday")
    assert said["2026-02-25"] == (True, "workday")
    assert sum(day.counted for day in days) == 3


@pytest.mark.parametrize(
    ("day", "light"),
    [
        ("2026-03-09", Light.GREEN),
        ("2026-03-12", Light.YELLOW),
        ("2026-03-16", Light.ORANGE),
        ("2026-03-17", Light.RED),
    ],
)
def test_the_lights(day: str, light: Light) -> None:
    """clock_rules.lights for a limit of 10 from 2026-03-02."""
    made = count_deadline(date(2026, 3, 2), 10, bundled())
    assert (str(made.due_on), str(made.warn_on)) == ("2026-03-16", "2026-03-12")
    assert light_on(date.fromisoformat(day), made.due_on, made.warn_on) is light


@pytest.fixture(params=ZONES)
def host_zone(request: pytest.FixtureRequest) -> Iterator[str]:
    """The machine's own zone must not matter (promises R8)."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield request.param
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


instants = st.datetimes(
    datetime(2024, 1, 2),  # noqa: DTZ001 - hypothesis adds the zones
    datetime(2026, 10, 1),  # noqa: DTZ001
    timezones=st.sampled_from([ZoneInfo(z) for z in ZONES]),
)


@st.composite
def pause_lists(draw: st.DrawFn) -> list[tuple[date, date]]:
    starts = draw(st.lists(st.integers(-10, 120), max_size=3))
    lengths = draw(st.lists(st.integers(0, 30), min_size=len(starts), max_size=len(starts)))
    base = date(2000, 1, 1)
    return [(base + timedelta(days=s), base + timedelta(days=s + n)) for s, n in zip(starts, lengths, strict=True)]


def check_against_walking(instant: datetime, limit: int, shape: list[tuple[date, date]], unit: Unit) -> None:
    calendar = bundled()
    zero = legal_day(instant, calendar)
    assert zero == slow_day_zero(instant)
    shift = zero - date(2000, 1, 1)
    pauses = [(first + shift, last + shift) for first, last in shape]
    made = count_deadline(zero, limit, calendar, unit=unit, pauses=[Pause(*pause) for pause in pauses])
    assert (made.due_on, made.warn_on) == slow_due(instant, limit, pauses, unit.value)


CASES = int(os.environ.get("LIANSHEN_CLOCK_CASES", "500"))


@settings(max_examples=CASES, deadline=None)
@given(instants, st.integers(0, 60), pause_lists(), st.sampled_from(list(Unit)))
def test_the_clock_equals_walking_day_by_day(
    instant: datetime, limit: int, shape: list[tuple[date, date]], unit: Unit
) -> None:
    """promises R8. 500 cases here and in each of the four host zones below; LIANSHEN_CLOCK_CASES raises it."""
    check_against_walking(instant, limit, shape, unit)


def test_the_clock_equals_walking_in_this_host_zone(host_zone: str) -> None:
    @settings(max_examples=CASES, deadline=None)
    @given(instants, st.integers(0, 60), pause_lists(), st.sampled_from(list(Unit)))
    def check(instant: datetime, limit: int, shape: list[tuple[date, date]], unit: Unit) -> None:
        check_against_walking(instant, limit, shape, unit)

    check()


# The clock of a whole project


def run(label: str, start: str, end: str | None, *pauses: tuple[str, str | None]) -> Run:
    stops = tuple(Pause(date.fromisoformat(a), date.fromisoformat(b) if b else None, "G") for a, b in pauses)
    return Run(label, date.fromisoformat(start), date.fromisoformat(end) if end else None, stops)


def test_parts_that_follow_each_other_leave_no_gap() -> None:
    runs = [run("A", "2026-03-02", "2026-03-04"), run("B", "2026-03-04", "2026-03-09")]
    whole = count_whole(runs, 40, bundled(), date(2026, 3, 20))
    assert (whole.used, whole.remaining, whole.stopped_since) == (5, 35, date(2026, 3, 10))
    assert whole.due_on is None


def test_parallel_parts_count_a_day_once() -> None:
    runs = [run("A", "2026-03-02", None), run("B", "2026-03-02", None, ("2026-03-04", None))]
    whole = count_whole(runs, 10, bundled(), date(2026, 3, 6))
    assert (whole.used, whole.due_on, whole.stopped_since) == (4, date(2026, 3, 16), None)
    assert whole.warn_on == date(2026, 3, 12)


def test_the_whole_stops_only_when_every_part_stands_still() -> None:
    runs = [run("A", "2026-03-02", None, ("2026-03-05", None)), run("B", "2026-03-02", "2026-03-09")]
    whole = count_whole(runs, 10, bundled(), date(2026, 3, 12))
    assert (whole.used, whole.due_on, whole.stopped_since) == (5, None, date(2026, 3, 10))


def test_a_capped_stop_is_a_stop_with_a_known_end() -> None:
    whole = count_whole([run("A", "2026-03-02", None, ("2026-03-04", "2026-03-10"))], 5, bundled(), date(2026, 3, 5))
    assert (whole.used, whole.stopped_since, whole.due_on) == (1, date(2026, 3, 4), date(2026, 3, 16))


def test_a_part_that_begins_tomorrow_is_no_stop() -> None:
    whole = count_whole([run("A", "2026-03-03", None)], 5, bundled(), date(2026, 3, 2))
    assert (whole.used, whole.stopped_since, whole.due_on) == (0, None, date(2026, 3, 10))


def test_the_applicants_time_is_not_counted() -> None:
    """domain.md section 1: land auction, design, tendering and building are outside the 40 days."""
    runs = [run("A", "2026-03-02", "2026-03-04"), run("B", "2026-04-01", None)]
    whole = count_whole(runs, 5, bundled(), date(2026, 4, 2))
    assert whole.used == 3
    assert whole.due_on == date(2026, 4, 7)
    assert whole.stopped_since is None


def test_a_whole_that_is_over_time_keeps_its_due_date() -> None:
    whole = count_whole([run("A", "2026-03-02", None)], 3, bundled(), date(2026, 3, 20))
    assert (whole.due_on, whole.used, whole.remaining) == (date(2026, 3, 5), 14, 0)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 60),
            st.none() | st.integers(0, 40),
            st.none() | st.tuples(st.integers(0, 40), st.integers(0, 20)),
        ),
        min_size=1,
        max_size=6,
    ),
    st.integers(1, 40),
    st.integers(0, 80),
)
def test_the_whole_equals_walking(
    shapes: list[tuple[int, int | None, tuple[int, int] | None]], limit: int, later: int
) -> None:
    base = date(2026, 3, 2)
    runs = []
    for number, (start, length, pause) in enumerate(shapes):
        begin = base + timedelta(days=start)
        stops = (Pause(begin + timedelta(days=pause[0]), begin + timedelta(days=sum(pause)), "G"),) if pause else ()
        runs.append(Run(str(number), begin, None if length is None else begin + timedelta(days=length), stops))
    today = base + timedelta(days=later)
    whole = count_whole(runs, limit, bundled(), today)
    counted = []
    day = base
    while day < today + timedelta(days=400) and len(counted) < limit + 200:
        day += timedelta(days=1)
        if works(day) and any(item.is_running_on(day) for item in runs):
            counted.append(day)
    assert whole.used == sum(day <= today for day in counted)
    assert whole.due_on == (counted[limit - 1] if len(counted) >= limit else None)


def test_the_day_ledger_names_who_held_each_day() -> None:
    runs = [
        run("A", "2026-03-02", "2026-03-04"),
        run("B", "2026-03-04", None, ("2026-03-06", "2026-03-10")),
    ]
    rows = ledger_days(runs, date(2026, 3, 2), date(2026, 3, 12), bundled())
    said = {row.day.isoformat(): (row.kind, row.number, row.holders, row.ground) for row in rows}
    assert said["2026-03-02"] == ("day_zero", 0, (), "")
    assert said["2026-03-04"] == ("counted", 2, ("A",), "")
    assert said["2026-03-05"] == ("counted", 3, ("B",), "")
    assert said["2026-03-06"] == ("stopped", None, ("B",), "G")
    assert said["2026-03-07"] == ("rest", None, ("B",), "")
    assert said["2026-03-11"] == ("counted", 4, ("B",), "")
    assert [row.number for row in rows if row.kind == "counted"] == [1, 2, 3, 4, 5]
    whole = count_whole(runs, 40, bundled(), date(2026, 3, 12))
    assert whole.used == 5


def test_a_day_that_nobody_holds_waits_for_the_applicant() -> None:
    rows = ledger_days([run("A", "2026-03-02", "2026-03-03")], date(2026, 3, 2), date(2026, 3, 5), bundled())
    assert [(row.kind, row.ground) for row in rows[2:]] == [("stopped", "WAITING_APPLICANT")] * 2


def test_spans_are_merged_and_clipped() -> None:
    runs = [run("A", "2026-03-02", "2026-03-04"), run("B", "2026-03-03", None, ("2026-03-09", None))]
    assert running_spans(runs, date(2026, 3, 20)) == [(date(2026, 3, 3), date(2026, 3, 8))]


def test_close_of_business_is_five_in_shanghai() -> None:
    from projects.clock import close_of_business

    assert close_of_business(date(2026, 3, 2)) == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert close_of_business(date(2026, 3, 2)).astimezone(SHANGHAI).hour == 17
