"""What a file holds, what is shown, and what is not and why (保真报告)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

HANDLES_LISTED = 50

REASONS: dict[str, tuple[str, str]] = {
    "unsupported": ("此类对象无法显示", "this kind of object cannot be shown"),
    "no_graphics": ("自定义对象没有附带代理图形，无法显示", "custom object without proxy graphics, cannot be shown"),
    "solid": ("三维实体或面域没有附带图形，无法显示", "solid or region without graphics of its own, cannot be shown"),
    "shape": ("形（SHAPE）的字库未随文件提供，无法显示", "the font of the shape was not supplied, it cannot be shown"),
    "embedded": ("嵌入对象（OLE）只显示边框", "embedded object (OLE): only its frame is shown"),
    "error": ("对象数据有错，无法绘制", "its data are wrong, it cannot be drawn"),
    "text_3d": ("倾斜于图面的三维文字无法显示", "text standing out of the drawing plane cannot be shown"),
    "view_3d": ("三维视口内容无法显示，只显示边框", "three-dimensional view: only its frame is shown"),
    "mask": (
        "遮罩（WIPEOUT）的次序不明，未应用：被遮的内容照常显示",
        "mask (WIPEOUT) of unknown order, not applied: what it covers is shown",
    ),
    "missing_block": ("引用的图块不存在", "its block is missing"),
    "xref": ("外部参照未随文件提供", "external reference not supplied"),
    "underlay": ("参考底图未随文件提供", "underlay not supplied"),
    "image": ("外部图像未随文件提供，只显示边框", "picture not supplied: only its frame is shown"),
    "reader": ("读取程序不支持此类对象", "the reader does not know this kind of object"),
    "invisible": ("作者设为不可见", "made invisible by the author"),
    "empty": ("没有可见内容", "nothing visible in it"),
    "defpoints": ("标注定义点，不打印", "definition point of a dimension, not plotted"),
    "attribute": ("属性定义，由属性值代替", "attribute definition, replaced by its values"),
}
HIDDEN = frozenset({"invisible", "empty", "defpoints", "attribute"})
"""Reasons by the author's will or by the nature of the object: listed, but no loss."""


@dataclass
class Report:
    """The account of one sheet."""

    entities: Counter[str] = field(default_factory=Counter)
    """Top level entities of the sheet in the file, by type."""
    shown: Counter[str] = field(default_factory=Counter)
    missed: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    """(type, reason) -> handles with their number."""
    missing: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(kind xref|image|underlay, name) -> how often."""
    warnings: dict[str, dict[str, Any]] = field(default_factory=dict)

    misses: int = 0
    """All misses together."""

    def miss(self, kind: str, reason: str, handle: str = "") -> None:
        self.missed.setdefault((kind, reason), Counter())[handle] += 1
        self.misses += 1

    def forget(self, kind: str, handle: str) -> None:
        """Take back what was missed of one entity: another way to show it is tried."""
        for key in [key for key in self.missed if key[0] == kind]:
            self.misses -= self.missed[key].pop(handle, 0)
            if not self.missed[key]:
                del self.missed[key]

    def lack(self, kind: str, name: str) -> None:
        """A file that the drawing names and that was not supplied. Only the last part of its path is kept."""
        base = name.replace("\\", "/").rsplit("/", 1)[-1][:200] or "?"
        self.missing[kind, base] += 1

    def warn(self, code: str, zh: str, en: str) -> None:
        known = self.warnings.setdefault(code, {"code": code, "zh": zh, "en": en, "count": 0})
        known["count"] += 1

    def listed(self, *, hidden: bool) -> list[dict[str, Any]]:
        found = []
        for (kind, reason), handles in sorted(self.missed.items()):
            if (reason in HIDDEN) != hidden:
                continue
            zh, en = REASONS[reason]
            found.append(
                {
                    "type": kind,
                    "count": sum(handles.values()),
                    "reason": reason,
                    "zh": zh,
                    "en": en,
                    "handles": [h for h in list(handles)[:HANDLES_LISTED] if h],
                }
            )
        return found

    def as_dict(self, *, reader: str, fonts: dict[str, Any], warnings: list[dict[str, Any]]) -> dict[str, Any]:
        """The content of fidelity.json."""
        not_shown = self.listed(hidden=False)
        notes = [*warnings, *self.warnings.values()]
        return {
            "v": 1,
            "reader": reader,
            "entities": dict(sorted(self.entities.items())),
            "shown": dict(sorted(self.shown.items())),
            "not_shown": not_shown,
            "hidden": self.listed(hidden=True),
            "fonts": fonts,
            "missing": [{"kind": k, "name": n, "count": c} for (k, n), c in sorted(self.missing.items())],
            "warnings": notes,
            "verdict": "warn" if not_shown or notes or self.missing else "ok",
        }
