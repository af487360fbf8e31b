"""States, steps and refusals of files in words (用语)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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


def unit_word(unit: str) -> str:
    """A drawing unit as people read it: symbols stay, the words of other systems are translated."""
    named = {"inch": _("英寸"), "foot": _("英尺"), "yard": _("码"), "mile": _("英里")}
    return named.get(unit, unit)


def finding_words(item: dict[str, Any]) -> tuple[str, str]:
    """A finding of the intake checks (drawings.rules.intake): what was found, and what to do about it."""
    said = FINDINGS.get(item["code"])
    return said(item) if said else (str(item["code"]), "")


def _fonts(item: dict[str, Any]) -> tuple[str, str]:
    listed = _("、").join(_("%(font)s（%(n)s 处）") % {"font": each["font"], "n": each["n"]} for each in item["fonts"])
    return (
        _("字体缺失：%(fonts)s，已用 Noto Sans SC 代替显示") % {"fonts": listed},
        _("文字内容完整；如需原样，请随图提供字体文件或在 CAD 中改用通用字体。"),
    )


def _red_line_open(item: dict[str, Any]) -> tuple[str, str]:
    ends = _("；").join(f"({x:.3f}, {y:.3f})" for x, y in item["ends"])
    return (
        _("用地红线没有闭合（图层 %(layer)s），断开处：%(ends)s") % {"layer": item["layer"], "ends": ends or "—"},
        _("请在 CAD 中闭合红线后提交新版本；未闭合的红线不能计算用地面积。"),
    )


def _red_line_closed(item: dict[str, Any]) -> tuple[str, str]:
    if item.get("area"):
        said = _("用地红线闭合（图层 %(layer)s，%(rings)s 圈，图上面积 %(area)s m²）")
        return said % {"layer": item["layer"], "rings": item["rings"], "area": f"{item['area']:,.1f}"}, ""
    return _("用地红线闭合（图层 %(layer)s，%(rings)s 圈）") % {"layer": item["layer"], "rings": item["rings"]}, ""


def preparation_words(state: str) -> str:
    """What a reader is told of a sheet that this version of the product has not made; empty for the others."""
    said = {
        "waiting": _("系统已升级，这张图正在重新制备；在此之前，属性、比对等功能可能不全。稍后重新打开即可。"),
        "failed": _(
            "系统升级后重新制备未成功，仍显示旧版制备的图；属性、比对等功能可能不全。系统管理员可在运行状况中看到。"
        ),
        "kept": _("新版程序没有再从原文件中得到这张图，仍显示旧版制备的图，批注不受影响。"),
    }
    return said.get(state, "")


FINDINGS: dict[str, Callable[[dict[str, Any]], tuple[str, str]]] = {
    "SHEET_FOUND": lambda item: (
        _("系统升级后从原文件中新发现 %(n)s 张图：%(names)s")
        % {"n": len(item["names"]), "names": _("、").join(item["names"])},
        _("此前的审查没有看到这些图，请查看并复核。"),
    ),
    "SHEET_KEPT": lambda _item: (
        _("新版程序没有再从原文件中得到这些图，仍显示旧版制备的图"),
        _("批注和意见不受影响；请以原文件核对。"),
    ),
    "NOT_ANEW": lambda item: (
        _("系统升级后未能重新制备：%(files)s") % {"files": _("、").join(item["files"])},
        _("仍显示旧版制备的图，属性、比对等功能可能不全；请联系系统管理员。"),
    ),
    "UNITS_MISSING": lambda _item: (
        _("图纸没有标明绘图单位，长度按图形单位显示"),
        _("请在 CAD 中用 UNITS 设置单位（毫米或米）后重新提交，量测才有实际尺寸。"),
    ),
    "UNITS_FOUND": lambda item: (
        _("绘图单位：%(units)s（%(n)s 个模型空间）")
        % {"units": _("、").join(unit_word(unit) for unit in item["units"]), "n": item["n"]},
        "",
    ),
    "SCALE_DIFFERS": lambda item: (
        _("图签比例 1:%(titled)s 与视口实际比例 1:%(shown)s 不一致") % item,
        _("请核对图签或视口比例。"),
    ),
    "SCALE_FOUND": lambda item: (_("%(n)s 张图读到比例") % item, ""),
    "SCALE_MISSING": lambda _item: (_("图签没有填写比例"), _("请补填比例，或在图签注明“见图”。")),
    "XREF_MISSING": lambda item: (
        _("缺少外部参照 %(name)s") % item,
        _("请在 CAD 中绑定（BIND）外部参照后重新提交。"),
    ),
    "IMAGE_MISSING": lambda item: (
        _("缺少图像 %(name)s，只显示边框") % item,
        _("请把图像嵌入图纸，或打印成 PDF 提交。"),
    ),
    "PART_MISSING": lambda item: (_("缺少底图 %(name)s") % item, _("请绑定后重新提交，或打印成 PDF 提交。")),
    "NOT_SHOWN": lambda item: (
        _("有 %(n)s 个对象无法显示，逐项见保真报告") % item,
        _("请在 CAD 中分解这些对象，或同时提交 PDF。"),
    ),
    "FONT_MISSING": _fonts,
    "PARTS_COMPLETE": lambda _item: (_("外部参照、图像齐全，全部对象可显示"), ""),
    "SHEET_BLANK": lambda _item: (_("空白图幅"), _("请确认是否多余；如有遗漏内容，请重新出图后提交。")),
    "LAYOUT_EMPTY": lambda item: (
        _("%(n)s 个空布局已略过：%(layouts)s")
        % {
            "n": len(item["layouts"]),
            "layouts": _("、").join(dict.fromkeys(str(each["layout"]) for each in item["layouts"])),
        },
        "",
    ),
    "RED_LINE_OPEN": _red_line_open,
    "RED_LINE_CLOSED": _red_line_closed,
    "RED_LINE_LOOSE": lambda item: (
        _("红线图层 %(layer)s 上另有不属于闭合圈的线（约 %(share)s%%）") % item,
        _("图例、引线等请放到其他图层。"),
    ),
    "RED_LINE_NONE": lambda _item: (
        _("总平面图上没有找到用地红线图层"),
        _("请把红线放在名称含“用地红线”的图层上。"),
    ),
    "NUMBER_TWICE": lambda item: (
        _("图号 %(number)s 出现 %(n)s 次") % item,
        _("同一版内图号应唯一；图号重复时无法可靠对应前后版本。"),
    ),
    "NUMBER_MISSING": lambda _item: (
        _("没有读到图号"),
        _("请在图签填写图号，或以“建施-01 图名”命名布局或文件。"),
    ),
    "NUMBERS_UNIQUE": lambda item: (_("图号无重复（%(n)s 个）") % item, ""),
    "LIST_NONE": lambda _item: (_("没有找到图纸目录，未核对图纸是否齐全"), _("建议随图提交图纸目录。")),
    "LISTED_NOT_SENT": lambda item: (
        _("目录列出但没有提交：%(rows)s")
        % {"rows": _("、").join(f"{row['number']} {row['name']}" for row in item["rows"])},
        _("请补交，或更正图纸目录。"),
    ),
    "SENT_NOT_LISTED": lambda _item: (_("已提交但目录没有列出"), _("请更正图纸目录。")),
    "NAME_DIFFERS": lambda item: (
        _("图号 %(number)s：目录写“%(listed)s”，图签写“%(sent)s”") % item,
        _("请统一图名。"),
    ),
    "LIST_COMPLETE": lambda item: (_("与图纸目录一致（%(n)s 张）") % item, ""),
}
