"""Regions, and the terms of drafts (维护区域, 修改评估条件): what the file did not say, a person adds before the review."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.access import require
from ledger.actor import Actor
from ledger.errors import Invalid, NotFound, StateConflict
from ledger.record import record
from regional_eval.actions.layers import lock_layer, row_for
from regional_eval.events import RegionEdited, TermsEdited
from regional_eval.models import Assessment, LayerVersion, Region, State


@dataclass(frozen=True)
class Terms:
    """The legal terms of one assessment, as its approval writes them."""

    number: str
    holder: str
    approval_document_no: str
    approved_on: date | None
    valid_from: date | None
    valid_to: date | None
    effect: str
    not_needed: bool = False
    report_document: str = ""
    expert_opinion: str = ""
    plan_version: str = ""
    parameter_limits: list[dict[str, Any]] = field(default_factory=list)
    industries: list[str] = field(default_factory=list)
    negative_list: list[str] = field(default_factory=list)
    exceptions: list[str] = field(default_factory=list)
    fee_saved_yuan: int | None = None
    days_saved: int | None = None


@dataclass(frozen=True)
class LayerTerms:
    """What is said of a plan layer version besides its land."""

    severity: str
    owner_department_code: str
    effective_from: date | None
    effective_to: date | None


@transaction.atomic
def edit_terms(assessment_id: UUID, terms: Terms, *, actor: Actor) -> Assessment:
    """Change the terms of a draft (修改评估条件); the audit names the fields."""
    layer_id = Assessment.objects.filter(pk=assessment_id).values_list("layer_id", flat=True).first()
    if layer_id is None:
        raise NotFound
    layer = lock_layer(layer_id)
    require(actor, "assessment.draft", layer)
    must_be_draft(layer)
    check_terms(terms)
    assessment = Assessment.objects.select_for_update().get(pk=assessment_id)
    changed = write_fields(assessment, asdict(terms))
    if changed:
        layer.effective_from = min(layer.assessments.values_list("valid_from", flat=True))
        layer.save(update_fields=["effective_from"])
        event = TermsEdited(layer_id=layer.pk, assessment_id=assessment.pk, changed=changed)
        record(event, actor=actor, subject=assessment)
    return assessment


def must_be_draft(layer: LayerVersion) -> None:
    """Reviewed and published versions are not changed."""
    if layer.state != State.DRAFT:
        raise StateConflict(_("已审核或已发布的版本不能修改；请退回，或导入新版本。"))


def check_terms(terms: Terms) -> None:
    """Dates in their order, an effect that is known."""
    errors: dict[str, list[str]] = {}
    if terms.valid_from is None:
        errors["valid_from"] = [_("请填写有效期的第一天。")]
    elif terms.valid_to is not None and terms.valid_to < terms.valid_from:
        errors["valid_to"] = [_("有效期的最后一天不能早于第一天。")]
    if terms.effect not in {"EXEMPT", "SIMPLIFIED", "COMMITMENT"}:
        errors["effect"] = [_("请选择成果运用方式。")]
    if errors:
        raise Invalid(errors)


def write_fields(row: Assessment | LayerVersion, values: Mapping[str, Any]) -> list[str]:
    """Write what differs; the names of the fields that did."""
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        row.save(update_fields=changed)
    return changed


@transaction.atomic
def edit_layer(layer_id: UUID, terms: LayerTerms, *, actor: Actor) -> LayerVersion:
    """Change owner, severity and interval of a draft plan layer (修改图层信息)."""
    layer = lock_layer(layer_id)
    require(actor, row_for(layer, "draft"), layer)
    must_be_draft(layer)
    errors: dict[str, list[str]] = {}
    if terms.effective_from is None:
        errors["effective_from"] = [_("请填写生效日期。")]
    elif terms.effective_to is not None and terms.effective_to < terms.effective_from:
        errors["effective_to"] = [_("失效日期不能早于生效日期。")]
    if terms.severity not in {"BLOCKING", "MAJOR", "MINOR", "WARNING", "INFO"}:
        errors["severity"] = [_("请选择冲突等级。")]
    if errors:
        raise Invalid(errors)
    changed = write_fields(layer, asdict(terms))
    if changed:
        record(TermsEdited(layer_id=layer.pk, assessment_id=None, changed=changed), actor=actor, subject=layer)
    return layer


@transaction.atomic
def draft_region(
    *, actor: Actor, code: str, name: str, name_en: str = "", boundary: dict[str, Any] | None = None
) -> Region:
    """Make a region of one's own district (新建区域)."""
    require(actor, "region.edit")
    check_region(code, name)
    try:
        with transaction.atomic():
            region = Region.objects.create(
                district_id=actor.district_id,
                code=code.strip(),
                name=name.strip(),
                name_en=name_en.strip(),
                boundary=boundary,
            )
    except IntegrityError:
        raise Invalid({"code": [_("这个区域代码已经使用，请换一个。")]}) from None
    record(RegionEdited(region_id=region.pk, code=region.code, name=region.name), actor=actor, subject=region)
    return region


@transaction.atomic
def edit_region(
    region_id: UUID, *, actor: Actor, name: str, name_en: str = "", boundary: dict[str, Any] | None = None
) -> Region:
    """Rename a region or draw its boundary anew (维护区域); the land of assessments is their own and does not follow."""
    region = Region.objects.select_for_update().filter(pk=region_id).first()
    if region is None:
        raise NotFound
    require(actor, "region.edit", region)
    check_region(region.code, name)
    region.name, region.name_en, region.boundary = name.strip(), name_en.strip(), boundary
    region.save(update_fields=["name", "name_en", "boundary"])
    record(RegionEdited(region_id=region.pk, code=region.code, name=region.name), actor=actor, subject=region)
    return region


def check_region(code: str, name: str) -> None:
    """A code and a name."""
    errors: dict[str, list[str]] = {}
    if not code.strip():
        errors["code"] = [_("请填写区域代码，例如 YC-ZZY。")]
    if not name.strip():
        errors["name"] = [_("请填写区域名称。")]
    if errors:
        raise Invalid(errors)
