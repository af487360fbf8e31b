"""Does what a paper certifies still hold (重新核对)? Rooms above know; this room only asks, and shows the answer to anybody.

A room registers one function per kind of paper. It is asked on request only, since it may compute for some milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Holding:
    """The answer for the public page: nothing of the project but what the holder of the paper has before him."""

    holds: bool
    title: str
    reasons: tuple[str, ...]
    # Label and text.
    facts: tuple[tuple[str, str], ...] = ()


Asked = Callable[[UUID], Holding | None]
_asked: dict[str, Asked] = {}


def register_holding(kind: str, ask: Asked) -> None:
    """Ask this of papers of that kind, by their id; None: nothing to say of it."""
    _asked[kind] = ask


def can_be_asked(kind: str) -> bool:
    """Does any room know whether papers of this kind still hold?"""
    return kind in _asked


def holding_of(kind: str, paper_id: UUID) -> Holding | None:
    """Compute it now."""
    ask = _asked.get(kind)
    return ask(paper_id) if ask else None
