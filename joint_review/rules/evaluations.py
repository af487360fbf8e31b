"""Rounds without drawings (评议与评估轮次): what each kind is, who is asked, how long, what a department may conclude. Pure.

前期意见 and 规划同评: departments say before filing whether site and scheme agree with the plans they own (多规合一).
多评合一: one acceptance, evaluations at the same time, one expert meeting, one result. 三书合一: one report whose chapters
are reviewed by their departments. Sources: plan_layers.yaml `ideas`; 廊坊 notice items 20 and 21.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class RoundKind(StrEnum):
    """What a round is about (轮次类别)."""

    DRAWINGS = "drawings"  # 多图联审
    EARLY_OPINION = "early_opinion"  # 前期意见
    PLAN_EVALUATION = "plan_evaluation"  # 规划同评
    MULTI_EVALUATION = "multi_evaluation"  # 多评合一
    THREE_REPORTS = "three_reports"  # 三书合一


@dataclass(frozen=True)
class Evaluation:
    """One kind. `parts`: each task is one evaluation or chapter, named by the item it belongs to; else one per department."""

    kind: RoundKind
    limit_days: int
    # Silence past the limit is no objection (a local rule; recorded as silence).
    silence_counts: bool
    before_filing: bool
    parts: tuple[str, ...] = ()
    needs_meeting: bool = False
    # Departments that are always asked, whatever plans the site runs into.
    always: tuple[str, ...] = ()


# 各类评估评审: every evaluation that may run at the same time as the others.
EVALUATED = (
    *("EA-SSR", "EA-ENE", "EA-EIA", "EA-WSC", "EA-FLD", "EA-WRA"),
    *("EA-GEO", "EA-MIN", "EA-ARC", "EA-SEI", "EA-CLI", "EA-TRA"),
)
KINDS: Mapping[str, Evaluation] = {
    found.kind: found
    for found in (
        Evaluation(RoundKind.EARLY_OPINION, 5, silence_counts=True, before_filing=True, always=("NRP", "DRC", "EEB")),
        Evaluation(
            RoundKind.PLAN_EVALUATION, 7, silence_counts=True, before_filing=True, always=("NRP", "DRC", "EEB", "HUC")
        ),
        Evaluation(
            RoundKind.MULTI_EVALUATION,
            10,
            silence_counts=False,
            before_filing=False,
            parts=EVALUATED,
            needs_meeting=True,
        ),
        Evaluation(
            RoundKind.THREE_REPORTS,
            10,
            silence_counts=False,
            before_filing=False,
            parts=("DR-FEA", "EA-ENE", "EA-SSR"),
        ),
    )
}
MOST_REMARK = 4000


def departments_to_ask(evaluation: Evaluation, owners_of_conflicts: Iterable[str]) -> tuple[str, ...]:
    """Who should be asked: those always asked and the owners of the plans that the site runs into, each once."""
    return tuple(dict.fromkeys((*evaluation.always, *owners_of_conflicts)))


def why_not_answer(conclusion: str, remark: str) -> str | None:
    """Why a department cannot conclude like this, or None: whoever does not simply agree says why or on what terms."""
    if len(remark) > MOST_REMARK:
        return "too_long"
    if conclusion in {"revise", "disagree"} and not remark.strip():
        return "reason_needed"
    return "condition_needed" if conclusion == "agree_with_conditions" and not remark.strip() else None


def overall(conclusions: Iterable[str]) -> str:
    """What the departments' conclusions make together (综合结论): the gravest of them.

    A silent department has no objection; one that is not concerned says nothing to the matter.
    """
    found = set(conclusions)
    for gravest in ("disagree", "revise", "agree_with_conditions"):
        if gravest in found:
            return gravest
    return "agree"


def passes(conclusion: str) -> bool:
    """Does one evaluation with this conclusion stand (评估通过)?"""
    return conclusion in {"agree", "agree_with_conditions", "not_concerned"}


def of_drawings(found: UUID | None) -> UUID:
    """The set, revision or item of a round of drawings; ValueError for a round that has none (a fault of the caller)."""
    if found is None:
        raise ValueError("a round without drawings where one of drawings is needed")
    return found
