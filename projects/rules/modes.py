"""Handling modes (办理模式) by how simple a thing is: of an item, and of a whole project. Pure.

即办 on the spot, 承诺 on a commitment, 打包 as one package of a stage; 先建后验 and 零土地承诺备案 for a project.
Basis: 廊坊市优化营商环境意见 (即时审批、承诺办理、一件事打包; 备案类项目先建后验; “零土地”技改承诺备案).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ledger.errors import Refused
from projects.pipeline.planner import Need, Plan
from projects.pipeline.template import BESIDE, NEVER_BY_SILENCE, ItemSpec
from projects.words import _

INSTANT_DAYS = 1
FILED = frozenset({"FILING", "COMMITMENT_FILING"})


def handling_of(plan: Plan) -> dict[str, str]:
    """Item -> instant | promise | package | standard, for every item of the plan."""
    groups = Counter(
        item.spec.parallel_group or "" for item in plan.items if item.need.is_run and item.spec.parallel_group != BESIDE
    )
    return {item.spec.code: handling_of_item(item.spec, item.need, groups) for item in plan.items}


def handling_of_item(spec: ItemSpec, need: Need, groups: Mapping[str, int]) -> str:
    """One item; a commitment comes before everything else."""
    if need is Need.PROMISED or spec.kind == "COMMITMENT":
        return "promise"
    if spec.is_by_applicant or spec.decided_by != "HAND":
        return "standard"
    if spec.limit_days <= INSTANT_DAYS:
        return "instant"
    together = spec.parallel_group is not None and groups.get(spec.parallel_group, 0) > 1
    return "package" if together else "standard"


@dataclass(frozen=True)
class ModeAnswer:
    """May a project be handled in this mode? `why` says what stands against it."""

    mode: str
    is_open: bool
    why: str


def modes_for(facts: Mapping[str, Any]) -> tuple[ModeAnswer, ...]:
    """Every mode with whether these facts open it; an unknown fact opens nothing."""
    return (
        ModeAnswer("standard", is_open=True, why=""),
        build_first_for(facts),
        zero_land_for(facts),
    )


def build_first_for(facts: Mapping[str, Any]) -> ModeAnswer:
    """先建后验: enterprise projects under filing, outside the lists that need approval or verification."""
    management = facts.get("management")
    if facts.get("investment") != "PRIVATE" or management is None:
        return ModeAnswer("build_first", is_open=False, why=_("先建后验只适用于企业投资项目。"))
    if management not in FILED:
        return ModeAnswer("build_first", is_open=False, why=_("核准目录内的项目不能先建后验。"))
    if facts.get("eia_class") in {None, "REPORT"}:
        return ModeAnswer("build_first", is_open=False, why=_("应编制环评报告书或环评类别未明的项目不能先建后验。"))
    return ModeAnswer("build_first", is_open=True, why="")


def zero_land_for(facts: Mapping[str, Any]) -> ModeAnswer:
    """“零土地”技改: no new land and no new floor area, filed on a commitment."""
    known = facts.get("no_new_land") is True and facts.get("no_new_floor_area") is True
    if not known or facts.get("management") != "COMMITMENT_FILING":
        return ModeAnswer(
            "zero_land", is_open=False, why=_("“零土地”承诺备案须不新增用地、不新增建筑面积，并选择承诺备案。")
        )
    return ModeAnswer("zero_land", is_open=True, why="")


def check_mode(mode: str, facts: Mapping[str, Any]) -> None:
    """Refused when the mode does not exist or these facts do not open it."""
    answer = next((answer for answer in modes_for(facts) if answer.mode == mode), None)
    if answer is None:
        raise Refused("unknown_mode", _("没有“%(mode)s”这种办理模式。") % {"mode": mode}, field="mode")
    if not answer.is_open:
        raise Refused("mode_not_open", answer.why, field="mode", next_step=_("请选择一般办理，或核对项目情况。"))


def promised_by_mode(mode: str, plan: Plan) -> dict[str, Need]:
    """Items that the mode turns into commitments: those the catalogue allows one for, never a matter of safety."""
    if mode != "build_first":
        return {}
    return {item.spec.code: Need.PROMISED for item in plan.items if item.need.is_run and may_be_promised(item.spec)}


def tolerated_items(plan: Plan, outstanding: Collection[str]) -> dict[str, Need]:
    """Needed items for which papers may follow (容缺): they run in full and end as national code 12 until all are there."""
    return {
        item.spec.code: Need.TOLERATED
        for item in plan.items
        if item.need is Need.NEEDED and any(material.code in outstanding for material in item.spec.materials)
    }


def may_be_promised(spec: ItemSpec) -> bool:
    """Does the catalogue know a commitment for it? Fire, structure, air-defence, heritage and environment: never."""
    return spec.regional_effect == "COMMITMENT" and NEVER_BY_SILENCE.search(spec.name_zh) is None


def names_of_modes() -> dict[str, str]:
    """Modes in the reader's words."""
    return {
        "standard": _("一般办理"),
        "build_first": _("先建后验"),
        "zero_land": _("“零土地”承诺备案"),
        "instant": _("即办"),
        "promise": _("告知承诺"),
        "package": _("一件事打包"),
    }


def named(modes: Iterable[str]) -> list[tuple[str, str]]:
    """Choices for a form."""
    names = names_of_modes()
    return [(mode, names[mode]) for mode in modes]
