"""The register (登记簿): regional assessments for everybody, plan layers for those who work with them, drafts for managers."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import action, can, require
from accounts.queries import departments, display_names
from ledger.actor import Actor
from ledger.errors import NotFound
from regional_eval import file_store
from regional_eval.domain import assessment_kinds, plan_layers
from regional_eval.geometry.ground import rejected_in_words
from regional_eval.geometry.repair import Rejected
from regional_eval.models import Assessment, LayerVersion
from regional_eval.queries import register
from regional_eval.queries.history import history_of
from regional_eval.queries.shapes import assessment_shapes, layer_shapes
from regional_eval.rules.limits import read_limits
from regional_eval.terms import (
    STATE_LOOK,
    effect_name,
    kind_name,
    kind_or_layer_name,
    layer_name,
    parameter_name,
    region_name,
    rule_name,
    severity_name,
    state_name,
)
from regional_eval.views.reading import actor_of

PAGE = 50
KNOWN_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
# Rejections without figures in their sentence: said in the reader's language, whatever the importer's was.
SAID_ANEW = frozenset(
    {"empty", "not_polygon", "not_line", "bad_position", "too_few_points", "zero_area", "out_of_range"}
)


def owners(district_id: int | None) -> dict[str, Any]:
    """Departments by code, in the reader's language where a template names them."""
    return {each.code: each for each in departments(district_id)} if district_id else {}


def badge(state: str) -> dict[str, str]:
    """How a state looks."""
    colour, icon = STATE_LOOK.get(state, ("stopped", "info"))
    return {"name": state_name(state), "colour": colour, "icon": icon}


def assessment_line(found: Assessment) -> dict[str, Any]:
    """One row of the list."""
    return {
        "row": found,
        "region": region_name(found.region),
        "kind": kind_name(found.kind),
        "badge": badge(found.state),
        "effect": _("经认定无需评估") if found.not_needed else effect_name(found.effect),
        "limits": len(read_limits(found.parameter_limits)),
    }


@action("assessment.list")
@require_GET
def assessments(request: HttpRequest) -> HttpResponse:
    """Regional assessments (区域评估): public by law."""
    actor = actor_of(request)
    require(actor, "assessment.list")
    chosen = {name: request.GET.get(name, "") for name in ("kind", "region", "ended")}
    found = register.assessments_for(
        actor, kind=chosen["kind"], region=chosen["region"], ended=chosen["ended"] == "yes"
    )
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": [assessment_line(each) for each in page.object_list],
        "waiting": waiting(actor, LayerVersion.Purpose.ASSESSMENT),
        "kinds": [(code, kind_name(code)) for code in assessment_kinds()],
        "regions": [(each.code, region_name(each)) for each in register.regions_of(actor.district_id)],
        "chosen": chosen,
        **rights(actor),
    }
    return render(request, "regional_eval/assessments.html", context)


def rights(actor: Actor) -> dict[str, bool]:
    """Which doors the list shows."""
    return {
        "may_draft": can(actor, "assessment.draft"),
        "may_import": can(actor, "plan_layer.import"),
        "sees_plans": can(actor, "plan_layer.list"),
        "may_edit_regions": can(actor, "region.edit"),
    }


def waiting(actor: Actor, purpose: str) -> list[dict[str, Any]]:
    """Versions in work, each with what comes next."""
    return [
        {
            "row": layer,
            "kind": kind_or_layer_name(layer.purpose, layer.kind),
            "badge": badge(layer.state),
            "next": _("待审核") if layer.state == "draft" else _("待发布"),
        }
        for layer in register.waiting_layers(actor)
        if layer.purpose == purpose
    ]


@action("assessment.view")
@require_GET
def assessment(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    """One assessment with its terms and its land (区域评估)."""
    actor = actor_of(request)
    require(actor, "assessment.view")
    found = register.assessment_for(actor, assessment_id)
    full = can(actor, "assessment.view_full_report")
    context = {
        "found": found,
        "kind": assessment_kinds().get(found.kind, {}),
        "kind_name": kind_name(found.kind),
        "region": region_name(found.region),
        "badge": badge(found.state),
        "effect": effect_name(found.effect),
        "limits": [(parameter_name(limit.fact), limit.text()) for limit in read_limits(found.parameter_limits)],
        "exceptions": exceptions_in_words(found.exceptions),
        "full": full,
        "works_on_it": can(actor, "assessment.draft", found.layer),
        "may_revoke": found.state == "published" and can(actor, "assessment.withdraw", found),
        "replaced_by": found.replaced_by.first(),
        "history": history_of(found.layer, found) if full else [],
    }
    return render(request, "regional_eval/assessment.html", context)


def exceptions_in_words(exceptions: list[Any]) -> list[str]:
    """An exception is a fact's name, a text, or both."""
    words = []
    for exception in exceptions:
        if isinstance(exception, dict):
            words.append(str(exception.get("text") or parameter_name(str(exception.get("fact", "")).lower())))
        else:
            words.append(parameter_name(str(exception)))
    return words


@action("assessment.view")
@require_GET
def assessment_land(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    """Its land for the map."""
    actor = actor_of(request)
    require(actor, "assessment.view")
    return JsonResponse({"shapes": assessment_shapes(register.assessment_for(actor, assessment_id))})


@action("plan_layer.list")
@require_GET
def layers(request: HttpRequest) -> HttpResponse:
    """Plan layers (规划图层) with their versions."""
    actor = actor_of(request)
    require(actor, "plan_layer.list")
    chosen = {name: request.GET.get(name, "") for name in ("kind", "ended")}
    found = register.plan_layers_for(actor, kind=chosen["kind"], ended=chosen["ended"] == "yes")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    owner = owners(actor.district_id)
    lines = [
        {
            "row": each,
            "owner": owner.get(each.owner_department_code),
            "kind": layer_name(each.kind),
            "rule": rule_name(str(plan_layers().get(each.kind, {}).get("rule", ""))),
            "severity": severity_name(each.severity),
            "badge": badge(each.state),
        }
        for each in page.object_list
    ]
    context = {
        "page": page,
        "lines": lines,
        "waiting": waiting(actor, LayerVersion.Purpose.PLAN),
        "kinds": [(code, layer_name(code)) for code in plan_layers()],
        "chosen": chosen,
        **rights(actor),
    }
    return render(request, "regional_eval/layers.html", context)


@action("assessment.view")
@require_GET
def layer(request: HttpRequest, layer_id: UUID) -> HttpResponse:
    """One version: what was imported, what was repaired, what comes next (图层版本)."""
    actor = actor_of(request)
    found = register.layer_for(actor, layer_id)
    return render(request, "regional_eval/layer.html", layer_context(actor, found))


def layer_context(actor: Actor, found: LayerVersion, **more: Any) -> dict[str, Any]:
    """What the page of a version shows."""
    plan = found.purpose == LayerVersion.Purpose.PLAN
    object_ = "plan_layer" if plan else "assessment"
    draft_row = "plan_layer.import" if plan else "assessment.draft"
    mine = found.drafted_by_id is not None and found.drafted_by_id == actor.person_id
    names = display_names(
        [person for person in (found.drafted_by_id, found.reviewed_by_id, found.published_by_id) if person]
    )
    return {
        "found": found,
        "plan": plan,
        "kind_name": kind_or_layer_name(found.purpose, found.kind),
        "entry": plan_layers().get(found.kind, {}) if plan else assessment_kinds().get(found.kind, {}),
        "rule": rule_name(str(plan_layers().get(found.kind, {}).get("rule", ""))) if plan else "",
        "severity": severity_name(found.severity),
        "badge": badge(found.state),
        "steps": steps_of(found, names),
        "assessments": [assessment_line(each) for each in found.assessments.select_related("region").order_by("pk")],
        "repairs": [repair_line(entry) for entry in found.repairs],
        "rejections": [rejection_line(entry) for entry in found.rejections],
        "mine": mine,
        "original_name": original_name(found),
        "owner": owners(found.district_id).get(found.owner_department_code),
        "publish_summary": publish_summary(found),
        "may_edit": found.state == "draft" and can(actor, draft_row, found),
        "may_review": found.state == "draft" and not mine and can(actor, f"{object_}.review", found),
        "may_return": found.state == "reviewed" and can(actor, f"{object_}.review", found),
        "may_publish": found.state == "reviewed" and can(actor, f"{object_}.publish", found),
        "may_revoke": plan and found.state == "published" and can(actor, "plan_layer.withdraw", found),
        "history": history_of(found, None),
        **more,
    }


def publish_summary(found: LayerVersion) -> list[str]:
    """What publication does, for the dialog that asks for it."""
    texts = [
        _("%(n)s 个图形自 %(day)s 起生效，发布后不能修改。")
        % {"n": found.features, "day": found.effective_from.isoformat()},
        _("同一编号的旧版本止于前一天；用地有变化的项目会自动复核并通知。"),
        _("由另一位有权人员在“待我确认”中确认后生效。"),
    ]
    if found.repairs:
        texts.insert(1, _("其中 %(n)s 个图形经过修复，报告随版本保存。") % {"n": len(found.repairs)})
    return texts


def original_name(found: LayerVersion) -> str:
    """What the original file is called when it is fetched: its digest and its kind."""
    suffix = PurePath(found.source.name).suffix.lower()
    return f"{found.source.sha256[:12]}{suffix if KNOWN_SUFFIX.fullmatch(suffix) else ''}"


def steps_of(found: LayerVersion, names: dict[int, str]) -> list[dict[str, str]]:
    """Draft, review, publication: who did what."""

    def who(person: int | None, at: Any) -> str:
        return " ".join(filter(None, [names.get(person, "") if person else "", at.strftime("%Y-%m-%d") if at else ""]))

    done = {"draft": 1, "reviewed": 2}.get(found.state, 3)
    notes = (
        who(found.drafted_by_id, found.drafted_at),
        who(found.reviewed_by_id, found.reviewed_at),
        who(found.published_by_id, found.published_at),
    )
    return [
        {"name": name, "state": "done" if at < done else "current" if at == done else "todo", "note": note}
        for at, (name, note) in enumerate(zip((_("导入起草"), _("他人审核"), _("双人发布")), notes, strict=True))
    ]


def repair_line(entry: dict[str, Any]) -> dict[str, Any]:
    """One repaired polygon in words."""
    words = {
        "self_crossing": _("自相交"),
        "parts_overlap": _("各部分重叠"),
        "bad_hole": _("内孔越界"),
        "ring_touches_itself": _("边界碰到自己（尖刺）"),
        "invalid": _("形状无效"),
        "open_ring": _("未闭合，已闭合"),
        "collapsed_part": _("不足三点的部分已删去"),
        "collapsed_hole": _("不足三点的内孔已删去"),
        "crumbs_dropped": _("小于 1 平方米的碎块已删去"),
        "snapped": _("按毫米取整"),
    }
    index = int(entry.get("index", 0))
    return {
        "number": index + 1,
        "shape": f"feature:{index}",
        "what": [words.get(code, code) for code in entry.get("codes", ())],
        "before": f"{float(entry.get('area_before_m2', 0)):,.2f}",
        "after": f"{float(entry.get('area_after_m2', 0)):,.2f}",
        "change": f"{float(entry.get('area_change', 0)):+.4%}",
        "needs_look": bool(entry.get("needs_look")),
    }


def rejection_line(entry: dict[str, Any]) -> dict[str, Any]:
    """One polygon that was not taken."""
    reason = str(entry.get("reason") or entry.get("code") or "")
    if entry.get("code") in SAID_ANEW:
        reason = rejected_in_words(Rejected(str(entry["code"])))
    return {"number": int(entry.get("index", 0)) + 1, "reason": reason}


@action("assessment.view")
@require_GET
def layer_land(request: HttpRequest, layer_id: UUID) -> HttpResponse:
    """The polygons of a version for the map."""
    return JsonResponse({"shapes": layer_shapes(register.layer_for(actor_of(request), layer_id))})


@action("assessment.view_full_report")
@require_GET
def layer_original(request: HttpRequest, layer_id: UUID, name: str) -> HttpResponse:
    """The file as it was given, byte for byte (原始文件)."""
    actor = actor_of(request)
    require(actor, "assessment.view_full_report")
    found = register.layer_for(actor, layer_id)
    if name != original_name(found):
        raise NotFound
    response = HttpResponse(file_store.fetch(found.source.sha256), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
