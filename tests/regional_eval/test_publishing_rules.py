"""When a version ends because another begins. Pure."""

from __future__ import annotations

from datetime import date

import pytest

from regional_eval.rules.publishing import Interval, all_ended, cut_by, missing_fields

A, B, C = date(2026, 1, 1), date(2026, 6, 1), date(2028, 12, 31)


@pytest.mark.parametrize(
    ("earlier", "begins", "ends"),
    [
        (Interval(A, None), B, date(2026, 5, 31)),
        (Interval(A, C), B, date(2026, 5, 31)),
        (Interval(A, date(2026, 3, 1)), B, date(2026, 3, 1)),
        (Interval(B, None), A, B),
        (Interval(A, C), A, A),
    ],
)
def test_a_version_ends_the_day_before_its_successor(earlier: Interval, begins: date, ends: date) -> None:
    assert cut_by(earlier, begins) == Interval(earlier.begins, ends)


def test_the_last_day_counts() -> None:
    interval = Interval(A, C)
    assert interval.holds_on(A)
    assert interval.holds_on(C)
    assert not interval.is_over(C)
    assert interval.is_over(date(2029, 1, 1))
    assert not Interval(A, None).is_over(date(2099, 1, 1))


def test_what_is_missing_is_named() -> None:
    record = {"number": "1", "holder": "", "approval_document_no": "2", "approved_on": None, "valid_from": A}
    assert missing_fields(record) == ("holder", "approved_on")


def test_a_version_ends_with_its_last_assessment() -> None:
    assert all_ended(["expired", "revoked"])
    assert not all_ended(["expired", "published"])
    assert not all_ended([])
