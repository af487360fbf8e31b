"""Decisions on items (事项办理): whose turn it is, may this step be taken, may the clock be stopped? Pure.

Basis: 贵安新区“五变二” (two steps: 受理审核, 批准办结); 四眼原则; 行政许可法第四十五条 (what is not counted).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ledger.errors import Refused, StateConflict
from projects.pipeline.template import Step
from projects.words import _

ALWAYS_A_GROUND = frozenset({"FORCE_MAJEURE"})


@dataclass(frozen=True)
class ItemFacts:
    """What a decision about an item looks at."""

    code: str
    name: str
    is_open: bool
    is_by_applicant: bool
    is_paused: bool
    decided_by: str
    held_by: str
    step: int
    pause_reasons: tuple[str, ...]


def current_step(item: ItemFacts, steps: Sequence[Step]) -> Step:
    """The step whose turn it is; StateConflict when there is none."""
    if not item.is_open or item.step >= len(steps):
        raise StateConflict(
            _("事项“%(name)s”当前没有待办环节。") % {"name": item.name}, next_step=_("请刷新页面，查看最新办理情况。")
        )
    return steps[item.step]


def check_by_hand(item: ItemFacts) -> None:
    """Items that follow from a joint review, an acceptance or the platform are not decided by hand."""
    if item.held_by or item.decided_by == "ROUND":
        raise Refused(
            "decided_by_round",
            _("“%(name)s”由联合审图结论自动办结，不能单独办理。") % {"name": item.name},
            next_step=_("请在联合审图中签署意见；全部部门签署且无未关闭意见后自动办结。"),
        )
    if item.decided_by == "ACCEPTANCE":
        raise Refused(
            "decided_by_acceptance",
            _("“%(name)s”由联合验收结论自动办结，不能单独办理。") % {"name": item.name},
            next_step=_("请在联合验收中签署意见。"),
        )
    if item.decided_by == "PLATFORM":
        raise Refused("decided_by_platform", _("“%(name)s”由平台核验后自动办结。") % {"name": item.name})
    if item.is_by_applicant:
        raise Refused("by_applicant", _("“%(name)s”由企业完成后报告，不由部门办理。") % {"name": item.name})
    if item.is_paused:
        raise StateConflict(
            _("“%(name)s”的时限已中止，请先恢复计时再办理。") % {"name": item.name},
        )


def check_step(step: Step, post: str) -> None:
    """Is it the turn of this post?"""
    if post not in step.posts:
        raise StateConflict(
            _("当前环节是“%(step)s”，还没有轮到或已经过了您的环节。") % {"step": step.name_zh},
            next_step=_("请刷新页面，查看最新办理情况。"),
        )


def check_other_person(person_id: int | None, number: int, done: Collection[tuple[int, int]]) -> None:
    """Nobody stands in two different steps of one item (四眼原则). `done`: (step number, person)."""
    if any(person == person_id and step != number for step, person in done):
        raise Refused(
            "same_person",
            _("您已办理过本事项的其他环节，同一人不能办理两个环节。"),
            next_step=_("请由本部门另一位有权人员办理。"),
        )


def check_ground(
    item: ItemFacts, ground: str, rules: Mapping[str, Mapping[str, object]], in_force: Collection[str]
) -> None:
    """May this ground stop this item's clock? (clock_rules.pauses; a LOCAL_RULE ground must be in force here.)"""
    rule = rules.get(ground)
    if rule is None:
        raise Refused("unknown_ground", _("没有“%(ground)s”这一中止事由。") % {"ground": ground}, field="ground")
    stops = rule["stops_clock"]
    if stops == "NO" or (stops == "LOCAL_RULE" and ground not in in_force):
        raise Refused(
            "ground_does_not_stop",
            _("“%(ground)s”不中止时限，时间照常计算（%(basis)s）。")
            % {"ground": rule["zh"], "basis": rule.get("basis") or _("行政许可法第四十五条未列入")},
            field="ground",
        )
    if ground not in item.pause_reasons and ground not in ALWAYS_A_GROUND:
        raise Refused(
            "ground_not_for_item",
            _("事项“%(name)s”不能以“%(ground)s”中止时限。") % {"name": item.name, "ground": rule["zh"]},
            field="ground",
        )
