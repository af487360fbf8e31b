"""Which papers a project needs (申报材料), which of them already at filing, and what is known without asking."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from accounts.queries import organisation
from projects.models import Material, Project
from projects.pipeline import graph
from projects.pipeline.planner import Plan, make_plan
from projects.pipeline.template import BESIDE, Template
from projects.queries.confirmed_reuse import PAPER_KINDS, confirmed_reuse
from projects.queries.editions import template_of

# Papers that this system itself holds once the form is filled: asked from nobody.
FORM = "M-APPLY"
FILING_FORM = "M-RECF"
PROJECT_CODE = "M-PCODE"
LICENCE = "M-USCC"
REPRESENTATIVE = "M-LREP"
SITE_PLAN = "M-SITE"
PROXY_LETTER = "M-PROXY"


@dataclass
class WantedMaterial:
    """One paper and the items that want it. `known_from`: where it is already, empty when it must be handed in."""

    code: str
    name_zh: str
    name_en: str
    source: str
    may_be_late: bool
    stage: str
    item_codes: list[str] = field(default_factory=list)
    known_from: str = ""


def plan_of(project: Project) -> Plan | None:
    """The plan for the project's facts and its confirmed reuses, when a template is known."""
    if project.edition is None:
        return None
    return make_plan(template_of(project.edition), project.facts, reuse=confirmed_reuse(project))


def filing_items(template: Template) -> frozenset[str]:
    """Items that can begin with the filing itself: of the first counted stage or before it, not beside it, and with
    nothing of the enterprise's own (land, design, building) in between."""
    early = {stage.code for stage in template.stages if not stage.counts}
    first = next((stage.code for stage in template.stages if stage.counts), "")
    return frozenset(
        item.code
        for item in template.items
        if item.stage in early | {first}
        and item.parallel_group != BESIDE
        and not item.is_by_applicant
        and not any(
            template.by_code[code].is_by_applicant for code in graph.ancestors(template.prerequisites, item.code)
        )
    )


def wanted_materials(project: Project) -> list[WantedMaterial]:
    """Every paper that some item of the plan wants, once, in the order of the stages."""
    plan = plan_of(project)
    if plan is None:
        return []
    known = known_papers(project)
    found: dict[str, WantedMaterial] = {}
    for item in plan.items:
        if not item.need.is_run:
            continue
        for material in item.spec.materials:
            entry = found.get(material.code)
            if entry is None:
                entry = found[material.code] = WantedMaterial(
                    code=material.code,
                    name_zh=material.name_zh,
                    name_en=material.name_en,
                    source=material.source,
                    may_be_late=material.may_be_late,
                    stage=item.spec.stage,
                    known_from=known.get(material.code, from_platform(material.source)),
                )
            entry.item_codes.append(item.spec.code)
            entry.may_be_late = entry.may_be_late and material.may_be_late
    return list(found.values())


def from_platform(source: str) -> str:
    """What the platform makes itself is never asked from the enterprise (四不提交)."""
    return "由审批平台在办理中取得，不需提交" if source == "platform" else ""


def known_papers(project: Project) -> dict[str, str]:
    """Papers that need not be handed in, with the source of what is known."""
    owner = organisation(project.owner_id)
    known = {
        FORM: "本系统一张表单",
        FILING_FORM: "本系统备案信息表",
        LICENCE: f"企业注册信息：{owner.name} {owner.uscc}",
    }
    if owner.legal_representative:
        known[REPRESENTATIVE] = f"企业注册信息：法定代表人 {owner.legal_representative}"
    if project.code:
        known[PROJECT_CODE] = f"项目代码 {project.code} 校验无误"
    site = getattr(project, "site", None)
    if site is not None:
        known[SITE_PLAN] = f"已划定用地红线，{site.area_legal_m2:.2f} 平方米（EPSG:{site.epsg}）"
    for kind in confirmed_reuse(project):
        if kind in PAPER_KINDS:
            known[PAPER_KINDS[kind]] = "共享应用区域评估成果，已由审批部门确认"
    return known


def filed_materials(project: Project) -> list[Material]:
    """The papers that the filing itself needs; the others follow with their items."""
    if project.edition is None:
        return []
    filing = filing_items(template_of(project.edition))
    return [material for material in project.materials.all() if filing.intersection(material.item_codes)]


def materials_by_stage(materials: Iterable[Material]) -> dict[str, list[Material]]:
    """Papers grouped by the stage that first wants them."""
    grouped: dict[str, list[Material]] = {}
    for material in materials:
        grouped.setdefault(material.stage, []).append(material)
    return grouped


def owed_materials(project: Project) -> list[Material]:
    """Papers that were tolerated and have not been handed in, the most urgent first (容缺待补)."""
    return list(project.materials.filter(state=Material.State.OUTSTANDING).order_by("due_on", "code"))
