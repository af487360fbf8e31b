"""Acts on drafts and published versions: terms, review, return, publication and revocation by two people."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import action, get_for, require
from accounts.actions import ask_second_key
from accounts.queries import departments
from ledger.errors import Invalid, NotFound
from regional_eval import actions
from regional_eval.domain import severities
from regional_eval.models import Assessment, LayerVersion, Region
from regional_eval.queries import register
from regional_eval.queries.shapes import region_shapes
from regional_eval.rules.limits import read_limits
from regional_eval.terms import effect_name, kind_or_layer_name, region_name, severity_name
from regional_eval.views.reading import actor_of, day, geometry, lines, text, whole_number, working_epsg

SIGNS = ("<=", ">=", "<", ">", "==", "in")


def to_layer(layer_id: UUID) -> HttpResponse:
    """The page of the version again."""
    return HttpResponseRedirect(reverse("regional_eval:layer", args=[layer_id]))


def draft_row(layer: LayerVersion) -> str:
    """The row that decides on a draft, by what it is for."""
    return "plan_layer.import" if layer.purpose == LayerVersion.Purpose.PLAN else "assessment.draft"


@action("assessment.draft")
@require_http_methods(["GET", "POST"])
def terms(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    """The legal terms of a draft, as its approval writes them (评估条件)."""
    actor = actor_of(request)
    found = register.assessment_for(actor, assessment_id)
    get_for(actor, "assessment.draft", LayerVersion, found.layer_id)
    if request.method == "GET":
        return terms_page(request, found, values_of(found))
    try:
        actions.edit_terms(assessment_id, read_terms(request.POST), actor=actor)
    except Invalid as refusal:
        return terms_page(request, found, request.POST.dict(), refusal.errors, refusal.status)
    return to_layer(found.layer_id)


def terms_page(
    request: HttpRequest, found: Assessment, values: Any, errors: Any = None, status: int = 200
) -> HttpResponse:
    """The form with what was typed."""
    context = {
        "found": found,
        "kind_name": kind_or_layer_name("assessment", found.kind),
        "region": region_name(found.region),
        "values": values,
        "errors": errors or {},
        "effects": [(code, effect_name(code)) for code in ("EXEMPT", "COMMITMENT", "SIMPLIFIED")],
    }
    return render(request, "regional_eval/terms.html", context, status=status)


def values_of(found: Assessment) -> dict[str, Any]:
    """The stored terms as the form shows them."""
    plain = ("number", "holder", "report_document", "expert_opinion", "approval_document_no", "plan_version", "effect")
    dates = ("approved_on", "valid_from", "valid_to")
    numbers = ("fee_saved_yuan", "days_saved")
    many = {name: getattr(found, name) for name in ("industries", "negative_list", "exceptions")}
    return {
        **{name: getattr(found, name) for name in plain},
        **{name: value.isoformat() if (value := getattr(found, name)) else "" for name in dates},
        **{name: "" if (value := getattr(found, name)) is None else value for name in numbers},
        **{name: "\n".join(str(entry) for entry in entries) for name, entries in many.items()},
        "limits": "\n".join(f"{limit.parameter} {limit.text()}" for limit in read_limits(found.parameter_limits)),
        "not_needed": "on" if found.not_needed else "",
    }


def read_terms(values: Any) -> actions.Terms:
    """What was typed; Invalid names the line of a limit that cannot be read."""
    return actions.Terms(
        number=text(values, "number"),
        holder=text(values, "holder"),
        approval_document_no=text(values, "approval_document_no"),
        approved_on=day(values, "approved_on"),
        valid_from=day(values, "valid_from"),
        valid_to=day(values, "valid_to"),
        effect=text(values, "effect"),
        not_needed=values.get("not_needed") == "on",
        report_document=text(values, "report_document"),
        expert_opinion=text(values, "expert_opinion"),
        plan_version=text(values, "plan_version"),
        parameter_limits=[read_limit(line) for line in text(values, "limits").splitlines() if line.strip()],
        industries=lines(values, "industries"),
        negative_list=lines(values, "negative_list"),
        exceptions=[line.strip() for line in text(values, "exceptions").splitlines() if line.strip()],
        fee_saved_yuan=whole_number(values, "fee_saved_yuan"),
        days_saved=whole_number(values, "days_saved"),
    )


def read_limit(line: str) -> dict[str, Any]:
    """`excavation_depth <= 12 m`, or `hazard_level in LOW, MEDIUM`."""
    parts = line.replace("≤", " <= ").replace("≥", " >= ").split(None, 2)
    if len(parts) != 3 or parts[1] not in SIGNS:
        raise Invalid(
            {
                "limits": [
                    _("这一行读不出上限：“%(line)s”。写法：指标 运算符 数值 单位，例如 excavation_depth <= 12 m。")
                    % {"line": line.strip()[:60]}
                ]
            }
        )
    parameter, operator, rest = parts
    if operator == "in":
        return {
            "parameter": parameter,
            "operator": operator,
            "value": [value.strip() for value in rest.replace("，", ",").split(",") if value.strip()],
            "unit": "",
        }
    number, _blank, unit = rest.partition(" ")
    try:
        value: float | str = float(number)
    except ValueError:
        value = number
    whole = int(value) if isinstance(value, float) and value.is_integer() else value
    return {"parameter": parameter, "operator": operator, "value": whole, "unit": unit.strip()}


@action("plan_layer.import")
@require_http_methods(["GET", "POST"])
def plan_terms(request: HttpRequest, layer_id: UUID) -> HttpResponse:
    """Owner, severity and interval of a draft plan layer (图层信息)."""
    actor = actor_of(request)
    found = get_for(actor, "plan_layer.import", LayerVersion, layer_id)
    values: Any = {
        "severity": found.severity,
        "owner_department_code": found.owner_department_code,
        "effective_from": found.effective_from.isoformat(),
        "effective_to": found.effective_to.isoformat() if found.effective_to else "",
    }
    errors: Any = {}
    status = 200
    if request.method == "POST":
        try:
            written = actions.LayerTerms(
                severity=text(request.POST, "severity"),
                owner_department_code=text(request.POST, "owner_department_code"),
                effective_from=day(request.POST, "effective_from"),
                effective_to=day(request.POST, "effective_to"),
            )
            actions.edit_layer(layer_id, written, actor=actor)
            return to_layer(layer_id)
        except Invalid as refusal:
            values, errors, status = request.POST, refusal.errors, refusal.status
    context = {
        "found": found,
        "kind_name": kind_or_layer_name(found.purpose, found.kind),
        "values": values,
        "errors": errors,
        "severities": [(code, severity_name(code)) for code in severities()],
        "departments": departments(found.district_id) if found.district_id else [],
    }
    return render(request, "regional_eval/plan_terms.html", context, status=status)


@action("assessment.view")
@require_POST
def review(request: HttpRequest, layer_id: UUID) -> HttpResponse:
    """Find a draft correct (审核通过)."""
    actions.review_layer(layer_id, actor=actor_of(request))
    messages.success(request, _("已审核通过，等待双人发布。"))
    return to_layer(layer_id)


@action("assessment.view")
@require_POST
def send_back(request: HttpRequest, layer_id: UUID) -> HttpResponse:
    """Send a reviewed version back to its drafter (退回修改)."""
    actions.return_layer(layer_id, actor=actor_of(request), reason=text(request.POST, "reason"))
    messages.success(request, _("已退回起草人修改。"))
    return to_layer(layer_id)


@action("assessment.view")
@require_POST
def discard(request: HttpRequest, layer_id: UUID) -> HttpResponse:
    """Throw a draft away (删除草稿)."""
    actor = actor_of(request)
    found = register.layer_for(actor, layer_id)
    plan = found.purpose == LayerVersion.Purpose.PLAN
    actions.discard_layer(layer_id, actor=actor)
    messages.success(request, _("草稿已删除，原始文件仍保存在档。"))
    return HttpResponseRedirect(reverse("regional_eval:layers" if plan else "regional_eval:assessments"))


@action("assessment.view")
@require_POST
def publish(request: HttpRequest, layer_id: UUID) -> HttpResponse:
    """Ask another person to confirm the publication (发布, two keys)."""
    actor = actor_of(request)
    found = register.layer_for(actor, layer_id)
    if found.state != "reviewed":
        raise NotFound
    name = "plan_layer.publish" if found.purpose == LayerVersion.Purpose.PLAN else "assessment.publish"
    summary = _("发布%(kind)s：%(code)s %(version)s，共 %(n)s 个图形") % {
        "kind": kind_or_layer_name(found.purpose, found.kind),
        "code": found.code,
        "version": found.version,
        "n": found.features,
    }
    back = reverse("regional_eval:layer", args=[layer_id])
    return asked(request, name, found, summary=summary, arguments={}, back=back)


def asked(
    request: HttpRequest, name: str, subject: Model, *, summary: str, arguments: dict[str, Any], back: str
) -> HttpResponse:
    """Ask for the second key, say so, and show the page again."""
    ask_second_key(name, subject, actor=actor_of(request), summary=summary, arguments=arguments)
    messages.success(request, _("已提交，另一位有权人员在“待我确认”中确认后生效。"))
    return HttpResponseRedirect(back)


@action("plan_layer.withdraw")
@require_POST
def revoke_plan(request: HttpRequest, layer_id: UUID) -> HttpResponse:
    """Ask another person to confirm that a plan layer version holds no more (撤销规划图层)."""
    found = register.layer_for(actor_of(request), layer_id)
    reason = needed_reason(request)
    summary = _("撤销规划图层 %(code)s %(version)s，理由：%(reason)s") % {
        "code": found.code,
        "version": found.version,
        "reason": reason,
    }
    back = reverse("regional_eval:layer", args=[layer_id])
    return asked(request, "plan_layer.withdraw", found, summary=summary, arguments={"reason": reason}, back=back)


@action("assessment.withdraw")
@require_POST
def revoke(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    """Ask another person to confirm that an assessment is revoked (撤销区域评估)."""
    found = register.assessment_for(actor_of(request), assessment_id)
    reason = needed_reason(request)
    summary = _("撤销区域评估 %(number)s，理由：%(reason)s") % {"number": str(found), "reason": reason}
    back = reverse("regional_eval:assessment", args=[assessment_id])
    return asked(request, "assessment.withdraw", found, summary=summary, arguments={"reason": reason}, back=back)


def needed_reason(request: HttpRequest) -> str:
    """A reason in words."""
    reason = text(request.POST, "reason")
    if len(reason) < 4:
        raise Invalid({"reason": [_("请写明理由，至少几个字。")]})
    return reason


@action("region.edit")
@require_GET
def regions(request: HttpRequest) -> HttpResponse:
    """The regions of one's district (区域)."""
    actor = actor_of(request)
    require(actor, "region.edit")
    found = list(register.regions_for(actor))
    shapes = region_shapes((region.code, region_name(region), region.boundary) for region in found)
    context = {"regions": [(region, region_name(region)) for region in found], "shapes": shapes}
    return render(request, "regional_eval/regions.html", context)


@action("region.edit")
@require_http_methods(["GET", "POST"])
def region(request: HttpRequest, region_id: UUID | None = None) -> HttpResponse:
    """Make a region, or change it (维护区域)."""
    actor = actor_of(request)
    require(actor, "region.edit")
    found = get_for(actor, "region.edit", Region, region_id) if region_id else None
    context: dict[str, Any] = {"found": found, "epsg": working_epsg(actor), "errors": {}, "values": found or {}}
    context["boundary"] = json.dumps(found.boundary) if found and found.boundary else ""
    if request.method == "GET":
        return render(request, "regional_eval/region.html", context)
    try:
        boundary = geometry(request.POST, "boundary")
        name, name_en = text(request.POST, "name"), text(request.POST, "name_en")
        if found is None:
            actions.draft_region(
                actor=actor, code=text(request.POST, "code"), name=name, name_en=name_en, boundary=boundary
            )
        else:
            actions.edit_region(found.pk, actor=actor, name=name, name_en=name_en, boundary=boundary)
    except Invalid as refusal:
        context |= {"values": request.POST, "errors": refusal.errors, "boundary": text(request.POST, "boundary")}
        return render(request, "regional_eval/region.html", context, status=refusal.status)
    return HttpResponseRedirect(reverse("regional_eval:regions"))
