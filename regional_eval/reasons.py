"""Why the reuse test answered as it did (理由), in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from regional_eval.plan_reasons import conflict_in_words
from regional_eval.rules.answers import Reason
from regional_eval.terms import parameter_name


def reuse_sentences() -> dict[str, str]:
    """Code of a reason -> its sentence with named places."""
    return {
        "no_assessment": _("这里没有已发布的此类区域评估，需要单独评估。"),
        "not_published": _("%(number)s 还没有发布。"),
        "expired": _("%(number)s 已失效。"),
        "revoked": _("%(number)s 已撤销。"),
        "superseded": _("%(number)s 已被新成果替代。"),
        "not_yet_valid": _("%(number)s 自 %(valid_from)s 起才有效。"),
        "out_of_date": _("%(number)s 的有效期已于 %(valid_to)s 届满。"),
        "plan_changed": _("%(number)s 依据的规划是 %(assessed)s，现行规划是 %(in_force)s，且未声明兼容。"),
        "plan_unknown": _("%(number)s 依据的规划是 %(assessed)s，系统中没有现行规划的版本，无法核对。"),
        "industry_missing": _("%(number)s 限定了行业，项目还没有填写行业代码。"),
        "industry_unreadable": _("“%(industry)s”不是国民经济行业代码，无法与 %(number)s 核对。"),
        "industry_too_coarse": _("行业代码 %(industry)s 不够细，无法与 %(number)s 的清单核对，请填写到小类。"),
        "industry_not_allowed": _("行业 %(industry)s 不在 %(number)s 的适用行业（%(allowed)s）之内。"),
        "industry_negative": _("行业 %(industry)s 列入 %(number)s 的负面清单。"),
        "negative_in_words": _("%(number)s 的负面清单含“%(text)s”，由审批部门确认时核对。"),
        "allowed_in_words": _("%(number)s 的适用行业含“%(text)s”，由审批部门确认时核对。"),
        "limit_not_set": _("%(number)s 对“%(parameter)s”没有写明限值，无法核对。"),
        "parameter_missing": _("缺少“%(parameter)s”，%(number)s 的要求是 %(limit)s；缺数据不视为符合。"),
        "limit_unreadable": _("“%(parameter)s”无法与 %(number)s 的要求 %(limit)s 比较。"),
        "limit_exceeded": _("“%(parameter)s”为 %(given)s，超出 %(number)s 的要求 %(limit)s。"),
        "exception": _("属于 %(number)s 的例外情形：%(parameter)s。"),
        "exception_unknown": _("不清楚是否属于 %(number)s 的例外情形：%(parameter)s。"),
        "exception_in_words": _("%(number)s 的例外情形“%(text)s”，由审批部门确认时核对。"),
        "remainder": _("尚有 %(area_m2)s m² 未被覆盖（已覆盖 %(percent)s），这部分需要补充评估。"),
        "cut_out": _("%(number)s 剔除的高风险地块占用红线内 %(area_m2)s m²。"),
        "saving_typical": _("节省的时间和费用没有登记，按同类评估常见数额的低值估计，仅供参考。"),
    }


def in_words(reason: Reason) -> str:
    """One reason of a reuse test or of a conflict as a sentence; its bare code where no sentence is known."""
    sentence = reuse_sentences().get(reason.code)
    if sentence is None:
        return conflict_in_words(reason)
    shown: dict[str, Any] = {"number": _("该评估"), "text": "", **reason.params}
    if not shown["number"]:
        shown["number"] = _("该评估")
    if "parameter" in shown:
        shown["parameter"] = shown["text"] or parameter_name(str(shown["parameter"]))
    if "share" in shown:
        shown["percent"] = f"{float(shown['share']):.1%}"
    if isinstance(shown.get("area_m2"), int | float):
        shown["area_m2"] = f"{shown['area_m2']:,.0f}"
    if isinstance(shown.get("given"), float):
        shown["given"] = f"{shown['given']:,.2f}".removesuffix(".00")
    if isinstance(shown.get("limit"), str):
        shown["limit"] = (
            shown["limit"].replace("<=", "≤").replace(">=", "≥").replace(" m2", " m²").replace(" m3", " m³")
        )
    return sentence % shown


def read_reason(raw: Mapping[str, Any]) -> Reason:
    """A reason from a frozen answer."""
    return Reason(str(raw["code"]), dict(raw.get("params") or {}))
