"""Feature control frames (形位公差框格, TOLERANCE): boxes side by side and one under the other, with signs and words in them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Any, NamedTuple

SIGNS = {
    "a": "∠", "b": "⊥", "c": "平面度", "d": "面轮廓度", "e": "○", "f": "∥", "g": "圆柱度", "h": "↗", "i": "对称度",
    "j": "位置度", "k": "⌒", "l": "Ⓛ", "m": "Ⓜ", "n": "Ø", "p": "Ⓟ", "q": "□", "r": "◎", "s": "Ⓢ", "t": "全跳动", "u": "直线度",
}  # fmt: skip
"""Letters of gdt.shx. Where our face has no such sign, its name (GB/T 1182) stands."""
_SIGN = re.compile(r"\{\\F[gG][dD][tT](?:\.shx)?;([^}]*)\}")
_CODE = re.compile(r"\{?\\F[^;]*;|[{}]")
ROW = 2.0
"""Height of a row in heights of its words."""


class Frame(NamedTuple):
    """Lines as (x0, y0, x1, y1) and words as (x, y, words), from the middle of the left edge of the first row."""

    lines: list[tuple[float, float, float, float]]
    words: list[tuple[float, float, str]]


def rows_of(content: str) -> list[list[str]]:
    """Words of each box of each row, trailing empty boxes left out."""
    rows = []
    for line in content.replace("^J", "\n").replace("\\n", "\n").split("\n"):
        cells = [_CODE.sub("", _SIGN.sub(_signs, cell)).strip() for cell in line.split("%%v")]
        while cells and not cells[-1]:
            cells.pop()
        rows.append([cell for cell in cells if cell])
    return rows


def _signs(found: re.Match[str]) -> str:
    return "".join(SIGNS.get(letter.lower(), letter) for letter in found[1])


def frame(content: str, cap: float, gap: float, width: Callable[[str], float]) -> Frame:
    """The frame of a content; `width`: of words in drawing units."""
    lines: list[tuple[float, float, float, float]] = []
    words: list[tuple[float, float, str]] = []
    high = ROW * cap
    for number, row in enumerate(rows_of(content)):
        middle, x = -high * number, 0.0
        for cell in row:
            wide = max(width(cell) + 2 * gap, high)
            words.append((x + (wide - width(cell)) / 2, middle - cap / 2, cell))
            low, top = middle - high / 2, middle + high / 2
            lines += [
                (x, low, x + wide, low),
                (x, top, x + wide, top),
                (x, low, x, top),
                (x + wide, low, x + wide, top),
            ]
            x += wide
    return Frame(lines, words)


def sizes(entity: Any) -> tuple[float, float]:
    """Height of the words and gap round them: of the entity's own overrides, of its dimension style, or of the drawing."""
    doc = entity.doc
    name = str(entity.dxf.get("dimstyle", "Standard"))
    style = doc.dimstyles.get(name) if doc is not None and name in doc.dimstyles else None
    own: dict[int, float] = {}
    if entity.has_xdata_list("ACAD", "DSTYLE"):
        tags = entity.get_xdata_list("ACAD", "DSTYLE")
        own = {
            int(key.value): float(value.value)
            for key, value in itertools.pairwise(tags)
            if key.code == 1070 and value.code == 1040
        }

    def of(code: int, key: str, otherwise: float) -> float:
        value = own.get(code)
        if value is None and style is not None:
            value = style.dxf.get(key)
        if value is None and doc is not None:
            value = doc.header.get(f"${key.upper()}")
        return float(value) if value is not None and 0 < abs(float(value)) < 1e12 else otherwise

    scale = of(40, "dimscale", 1.0)
    return of(140, "dimtxt", 0.18) * scale, abs(of(147, "dimgap", 0.09)) * scale
