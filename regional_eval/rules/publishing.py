"""What a version must hold before it is published (发布条件), and what is published takes the place of. Pure.

An approved regional assessment is known by its number and approval document (批复文号); a record without them could not
be shown to anybody who asks on what a reuse rests. Basis: domain/assessment_kinds.yaml `record_fields`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

# Fields of an assessment that publication needs; "not needed here" is found by the approving department, too.
NEEDED = ("number", "holder", "approval_document_no", "approved_on", "valid_from")
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Interval:
    """From the first day to the last; None: no end is set."""

    begins: date
    ends: date | None

    def holds_on(self, day: date) -> bool:
        """Is it in force on this day?"""
        return self.begins <= day and (self.ends is None or day <= self.ends)

    def is_over(self, day: date) -> bool:
        """Is its last day past?"""
        return self.ends is not None and self.ends < day


def missing_fields(record: Mapping[str, object]) -> tuple[str, ...]:
    """The needed fields that are empty."""
    return tuple(name for name in NEEDED if record.get(name) in (None, ""))


def cut_by(earlier: Interval, begins: date) -> Interval:
    """The interval of a version whose successor begins on `begins`: it ends the day before.

    A successor that begins no later than the version itself leaves it its first day, so that what was decided on that
    day can still be explained.
    """
    last = max(begins - DAY, earlier.begins)
    return Interval(earlier.begins, last if earlier.ends is None else min(earlier.ends, last))


def all_ended(states: Iterable[str]) -> bool:
    """Has every assessment of a layer version come to its end?"""
    found = list(states)
    return bool(found) and all(state in {"expired", "revoked"} for state in found)
