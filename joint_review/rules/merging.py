"""Near-duplicate opinions of several departments, and the numbered list of the merged notice (合并告知).

Two opinions of different departments are near-duplicates when they point at the same place and say the same: same
clause, or much the same words. The system proposes, the departments join as co-authors; it never merges words by
itself, and opinions that ask for different things stay apart. docs/algorithms/merge.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from joint_review.rules.contradictions import Demand, contradict
from joint_review.rules.geometry import Box, overlap

LIKE_PLACE = 0.3
LIKE_WORDS = 0.5


@dataclass(frozen=True)
class Draft:
    """What comparing needs of one opinion; `authors` are (department, discipline)."""

    key: str
    number: int
    cls: str
    clause: str | None
    text: str
    authors: frozenset[tuple[str, str | None]]
    sheet: str | None = None
    sheet_order: int = 0
    region: Box | None = None
    demand: Demand | None = None

    @property
    def departments(self) -> frozenset[str]:
        """The departments that stand behind it."""
        return frozenset(department for department, _ in self.authors)


@dataclass(frozen=True)
class NoticeItem:
    """One numbered entry of the notice; `near` are the numbers of entries so alike that one answer may serve."""

    number: int
    opinion: str
    departments: tuple[str, ...]
    near: tuple[int, ...]


def same_place(a: Draft, b: Draft) -> bool:
    """On the same sheet and overlapping, or both without a place."""
    if a.sheet != b.sheet:
        return False
    if a.region is None or b.region is None:
        return a.region is None and b.region is None
    return overlap(a.region, b.region) >= LIKE_PLACE


def likeness(a: str, b: str) -> float:
    """How alike two texts are, 0..1: shared pairs of neighbouring characters over all pairs (works for Chinese)."""
    first, second = pairs(a), pairs(b)
    if not first or not second:
        return 1.0 if normal(a) == normal(b) else 0.0
    return len(first & second) / len(first | second)


def normal(text: str) -> str:
    """Letters, digits and Chinese characters only, lower case: punctuation and spaces say nothing."""
    return "".join(character for character in text.lower() if character.isalnum())


def pairs(text: str) -> set[str]:
    """Neighbouring characters."""
    plain = normal(text)
    return {plain[index : index + 2] for index in range(len(plain) - 1)}


def near_duplicates(a: Draft, b: Draft) -> bool:
    """Do two departments say the same of the same place?

    Never between opinions that contradict each other, and never inside one task: a department edits its own.
    """
    if a.key == b.key or a.authors & b.authors or not same_place(a, b):
        return False
    if a.demand and b.demand and contradict(a.demand, b.demand):
        return False
    words = likeness(a.text, b.text)
    return words >= LIKE_WORDS or (a.clause is not None and a.clause == b.clause)


def duplicates_of(draft: Draft, others: Iterable[Draft]) -> tuple[str, ...]:
    """The keys of opinions that say the same already: join one as co-author (联合署名) instead."""
    return tuple(other.key for other in others if near_duplicates(draft, other))


def contradictions(opinions: Iterable[Draft]) -> tuple[tuple[str, str], ...]:
    """The pairs of opinions at one place that cannot both be met (意见冲突), each once."""
    listed = [item for item in opinions if item.demand is not None]
    return tuple(
        (a.key, b.key)
        for index, a in enumerate(listed)
        for b in listed[index + 1 :]
        if a.demand and b.demand and not a.authors & b.authors and same_place(a, b) and contradict(a.demand, b.demand)
    )


def notice_items(opinions: Iterable[Draft], class_order: Iterable[str]) -> tuple[NoticeItem, ...]:
    """The numbered list: by sheet, breaches before suggestions, then by the order in which they were raised.

    Opinions of no sheet come last. An opinion with co-authors is one entry of all its departments.
    """
    rank = {code: index for index, code in enumerate(class_order)}
    ordered = sorted(
        opinions,
        key=lambda item: (item.sheet is None, item.sheet_order, item.sheet or "", rank.get(item.cls, 99), item.number),
    )
    numbers = {item.key: index for index, item in enumerate(ordered, start=1)}
    return tuple(
        NoticeItem(
            number=numbers[item.key],
            opinion=item.key,
            departments=tuple(sorted(item.departments)),
            near=tuple(numbers[key] for key in duplicates_of(item, ordered)),
        )
        for item in ordered
    )
