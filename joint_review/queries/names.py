"""Departments, disciplines, classes and clauses as the API and the pages name them, in the reader's language."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from joint_review import catalogue


def language() -> str:
    """The reader's language."""
    return get_language() or "zh-hans"


def in_language(zh: str, en: str) -> str:
    """One of two names."""
    return en if language().startswith("en") and en else zh


def department_out(department: Any) -> dict[str, Any]:
    """A department with badge and colour."""
    return {
        "code": department.code,
        "name": in_language(department.name_zh, department.name_en),
        "short_name": in_language(department.short_name, department.name_en),
        "badge": department.badge,
        "color": department.color,
    }


def discipline_out(code: str | None) -> dict[str, str] | None:
    """A discipline, or the evaluation or chapter of a round without drawings; or none."""
    if not code:
        return None
    known = catalogue.discipline_names().get(code)
    return {"code": code, "name": known.label(language()) if known else part_name(code)}


def part_name(code: str) -> str:
    """An evaluation or a chapter, by the item it belongs to."""
    known = catalogue.item_names().get(code)
    return known.label(language()) if known else code


def kind_name(kind: str) -> str:
    """A kind of round (轮次类别)."""
    return {
        "drawings": _("多图联审"),
        "early_opinion": _("前期意见"),
        "plan_evaluation": _("规划同评"),
        "multi_evaluation": _("多评合一"),
        "three_reports": _("三书合一"),
    }[kind]


def class_label(code: str) -> str:
    """A class of opinion."""
    return catalogue.class_names()[code].label(language())


def classes_out() -> list[dict[str, Any]]:
    """Every class of opinion for a chooser."""
    return [
        {"code": item.code, "name": class_label(item.code), "needs_clause": item.needs_clause, "blocks": item.blocks}
        for item in catalogue.opinion_classes().values()
    ]


def late_reasons_out() -> list[dict[str, str]]:
    """Reasons of a late opinion for a chooser."""
    return [{"code": item.code, "name": item.label(language())} for item in catalogue.late_reasons().values()]


def clause_out(clause: catalogue.Clause) -> dict[str, Any]:
    """A clause of the library."""
    return {
        "code": clause.code,
        "no": f"{clause.standard} {clause.number}",
        "title": clause.title(language()),
        "topic": clause.topic(language()),
        "cls": clause.cls,
        "discipline": clause.discipline,
        "certain": clause.certain,
    }


def cited_clause_out(stored: dict[str, Any]) -> dict[str, Any] | None:
    """A clause as an opinion cited it."""
    if not stored:
        return None
    return {
        "code": stored["code"],
        "no": f"{stored['standard']} {stored['number']}",
        "title": in_language(stored["standard_zh"], stored["standard_en"]),
        "topic": in_language(stored["topic_zh"], stored["topic_en"]),
        "certain": stored["certain"],
    }


def answer_label(kind: str) -> str:
    """How the applicant answers (答复方式)."""
    return {"revise": _("修改"), "explain": pgettext("an answer", "说明"), "object": _("异议")}[kind]


def recheck_label(result: str) -> str:
    """What a department says to an answer (复核结论)."""
    return {"accept": _("采纳关闭"), "keep": _("保留"), "partly": _("部分采纳")}[result]


def conclusion_label(code: str) -> str:
    """What a department concludes (审查结论)."""
    return {
        "agree": _("同意"),
        "agree_with_conditions": _("同意（附条件）"),
        "revise": _("需修改"),
        "disagree": _("不同意"),
        "not_concerned": _("不涉及"),
    }[code]


def verdict_label(verdict: str) -> str:
    """What a revision did to the place of an opinion (位置变化)."""
    return {
        "unchanged": _("此处未改"),
        "changed": _("此处已改"),
        "moved": _("此处已移动"),
        "gone": _("此处已删除"),
    }[verdict]
