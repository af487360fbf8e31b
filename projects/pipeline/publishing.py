"""What keeps a template from being put in force (发布校验): every fault with its place and reason. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from ledger.errors import Refused
from projects.pipeline import conditions, graph
from projects.pipeline.template import BESIDE, NEVER_BY_SILENCE, Template
from projects.words import _

VAGUE_CONDITION = re.compile(r"(?:其他|其它|有关|相关)(?:的)?(?:条件|要求|情形)")
VAGUE = re.compile(
    r"其他.{0,6}(材料|资料|文件|证明)|其它.{0,6}(材料|资料|文件|证明)|(有关|相关)(的)?(材料|资料|文件|证明)|等(材料|资料)$"
)


@dataclass(frozen=True)
class Fault:
    """One reason why a draft cannot be published; `place` is the item or stage."""

    code: str
    place: str
    message: str


@dataclass(frozen=True)
class Known:
    """What a template may refer to."""

    facts: Collection[str]
    departments: Collection[str]
    grounds: Collection[str]
    assessments: Collection[str]


def faults_before_publishing(template: Template, known: Known) -> list[Fault]:
    """Everything that keeps this template from being put in force, each with its place (发布校验).

    References resolve; stages go forward; the critical path fits the total and every stage its limit; no vague paper;
    silence never decides fire, structure, air-defence, heritage or environment.
    """
    return [
        *faults_of_references(template, known),
        *faults_of_papers(template),
        *faults_of_limits(template),
        *faults_of_silence(template),
    ]


def faults_of_references(template: Template, known: Known) -> Iterable[Fault]:
    """Facts, departments, pause grounds, assessment kinds that nobody knows; prerequisites in a later stage."""
    for item in template.items:
        asked = conditions.facts_named(conditions.parse(item.applies_if)) if item.applies_if else frozenset()
        for code, pool, words in (
            *((fact, known.facts, _("适用条件用到了未登记的要素“%(code)s”。")) for fact in sorted(asked)),
            *((dep, known.departments, _("部门“%(code)s”未登记。")) for dep in (item.department, *item.consulted)),
            *((ground, known.grounds, _("中止事由“%(code)s”未登记。")) for ground in item.pause_reasons),
        ):
            if code not in pool:
                yield Fault("unknown_reference", item.code, words % {"code": code})
        if item.regional_assessment is not None and item.regional_assessment not in known.assessments:
            message = _("区域评估种类“%(code)s”未登记。") % {"code": item.regional_assessment}
            yield Fault("unknown_reference", item.code, message)
    yield from faults_of_order(template)
    for stage in template.stages:
        if stage.lead not in known.departments:
            yield Fault("unknown_reference", stage.code, _("牵头部门“%(code)s”未登记。") % {"code": stage.lead})


def faults_of_order(template: Template) -> Iterable[Fault]:
    """Items that wait for one of a later stage: they could never be reached in time."""
    position = {stage.code: number for number, stage in enumerate(template.stages)}
    for item in template.items:
        for other in item.prerequisites:
            if position.get(template.by_code[other].stage, 0) > position.get(item.stage, 0):
                message = _("前置事项 %(other)s 属于更晚的阶段，本事项将无法到达。") % {"other": other}
                yield Fault("unreachable", item.code, message)


def check_reachable(template: Template) -> None:
    """Refused (unreachable) with the first item that could never be reached."""
    for fault in faults_of_order(template):
        raise Refused("unreachable", f"{fault.place}: {fault.message}")


def faults_of_papers(template: Template) -> Iterable[Fault]:
    """Catch-all papers and conditions (廊坊市意见: 清理“其他材料”等模糊条款、兜底条件)."""
    for item in template.items:
        for condition in item.conditions:
            if VAGUE_CONDITION.search(condition):
                message = _("受理条件“%(name)s”含糊不清，请写明具体条件。") % {"name": condition}
                yield Fault("vague_condition", item.code, message)
        for material in item.materials:
            if VAGUE.search(material.name_zh):
                message = _("材料“%(name)s”含糊不清，请写明具体材料名称。") % {"name": material.name_zh}
                yield Fault("vague_material", item.code, message)


def faults_of_limits(template: Template) -> Iterable[Fault]:
    """The worst case against the total, the stage limits against the total, each stage's chain against its limit."""
    for item in template.items:
        if item.internal_days is not None and item.internal_days > item.limit_days:
            message = _("内部时限 %(internal)s 个工作日长于承诺时限 %(promised)s 个工作日。")
            yield Fault(
                "internal_limit", item.code, message % {"internal": item.internal_days, "promised": item.limit_days}
            )
    days = {item.code: item.days_on_clock for item in template.items}
    worst = graph.schedule(template.prerequisites, days, template.order).total
    if worst > template.total_limit:
        message = _("关键路径 %(worst)s 个工作日，超过总时限 %(total)s 个工作日。")
        yield Fault("over_total", template.code, message % {"worst": worst, "total": template.total_limit})
    total = sum(stage.limit_days or 0 for stage in template.stages)
    if total > template.total_limit:
        message = _("各阶段时限合计 %(sum)s 个工作日，超过总时限 %(total)s 个工作日。")
        yield Fault("over_total", template.code, message % {"sum": total, "total": template.total_limit})
    for stage in template.stages:
        inside = [i.code for i in template.items if i.stage == stage.code and i.parallel_group != BESIDE]
        if not stage.counts or not inside:
            continue
        chain = graph.longest_chain(template.prerequisites, days, inside)
        if chain > (stage.limit_days or 0):
            message = _("阶段内最长链 %(chain)s 个工作日，超过阶段时限 %(limit)s 个工作日。")
            yield Fault("over_stage", stage.code, message % {"chain": chain, "limit": stage.limit_days or 0})


def faults_of_silence(template: Template) -> Iterable[Fault]:
    """clock_rules.deemed_approval: licences are never granted by silence, and these fields least of all."""
    for item in template.items:
        if item.on_timeout == "ESCALATE":
            continue
        if item.kind != "TECHNICAL_REVIEW" or NEVER_BY_SILENCE.search(item.name_zh):
            yield Fault("silence", item.code, _("本事项不得规定逾期视为同意。"))
