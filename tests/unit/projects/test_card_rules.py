"""When a card's legal instant has come (clock_rules.lights; 电子监察)."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from ledger.errors import Refused, StateConflict
from projects.clock import SHANGHAI
from supervision.rules import (
    BY_CODE,
    check_appealing,
    check_explaining,
    check_withdrawing,
    last_day_reached,
    legal_instant,
    rule_names,
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("rule", "now", "day"),
    [
        # Yellow: as soon as the office opens on the warning day.
        ("ITEM_WARN", "2026-03-10T08:59:59", "2026-03-09"),
        ("ITEM_WARN", "2026-03-10T09:00", "2026-03-10"),
        # Red: at close of business of the due day (行政许可法第八十二条: the last day is the applicant's in full).
        ("ITEM_OVER", "2026-03-10T16:59:59", "2026-03-09"),
        ("ITEM_OVER", "2026-03-10T17:00", "2026-03-10"),
        ("STEP_OVER", "2026-03-10T17:00", "2026-03-10"),
        ("FILING_LAST_DAY", "2026-03-10T09:00", "2026-03-10"),
        # A day is told in Shanghai, whatever the zone of the instant.
        ("ITEM_OVER", "2026-03-11T00:00", "2026-03-10"),
    ],
)
def test_the_last_day_reached(rule: str, now: str, day: str) -> None:
    assert last_day_reached(BY_CODE[rule], at(now)) == date.fromisoformat(day)


def test_the_legal_instant_is_that_of_law_not_of_noticing() -> None:
    assert legal_instant(BY_CODE["ITEM_OVER"], date(2026, 3, 10)) == at("2026-03-10T17:00")
    assert legal_instant(BY_CODE["ITEM_WARN"], date(2026, 3, 10)) == at("2026-03-10T09:00")


def test_every_rule_has_words() -> None:
    assert set(rule_names()) == set(BY_CODE)


@pytest.mark.parametrize(
    ("check", "state", "text", "kind"),
    [
        (check_explaining, "issued", "短", Refused),
        (check_explaining, "explained", "人员休假，已补充人手", StateConflict),
        (check_appealing, "issued", "", Refused),
        (check_appealing, "appealed", "当日系统停机三小时", StateConflict),
        (check_withdrawing, "issued", "经查属实予以撤销", StateConflict),
        (check_withdrawing, "appealed", "好", Refused),
    ],
)
def test_what_a_card_refuses(check: object, state: str, text: str, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        check(state, text)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("check", "state"), [(check_explaining, "issued"), (check_appealing, "explained"), (check_withdrawing, "appealed")]
)
def test_what_a_card_takes(check: object, state: str) -> None:
    check(state, "经核查情况属实，已整改")  # type: ignore[operator]
