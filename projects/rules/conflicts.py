"""What becomes of conflicts from one check to the next, and of contradictions when their owners answer. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# What makes a conflict this conflict: found again with all of them the same, it is the same one.
IDENTITY = ("layer", "layer_id", "feature", "kind", "severity", "area_m2", "geometry", "reasons")
STAND, AMEND, NO_CONTRADICTION = "stand", "amend", "no_contradiction"


def digest_of(content: object) -> str:
    """SHA-256 of anything JSON-able, whatever the order of its keys."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def conflict_digest(conflict: Mapping[str, Any]) -> str:
    """The identity of a conflict as the engine answers it (`Conflict.as_json`)."""
    return digest_of({name: conflict.get(name) for name in IDENTITY})


@dataclass(frozen=True)
class Change:
    """Digests that came with a check, went with it, and stayed."""

    came: frozenset[str]
    went: frozenset[str]
    stayed: frozenset[str]


def compare_checks(live: Iterable[str], found: Iterable[str]) -> Change:
    """The conflicts that stood before against those that were found now."""
    before, now = frozenset(live), frozenset(found)
    return Change(now - before, before - now, before & now)


def outcome_of(owners: Iterable[str], answers: Mapping[str, str]) -> str | None:
    """What the owners' answers make of a contradiction; None while one is missing.

    One that amends its plan settles it (agreed); all that see none dismiss it; otherwise both stand by their plans and
    the government above them decides (提请本级人民政府协调).
    """
    positions = [answers.get(owner) for owner in owners]
    if None in positions:
        return None
    if AMEND in positions:
        return "agreed"
    return "dismissed" if set(positions) == {NO_CONTRADICTION} else "referred"
