"""What becomes of conflicts from one check to the next, and of contradictions when their owners answer. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ledger.errors import Refused
from projects.words import _

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


# Items that no project passes while a plan forbids its land: "project generation cannot pass" (plan_layers.yaml), and
# the permissions that must agree with the plan (城乡规划法第三十六条、第三十八条、第四十条).
BARRED_BY_PLANS = frozenset({"PL-GEN", "NR-PRE", "NR-LUP", "NR-CEP", "NR-CEC"})
BLOCKING = "BLOCKING"


def is_barred(severity: str, digest: str, overridden: Collection[str]) -> bool:
    """Does this conflict of today bar a decision? One on which its owner has given a finding does not."""
    return severity == BLOCKING and digest not in overridden


def check_not_barred(item_name: str, layers: Collection[str]) -> None:
    """No decision in favour while a plan forbids the land and its owner has not found otherwise (规划冲突否决)."""
    if layers:
        raise Refused(
            "blocking_conflict",
            _("“%(name)s”现在不能批准：用地红线与%(layers)s冲突，属于否决情形。")
            % {"name": item_name, "layers": _("、").join(layers)},
            next_step=_(
                "请企业调整红线避开冲突；确属图层有误、已依法批准或者附条件同意的，由图层主管部门在项目的“规划核查”页作出认定并写明理由。"
            ),
        )
