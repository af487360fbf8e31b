"""States, steps and refusals of files in words (用语)."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from drawings.cad.errors import CODES, STEPS, Refusal
from drawings.models import SourceFile


def file_state(state: str) -> str:
    """The state of a file."""
    return {
        "queued": _("排队等待检查"),
        "inspecting": _("正在检查"),
        "rendering": _("正在生成图幅"),
        "ready": _("已通过"),
        "refused": _("未接收"),
    }[state]


def revision_state(state: str) -> str:
    """The state of a revision."""
    return {
        "uploading": _("正在上传"),
        "checking": _("正在检查"),
        "clean": _("已通过检查"),
        "rejected": _("有文件未接收"),
    }[state]


def sheet_state(state: str) -> str:
    """The state of a sheet."""
    return {"draft": _("未开始会审"), "open": _("会审中"), "frozen": _("已冻结"), "signed": _("已审定")}[state]


def sheet_kind(kind: str) -> str:
    """Where a sheet comes from."""
    return {"model": _("模型空间"), "layout": _("布局"), "page": _("PDF 页面")}.get(kind, kind)


def step_words(step: str) -> str:
    """The step of the preparation, in the reader's language; nothing for a step unknown here."""
    chinese, english = STEPS.get(step, ("", ""))
    return chinese if is_chinese() else english


def refusal_words(source: SourceFile) -> tuple[str, str]:
    """Message and next step of a refused file, in the reader's language; empty for the others."""
    if source.code not in CODES:
        return "", ""
    refusal = Refusal(source.code, source.detail.get("zh", ""), source.detail.get("en", ""))
    language = "zh" if is_chinese() else "en"
    return refusal.message(language), refusal.next_step(language)


def is_chinese() -> bool:
    """Does the reader read Chinese?"""
    return (get_language() or "zh-hans").startswith("zh")
