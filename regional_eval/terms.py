"""Codes of this room in the reader's language (名称): kinds, states, effects, severities, fields, parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from regional_eval.domain import assessment_kinds, control_parameters, plan_layers
from regional_eval.models import Region


def in_words(entry: Mapping[str, Any] | None, code: str) -> str:
    """An entry of the domain data by its name in the reader's language; the code for one that is not there."""
    if entry is None:
        return code
    english = (get_language() or "").startswith("en")
    return str(entry.get("name_en" if english else "name_zh") or code)


def kind_name(code: str) -> str:
    """A kind of regional assessment (评估类型)."""
    return in_words(assessment_kinds().get(code), code)


def layer_name(code: str) -> str:
    """A kind of plan layer (规划图层)."""
    return in_words(plan_layers().get(code), code)


def kind_or_layer_name(purpose: str, code: str) -> str:
    """The kind of a layer version, whatever it is for."""
    return kind_name(code) if purpose == "assessment" else layer_name(code)


def region_name(region: Region) -> str:
    """A region by its name in the reader's language."""
    return either_name(region.name, region.name_en)


def either_name(chinese: str, english: str) -> str:
    """The English name for a reader of English, where there is one."""
    wanted = english if (get_language() or "").startswith("en") else ""
    return wanted or chinese


def parameter_name(code: str) -> str:
    """A parameter of a limit, or a control parameter of a plan."""
    return parameters().get(code) or in_words(control_parameters().get(code), code)


def state_name(state: str) -> str:
    """The state of a version or of an assessment."""
    return {
        "draft": _("草稿"),
        "reviewed": _("已审核，待发布"),
        "published": _("已发布"),
        "superseded": _("已被新版本替代"),
        "expired": _("已失效"),
        "revoked": _("已撤销"),
    }.get(state, state)


# The badge of each state: colour and icon.
STATE_LOOK = {
    "draft": ("blue", "pencil"),
    "reviewed": ("amber", "hourglass"),
    "published": ("green", "circle-check"),
    "superseded": ("stopped", "rotate-ccw-clock"),
    "expired": ("stopped", "calendar-x-2"),
    "revoked": ("red", "ban"),
}


def effect_name(effect: str) -> str:
    """What reuse does to the project's item (成果运用方式)."""
    return {
        "EXEMPT": _("免于单独评估"),
        "SIMPLIFIED": _("简化评估"),
        "COMMITMENT": _("告知承诺"),
    }.get(effect, effect)


def outcome_name(outcome: str) -> str:
    """One of the six answers of the reuse test."""
    return {
        "REUSABLE": _("可复用"),
        "REUSABLE_WITH_COMMITMENT": _("承诺后可复用"),
        "PARTIAL": _("部分覆盖，需补评"),
        "NOT_REUSABLE": _("不可复用"),
        "NOT_NEEDED": _("经认定无需评估"),
        "UNKNOWN": _("资料不足，暂不能判断"),
    }.get(outcome, outcome)


OUTCOME_LOOK = {
    "REUSABLE": ("green", "circle-check"),
    "REUSABLE_WITH_COMMITMENT": ("green", "file-pen-line"),
    "PARTIAL": ("amber", "square-dashed"),
    "NOT_REUSABLE": ("stopped", "circle-x"),
    "NOT_NEEDED": ("green", "circle-minus"),
    "UNKNOWN": ("blue", "circle-question-mark"),
}


def severity_name(severity: str) -> str:
    """How grave a conflict is, with its colour in words."""
    return {
        "BLOCKING": _("红 · 否决"),
        "MAJOR": _("橙 · 需协调"),
        "MINOR": _("黄 · 需修改"),
        "WARNING": _("蓝 · 提示"),
        "INFO": _("灰 · 信息"),
    }.get(severity, severity)


SEVERITY_LOOK = {
    "BLOCKING": ("red", "octagon-x"),
    "MAJOR": ("amber", "triangle-alert"),
    "MINOR": ("amber", "pencil-ruler"),
    "WARNING": ("blue", "info"),
    "INFO": ("stopped", "info"),
}


def rule_name(rule: str) -> str:
    """What a plan layer asks of a site."""
    return {
        "PROHIBIT": _("禁止占用"),
        "PROHIBIT_EXCEPT_LISTED": _("除列明情形外禁止占用"),
        "MUST_BE_WITHIN": _("必须位于范围内"),
        "USE_MUST_MATCH": _("用地性质须相符"),
        "PARAMETERS": _("须符合控制指标"),
        "CONTROL": _("占用须经主管部门同意"),
        "HEIGHT": _("高度不得超限"),
        "SETBACK": _("须退让规定距离"),
        "CLEARANCE": _("须保持净距"),
        "INFORM": _("仅供参考"),
    }.get(rule, rule)


def field_name(name: str) -> str:
    """A field of an assessment's record."""
    return {
        "number": _("评估编号"),
        "holder": _("组织编制单位"),
        "report_document": _("评估报告"),
        "expert_opinion": _("专家评审意见"),
        "approval_document_no": _("批复文号"),
        "approved_on": _("批复日期"),
        "valid_from": _("有效期起"),
        "valid_to": _("有效期止"),
        "plan_version": _("所依据的规划版本"),
        "parameter_limits": _("指标上限"),
        "industries": _("允许的行业"),
        "negative_list": _("负面清单"),
        "exceptions": _("例外情形"),
        "effect": _("成果运用方式"),
        "not_needed": _("经认定无需评估"),
        "fee_saved_yuan": _("可节省费用"),
        "days_saved": _("可节省时间"),
    }.get(name, name)


def parameters() -> dict[str, str]:
    """The project's figures that limits of assessments and plans ask for, by the name of the fact."""
    return {
        "building_height_m": _("建筑高度"),
        "land_area_m2": _("用地面积"),
        "floor_area_m2": _("总建筑面积"),
        "counted_floor_area_m2": _("计容建筑面积"),
        "building_footprint_m2": _("建筑基底面积"),
        "green_area_m2": _("绿地面积"),
        "excavation_depth_m": _("开挖深度"),
        "earthwork_m3": _("土石方量"),
        "annual_energy_tce": _("年综合能耗"),
        "annual_water_intake_m3": _("年取水量"),
        "hazard_level": _("地质灾害危险性等级"),
        "ground_elevation_m": _("场地标高"),
        "investment_10k_yuan": _("总投资"),
        "fixed_investment_10k_yuan": _("固定资产投资"),
        "land_use_code": _("用地性质代码"),
        "setback_m": _("退线距离"),
        "parking_spaces": _("停车位"),
        "dwellings": _("住宅套数"),
        "office_share_pct": _("行政办公及生活设施占比"),
        "spoil_outside_area_m3": _("区外弃渣量"),
        "occupied_storage_volume_m3": _("占用蓄滞洪容积"),
        "natural_period_s": _("结构自振周期"),
        "pollutant_quota_t": _("污染物排放量"),
        "energy_per_output_tce": _("单位产值能耗"),
        "industry_code": _("行业代码"),
    }
