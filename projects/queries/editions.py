"""Readers of pipeline editions (流程版本)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from ledger.errors import Refused
from projects import domain
from projects.models import ItemCase, PipelineEdition, Project
from projects.pipeline.choice import Choice, choose
from projects.pipeline.planner import Plan, make_plan
from projects.pipeline.publishing import Known
from projects.pipeline.template import ItemSpec, Template, read_template
from projects.words import _
from regional_eval.domain import assessment_kinds


@lru_cache(maxsize=64)
def _template(edition_id: UUID, sha256: str) -> Template:  # noqa: ARG001 - the hash is part of the key
    return read_template(PipelineEdition.objects.values_list("content", flat=True).get(pk=edition_id))


def template_of(edition: PipelineEdition) -> Template:
    """The template an edition holds, parsed once per process."""
    return _template(edition.pk, edition.sha256)


def template_for(project: Project) -> Template:
    """The template of the edition that the project pins."""
    if project.edition is None:
        raise Refused(
            "no_template",
            _("还没有确定办理流程。"),
            next_step=_("请补充项目要素；仍不能确定的，由综合窗口受理时选择。"),
        )
    return template_of(project.edition)


def published_editions() -> QuerySet[PipelineEdition]:
    """The editions in force, by priority."""
    return PipelineEdition.objects.filter(state=PipelineEdition.State.PUBLISHED).order_by("priority", "template_code")


def edition_in_force(template_code: str) -> PipelineEdition:
    """The edition in force of one template; Refused when there is none."""
    found = published_editions().filter(template_code=template_code).first()
    if found is None:
        raise Refused("no_template", _("没有正在施行的流程“%(code)s”。") % {"code": template_code}, field="template")
    return found


def choose_template(facts: Mapping[str, Any], *, reusable: Collection[str] | None = None) -> Choice:
    """Which template in force fits these facts (流程匹配); `reusable`: the assessment kinds the site may lean on."""
    return choose([template_of(edition) for edition in published_editions()], facts, reusable=reusable)


def preview_plan(template_code: str, facts: Mapping[str, Any]) -> Plan:
    """What a project with these facts would have to go through, before anything is filed."""
    return make_plan(template_of(edition_in_force(template_code)), facts)


def spec_of(item: ItemCase) -> ItemSpec:
    """The catalogue's entry of an item, in the edition its project pins."""
    return template_for(item.project).by_code[item.code]


def on_timeout_of(item: ItemCase) -> str:
    """What silence past the limit means: ESCALATE, or SILENCE_IS_CONSENT for a consultation."""
    return spec_of(item).on_timeout


def known_references() -> Known:
    """What a template may refer to."""
    items = domain.read("items")
    return Known(
        facts=frozenset(fact["code"] for fact in domain.read("facts")["facts"]),
        departments=frozenset(department["code"] for department in items["departments"]),
        grounds=frozenset(pause["code"] for pause in domain.read("clock_rules")["pauses"]),
        assessments=frozenset(assessment_kinds()),
    )
