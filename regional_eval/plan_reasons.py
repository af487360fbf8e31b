"""Conflicts with plans, and of plans with plans, in the reader's language (规划冲突的文字)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from regional_eval.queries.plans import land_uses, plan_kinds
from regional_eval.rules.answers import Reason
from regional_eval.terms import layer_name, parameter_name

OPERATORS = {"<=": "≤", ">=": "≥", "=": "=", "all": ""}


def conflict_kind_name(code: str) -> str:
    """A kind of conflict (冲突类型)."""
    return {
        "OVERLAP_PROHIBITED": _("压占禁止区"),
        "OUTSIDE_REQUIRED": _("超出允许范围"),
        "OVERLAP_CONTROLLED": _("占用控制区"),
        "USE_MISMATCH": _("用地性质不符"),
        "PARAMETER_EXCEEDED": _("控制指标超限"),
        "SETBACK_SHORT": _("退让不足"),
        "HEIGHT_EXCEEDED": _("超高"),
        "PLAN_PLAN": _("规划间矛盾"),
        "STALE_LAYER": _("图层过期"),
        "MISSING_PARAMETER": _("资料不足"),
        "INFORM": _("信息"),
    }.get(code, code)


def conflict_sentences() -> dict[str, str]:
    """Code of a reason -> its sentence with named places."""
    return {
        "overlap_prohibited": _("红线压占禁止占用的范围。"),
        "overlap_prohibited_unlisted": _("红线压占禁止占用的范围，项目用途不在列明的例外之内。"),
        "listed_by_nature": _("道路和市政工程可以位于道路红线内，仅作记录。"),
        "listed_needs_opinion": _("项目用途属于列明的情形，需取得%(authority)s的意见。"),
        "needs_opinion": _("占用前需取得%(authority)s的意见。"),
        "heritage_core": _("位于文物保护范围，除经依法批准外不得建设。"),
        "zone_unknown": _("图层没有写明分区，按最严的一级对待，请主管部门核实。"),
        "water_level_1": _("位于饮用水水源一级保护区，与供水和保护水源无关的项目不得建设。"),
        "water_level_2": _("位于饮用水水源二级保护区，排放污染物的项目不得建设。"),
        "water_quasi": _("位于饮用水水源准保护区，对水体污染严重的项目不得建设。"),
        "missing_figure": _("还缺少“%(figure)s”，缺数据不视为符合。"),
        "plan_use_unreadable": _("图层没有写明可识别的用地性质，无法核对。"),
        "use_not_compatible": _("规划用途是%(planned)s，项目用途是%(wanted)s，两者不兼容。"),
        "use_conditional": _("规划用途是%(planned)s，项目用途%(wanted)s须经同意方可兼容。"),
        "use_too_coarse": _("规划用途是%(planned)s，项目用途（%(wanted)s）不够细，请填写用地性质代码。"),
        "use_missing": _("规划用途是%(planned)s，项目还没有填写用途。"),
        "farm_land_conversion": _("现状为农用地（%(use)s），建设前须办理农用地转用。"),
        "informs": _("现状地类：%(use)s。"),
        "outside_required": _("这部分红线在必须位于其中的范围之外。"),
        "land_not_granted_yet": _("还没有供地，供地后再核对是否在宗地范围内。"),
        "no_plan_for_this_ground": _("这部分用地没有对应的规划地块，无法核对。"),
        "over_pipeline": _("红线压在地下管线上，设计时须避让或迁改。"),
        "clearance_short": _("距管线 %(value)s m，少于要求的净距 %(limit)s m。"),
        "elevation_exceeded": _("建筑顶部海拔 %(value)s m，超过净空限制 %(limit)s m。"),
        "limit_not_kept": _("%(parameter)s：项目为 %(value)s，规划要求 %(limit)s。"),
        "facilities_missing": _("缺少规划要求的配套设施：%(missing)s。"),
        "figure_missing": _("还缺少“%(parameter)s”的数据，规划要求 %(limit)s；缺数据不视为符合。"),
        "figure_is_a_bound": _("%(parameter)s：项目最多为 %(value)s，规划要求 %(limit)s，需要准确数据才能判断。"),
        "plan_limit_missing": _("图层没有给出“%(parameter)s”的限值，无法核对。"),
        "plan_limit_unreadable": _("图层中“%(parameter)s”的限值无法识别，请主管部门更正。"),
        "sliver": _("重叠仅 %(area_m2)s m²（容差 %(tolerance_m2)s m²），可能是数据误差，由人工判断。"),
        "layer_not_in_force": _("该图层版本不在有效期内，仅作提示。"),
        "three_lines_overlap": _("三条控制线互相重叠，依规不得交叉重叠。"),
        "forbidden_but_planned": _("一个图层禁止建设，另一个图层规划为建设用地（%(use)s）。"),
        "uses_exclude": _("两个规划的用途互不相容：%(first_use)s 与 %(second_use)s。"),
        "limits_exclude": _("两个规划的%(parameter)s互相排斥：%(first_limit)s 与 %(second_limit)s。"),
    }


def conflict_in_words(reason: Reason, authorities: Mapping[str, str] | None = None) -> str:
    """One reason as a sentence; `authorities` names departments by code.

    The bare code where no sentence is known."""
    code = reason.code
    shown: dict[str, Any] = dict(reason.params)
    if code == "limit_not_kept" and "missing" in shown:
        code = "facilities_missing"
    sentence = conflict_sentences().get(code)
    if sentence is None:
        return code
    limited = {**shown, "limit": limit_in_words(shown)} if "operator" in shown else shown
    if "parameter" in limited:
        limited["parameter"] = parameter_name(str(limited["parameter"]))
    if "figure" in limited:
        limited["figure"] = figure_name(str(limited["figure"]))
    if "authority" in limited:
        limited["authority"] = (authorities or {}).get(str(limited["authority"]), pgettext("in a sentence", "主管部门"))
    for name in ("planned", "use", "first_use", "second_use"):
        if name in limited:
            limited[name] = use_name(str(limited[name]))
    if "wanted" in limited:
        limited["wanted"] = _("、").join(use_name(one) for one in str(limited["wanted"]).split("、") if one)
    if "value" in limited and limited.get("unit") in {"%", "m"}:
        limited["value"] = f"{limited['value']:g} {limited['unit']}"
    return sentence % {"use": _("未注明"), **limited}


def limit_in_words(params: Mapping[str, Any]) -> str:
    """≤ 2.0, ≥ 30 %, or the list of facilities."""
    value = params.get("limit", "")
    number = f"{value:g}" if isinstance(value, int | float) else str(value)
    unit = {"m": " m", "%": " %", "per_100_m2": _(" 个/100 m²"), "10k yuan/mu": _(" 万元/亩"), "m2": " m²"}
    return f"{OPERATORS.get(str(params.get('operator')), '')} {number}{unit.get(str(params.get('unit')), '')}".strip()


def use_name(code: str) -> str:
    """A land use with its code."""
    english = (get_language() or "").startswith("en")
    for use in land_uses():
        if use.code == code:
            return f"{use.name_en if english else use.name_zh} {code}"
    return code


def figure_name(fact: str) -> str:
    """What the project must say."""
    own = {
        "use": _("项目用途"),
        "discharges_pollutants": _("是否排放水污染物"),
        "heavy_water_pollution": _("是否对水体污染严重"),
    }
    return own.get(fact) or parameter_name(fact)


def basis_of(layer: str) -> str:
    """The law that a kind of plan layer stands on (依据); Chinese as it was enacted."""
    kind = plan_kinds().get(layer)
    return kind.legal_basis.replace(";", "；") if kind else ""


def read_reason(raw: Mapping[str, Any]) -> Reason:
    """A reason from a stored answer."""
    return Reason(str(raw["code"]), dict(raw.get("params") or {}))


__all__ = ["basis_of", "conflict_in_words", "conflict_kind_name", "conflict_sentences", "layer_name", "read_reason"]
