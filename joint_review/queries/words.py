"""Stored wording as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

OPERATOR_SIGNS = {">=": "≥", "<=": "≤", ">": ">", "<": "<", "=": "="}


def demand_in_words(demand: Mapping[str, Any] | None) -> str:
    """消防车道净宽 ≥ 4 m."""
    if not demand:
        return ""
    if "text" in demand:
        return str(demand["text"])
    sign = OPERATOR_SIGNS.get(demand["operator"], demand["operator"])
    return f"{demand['parameter']} {sign} {demand['value']} {demand.get('unit', '')}".strip()


def sheet_in_words(sheet: Mapping[str, Any] | None) -> str:
    """A-01 首层平面图（A 版）."""
    if not sheet:
        return ""
    return f"{sheet['number']} {sheet['name']}（{sheet['revision']} 版）".strip()
