"""The kinds of regional assessment as the rules need them (区域评估类别; assessment_kinds.yaml). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

YUAN_OF_WAN = 10_000


@dataclass(frozen=True)
class AssessmentKind:
    """One kind. `replaces`: the item, or MATERIAL:code, that a reuse stands in for.

    The typical savings are orders of magnitude; the kind's own validity, limits and exceptions are proposals for a
    record: what an approved assessment says decides (domain.md section 2).
    """

    code: str
    name_zh: str
    name_en: str
    approving_department: str
    default_effect: str
    replaces: str | None = None
    typical_days: tuple[int, int] | None = None
    typical_yuan: tuple[int, int] | None = None
    legal_basis: str = ""


def read_kind(raw: Mapping[str, Any]) -> AssessmentKind:
    """One entry of assessment_kinds.yaml."""
    saving = raw.get("typical_saving") or {}
    days, wan = saving.get("calendar_days"), saving.get("cost_wan_yuan")
    return AssessmentKind(
        code=raw["code"],
        name_zh=raw["name_zh"],
        name_en=raw["name_en"],
        approving_department=raw["approving_department"],
        default_effect=raw["default_effect"],
        replaces=raw.get("replaces_item"),
        typical_days=(days[0], days[1]) if days else None,
        typical_yuan=(round(wan[0] * YUAN_OF_WAN), round(wan[1] * YUAN_OF_WAN)) if wan else None,
        legal_basis=raw.get("legal_basis", ""),
    )
