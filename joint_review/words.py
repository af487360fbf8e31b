"""What the pure rules' codes mean, in the reader's words: what is wrong and what to do next."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from ledger.actor import Actor
from ledger.errors import Refused

Say = Callable[[], str]


def refuse(code: str, *, field: str | None = None) -> Refused:
    """The refusal for a code of the rules."""
    message, next_step = REFUSALS[code]
    return Refused(code, message(), field=field, next_step=next_step() if next_step else None)


def fault(code: str) -> str:
    """One fault of wording under its field."""
    return FAULTS[code]()


FAULTS: dict[str, Say] = {
    "unknown_class": lambda: _("请选择意见类别。"),
    "clause_needed": lambda: _("这类意见必须引用条文，请从条文库中选择。"),
    "unknown_clause": lambda: _("条文库中没有这一条，请重新选择。"),
    "empty": lambda: _("请写明意见内容。"),
    "too_long": lambda: _("文字过长，请控制在 4000 字以内。"),
    "bad_region": lambda: _("图上位置无效，请重新框选。"),
    "bad_demand": lambda: _("指标要求应写明参数、关系、数值和单位。"),
    "region_needs_sheet": lambda: _("请先选择图幅，再框选位置。"),
}

REFUSALS: dict[str, tuple[Say, Say | None]] = {
    # rules/opinions.py
    "recheck_first": (
        lambda: _("还有意见未复核，不能签署。"),
        lambda: _("请逐条复核申请人的答复：采纳关闭、部分采纳或保留。"),
    ),
    "breach_stands": (
        lambda: _("本部门还有未解决的必须整改意见，不能同意。"),
        lambda: _("请选择“需修改”，或先撤回、关闭这些意见。"),
    ),
    "opinions_stand": (
        lambda: _("本部门已提出意见，不能选择“不涉及”。"),
        lambda: _("请选择其他结论，或先撤回意见。"),
    ),
    "no_breach_named": (
        lambda: _("没有指出任何必须整改的问题，不能要求修改或不同意。"),
        lambda: _("请先提出至少一条必须整改的意见，申请人才知道改什么。"),
    ),
    "reason_needed": (lambda: _("请写明理由。"), None),
    "condition_needed": (lambda: _("请写明所附的条件。"), lambda: _("可提出一条建议，或在备注中写明条件。")),
    "late_hit": (
        lambda: _("此处自第一轮以来没有变化，属于前轮未提的意见。"),
        lambda: _("一次性告知：请选择现在才提出的原因；该意见会计入部门的统计。"),
    ),
    "too_long": (lambda: _("文字过长，请控制在 4000 字以内。"), None),
    "conflict_open": (
        lambda: _("还有意见冲突未裁定，不能签发告知书。"),
        lambda: _("请先会办并裁定冲突，申请人不可能同时满足两条相反的要求。"),
    ),
    "nothing_to_notice": (lambda: _("本轮没有需要申请人整改的意见，不必签发告知书。"), None),
    # acceptance/rules.py
    "never_silent": (lambda: _("此项不能因逾期未提意见而视为通过。"), None),
    "never_by_commitment": (
        lambda: _("此项不能以承诺方式通过。"),
        lambda: _("消防验收必须现场合格；请选择“通过”或“不通过”。"),
    ),
    "promise_needed": (
        lambda: _("承诺通过必须写明承诺内容、责任人和期限。"),
        lambda: _("请补全三项内容后再保存。"),
    ),
    "defect_needed": (
        lambda: _("结论为“不通过”时，必须至少列出一个需整改的问题。"),
        lambda: _("请先记录问题，写明位置和要求。"),
    ),
    "defects_open": (
        lambda: _("还有未整改的问题，不能通过。"),
        lambda: _("请选择“不通过”，或在复验合格后再作结论。"),
    ),
    "always_applies": (lambda: _("此项对所有项目适用，不能选择“不涉及”。"), None),
}


def in_words(actor: Actor, zh: str, en: str) -> str:
    """A name of the catalogue in the actor's language."""
    return en if actor.language.startswith("en") else zh


def state_label(kind: str, state: str) -> str:
    """A state in words."""
    labels = {
        "Round": {
            "open": _("审查中"),
            "complete": _("审查完成，待签发告知书"),
            "noticed": _("已告知，待申请人答复"),
            "answered": _("申请人已答复"),
            "closed": _("联审通过"),
            "returned": _("已退回"),
        },
        "Evaluation": {
            "open": _("征求意见中"),
            "complete": _("意见已齐，待专家评审会"),
            "closed": _("已出具综合意见"),
        },
        "Task": {
            "open": _("待领取"),
            "claimed": _("初审中"),
            "handed_over": _("待签署"),
            "signed": _("已签署"),
            "silent": _("逾期视为无意见"),
        },
        "Opinion": {
            "draft": _("草稿"),
            "signed": _("已签署"),
            "issued": _("已告知"),
            "answered": _("已答复，待复核"),
            "kept": _("复核保留"),
            "closed": _("已关闭"),
            "withdrawn": _("已撤回"),
            "merged": _("已并入他条"),
        },
        "Conflict": {"open": _("待裁定"), "ruled": _("已裁定"), "settled": _("已消除")},
        "AcceptanceRound": {
            "applied": _("已申请，待排期"),
            "scheduled": _("已定验收时间"),
            "visited": _("现场验收后，各部门出具意见"),
            "failed": _("未通过，待签发整改告知"),
            "rectifying": _("整改中"),
            "passed": _("验收通过"),
        },
        "AcceptanceTask": {"open": _("待验收"), "inspected": _("待签署"), "signed": _("已签署")},
        "Defect": {
            "listed": _("待整改"),
            "rectified": _("已整改，待复验"),
            "closed": _("复验合格"),
            "struck": _("已撤销"),
        },
    }
    return labels[kind][state]
