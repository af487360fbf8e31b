"""Working days: the State Council lists of 2024 to 2026, provisional years, and the table's arithmetic."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import Refused
from projects import domain
from projects.workdays import DayRule, build_calendar, rules_from_rows
from tests.unit.projects.calendars import bundled
from tests.unit.projects.slow_clock import works


@pytest.mark.parametrize(
    ("year", "count"),
    [
        (2024, 251),  # 国办发明电〔2023〕7号
        (2025, 248),  # 国办发明电〔2024〕12号: 13 statutory days from 2025
        (2026, 248),  # 国办发明电〔2025〕7号
        (2027, 248),  # no notice yet: weekends and statutory days with their 补假 only
    ],
)
def test_a_year_has_this_many_working_days(year: int, count: int) -> None:
    assert bundled().between(date(year - 1, 12, 31), date(year, 12, 31)) == count


@pytest.mark.parametrize(
    ("day", "working", "reason"),
    [
        ("2026-02-14", True, "adjusted_workday"),  # a Saturday worked for Spring Festival (调休)
        ("2026-02-16", False, "holiday"),
        ("2026-02-20", False, "in_lieu"),
        ("2026-02-21", False, "holiday"),
        ("2026-03-02", True, "workday"),
        ("2026-03-07", False, "weekend"),
        ("2026-10-10", True, "adjusted_workday"),
        ("2024-02-18", True, "adjusted_workday"),  # a Sunday
        ("2027-02-09", False, "observed"),  # 补假 by law, the notice may still move others
        ("2060-10-01", False, "statutory"),  # beyond the lunar table the solar holidays still hold
    ],
)
def test_a_day_and_its_reason(day: str, working: bool, reason: str) -> None:
    calendar = bundled()
    assert calendar.is_working(date.fromisoformat(day)) is working
    assert calendar.reason(date.fromisoformat(day)) == reason


def test_years_without_a_notice_are_provisional() -> None:
    calendar = bundled()
    assert not calendar.touches_provisional(date(2024, 1, 1), date(2026, 12, 31))
    assert calendar.touches_provisional(date(2026, 12, 31), date(2027, 1, 1))
    assert calendar.touches_provisional(date(2023, 12, 31), date(2024, 1, 1))


days = st.dates(date(2023, 1, 1), date(2030, 12, 31))
known_days = st.dates(date(2024, 1, 1), date(2030, 12, 31))


@given(days, st.integers(-400, 400))
def test_adding_and_counting_agree(day: date, number: int) -> None:
    calendar = bundled()
    there = calendar.add(day, number)
    assert calendar.is_working(there)
    assert calendar.between(day, there) == number


@given(known_days, known_days)
def test_counting_equals_walking(one: date, other: date) -> None:
    first, last = min(one, other), max(one, other)
    walked = sum(works(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))
    assert bundled().between(first, last) == walked


@given(st.lists(st.tuples(days, st.integers(0, 300)), min_size=1, max_size=30))
def test_the_arrays_say_the_same(cases: list[tuple[date, int]]) -> None:
    calendar = bundled()
    found = calendar.add_many(np.array([day for day, _n in cases], dtype="datetime64[D]"), [n for _d, n in cases])
    assert [day.item() for day in found] == [calendar.add(day, number) for day, number in cases]


def test_a_district_may_close_its_office_on_a_day_of_its_own() -> None:
    local = DayRule(date(2026, 3, 4), working=False, name_zh="区庆", name_en="District day", reason="local")
    rules = rules_from_rows(domain.calendar_rows())
    calendar = build_calendar(rules, {2024, 2025, 2026}, domain.statutory_rows(), [local])
    assert calendar.add(date(2026, 3, 3), 1) == date(2026, 3, 5)
    assert calendar.version != bundled().version


def test_the_version_is_the_content() -> None:
    again = build_calendar(rules_from_rows(domain.calendar_rows()), {2024, 2025, 2026}, domain.statutory_rows())
    assert again.version == bundled().version


@pytest.mark.parametrize("day", [date(1999, 12, 31), date(2100, 1, 1)])
def test_a_date_outside_the_table_is_refused(day: date) -> None:
    with pytest.raises(Refused) as refusal:
        bundled().is_working(day)
    assert refusal.value.code == "date_out_of_range"


@pytest.mark.parametrize(
    "row",
    [
        {"date": "2026-13-01", "kind": "OFF"},
        {"date": "1 October", "kind": "OFF"},
        {"kind": "OFF"},
        {"date": "2026-10-01", "kind": "HOLIDAY"},
    ],
)
def test_a_bad_calendar_row_is_refused_by_its_line(row: dict[str, str]) -> None:
    with pytest.raises(Refused) as refusal:
        rules_from_rows([row])
    assert refusal.value.code == "calendar_row"
    assert "2" in refusal.value.message


def test_every_day_of_the_published_years_is_as_chinesecalendar_has_it() -> None:
    """An independent list of the same notices; a dev dependency, never imported by the product."""
    import chinese_calendar

    day = date(2024, 1, 1)
    while day <= date(2026, 12, 31):
        assert bundled().is_working(day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)
    # A year without a notice: the package knows nothing and raises, ours answers and says that it is provisional.
    with pytest.raises(NotImplementedError):
        chinese_calendar.is_workday(date(2027, 1, 4))
    assert bundled().is_provisional(date(2027, 1, 4))
