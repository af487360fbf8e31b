"""Words in lines (带文字线型): a pipe says "GAS" between its dashes, and so its line must. ezdxf shows such line types solid and without words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ezdxf.addons.drawing.unified_text_renderer import UnifiedTextRenderer
from ezdxf.entities.ltype import compile_line_pattern

from drawings.cad.fidelity import Report
from drawings.cad.ink import Record, Strokes, Text

LEVEL, WORDS, SHAPE, UPRIGHT = 1, 2, 4, 8
"""Bits of an element of a line type: its angle is that of the sheet; it holds words; a shape; its words never stand on their head."""
MOST = 50_000
HEAD = 1e-6


@dataclass(frozen=True)
class LineWords:
    """Words of one element; lengths for a line type scale of 1."""

    words: str
    font: str
    at: float
    """Along the pattern, where the element ends."""
    shift: tuple[float, float]
    cap: float
    width: float
    angle: float
    level: bool
    """The angle is that of the sheet, not of the line."""
    upright: bool


@dataclass(frozen=True)
class Symbols:
    """What the line types of a document hold beside dashes, by upper-case name."""

    words: Mapping[str, Sequence[LineWords]]
    patterns: Mapping[str, tuple[float, ...]]
    """Dashes and gaps of those with words."""
    shapes: frozenset[str]
    """Those with shapes of a font that is not here: shown solid."""


NONE = Symbols({}, {}, frozenset())


def of_document(doc: Any, fonts: Mapping[str, Any]) -> Symbols:
    """Read the table of line types. `fonts`: ezdxf's font faces by lower-case name of the text style."""
    words: dict[str, list[LineWords]] = {}
    patterns: dict[str, tuple[float, ...]] = {}
    shapes: set[str] = set()
    for entry in doc.linetypes:
        tags = getattr(entry.pattern_tags, "tags", ())
        flags = [int(tag.value) for tag in tags if tag.code == 74]
        name = str(entry.dxf.name).upper()
        if any(flag & SHAPE for flag in flags):
            shapes.add(name)
        elif any(flag & WORDS for flag in flags):
            dashes = [float(tag.value) for tag in tags if tag.code == 49]
            total = sum(map(abs, dashes))
            if len(dashes) > 1 and math.isfinite(total) and total > 0:
                patterns[name] = tuple(float(v) for v in compile_line_pattern(total, dashes))
                words[name] = _elements(doc, tags, fonts)
    return Symbols(words, patterns, frozenset(shapes))


def _elements(doc: Any, tags: Sequence[Any], fonts: Mapping[str, Any]) -> list[LineWords]:
    found: list[LineWords] = []
    end = 0.0
    element: dict[int, Any] = {}
    for tag in [*tags, None]:
        if (tag is None or tag.code == 49) and int(element.get(74, 0)) & WORDS and str(element.get(9, "")).strip():
            found.append(_words(doc, element, end, fonts))
        if tag is None:
            break
        if tag.code == 49:
            end += abs(float(tag.value))
            element = {}
        element[tag.code] = tag.value
    return found


def _words(doc: Any, element: Mapping[int, Any], end: float, fonts: Mapping[str, Any]) -> LineWords:
    style = doc.entitydb.get(str(element.get(340, "")))
    name = str(style.dxf.name) if style is not None else "Standard"
    fixed = float(style.dxf.get("height", 0.0)) if style is not None else 0.0
    cap = abs(float(element.get(46, 1.0))) * (fixed or 1.0)
    words = str(element[9])
    face = fonts.get(name.lower())
    width = UnifiedTextRenderer().get_font(face).text_width_ex(words, cap) if face is not None else cap * len(words)
    shift = float(element.get(44, 0.0)), float(element.get(45, 0.0))
    flags = int(element[74])
    font = str(face.filename) if face is not None else ""
    angle = math.radians(float(element.get(50, 0.0)))
    return LineWords(words, font, end, shift, cap, width, angle, bool(flags & LEVEL), bool(flags & UPRIGHT))


def placed(lines: Strokes, records: Sequence[Record], symbols: Symbols, report: Report) -> list[Text]:
    """The words in lines that were cut into dashes, at each turn of their pattern; and the account of what has to stay away."""
    _tell_shapes(records, symbols, report)
    made: list[Text] = []
    wanted = np.array([record.look.line_type in symbols.words for record in records], dtype=bool)
    if not wanted.any() or not len(lines):
        return made
    starts = lines.starts
    for i in np.flatnonzero(wanted[lines.look]).tolist():
        made += _along(lines.xy[starts[i] : starts[i + 1]], int(lines.look[i]), float(lines.seq[i]), records, symbols)
        if len(made) > MOST:
            report.warn("W_LINETYPE", "线型中的文字过多，未全部画出", "too many words in line types, not all are shown")
            return made[:MOST]
    return made


def _along(xy: Any, number: int, seq: float, records: Sequence[Record], symbols: Symbols) -> list[Text]:
    look = records[number].look
    name, scale = str(look.line_type), abs(look.scale)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    period = sum(symbols.patterns[name]) * scale
    made: list[Text] = []
    for turn in range(min(MOST, int(along[-1] // period) + 1)):
        for words in symbols.words[name]:
            begin = turn * period + (words.at + words.shift[0]) * scale
            width = words.width * scale
            if begin < 0 or begin + width > along[-1] or width <= 0:
                continue
            piece = min(int(np.searchsorted(along, begin + width / 2, side="right")) - 1, len(xy) - 2)
            way = (xy[piece + 1] - xy[piece]) / (along[piece + 1] - along[piece] or 1.0)
            if words.upright and way[0] < -HEAD:  # from its other end, back along the line
                begin, way = 2 * along[piece] - begin - width, -way
            place = xy[piece] + way * (begin - along[piece]) + np.array((-way[1], way[0])) * words.shift[1] * scale
            angle = words.angle + (0.0 if words.level else math.atan2(way[1], way[0]))
            c, s = math.cos(angle), math.sin(angle)
            matrix = (c, s, -s, c, float(place[0]), float(place[1]))
            made.append(Text(matrix, words.cap * scale, width, words.words, words.font, number, seq, ""))
    return made


def _tell_shapes(records: Sequence[Record], symbols: Symbols, report: Report) -> None:
    for name in sorted({str(record.look.line_type) for record in records} & symbols.shapes):
        report.warn(
            "W_LINETYPE",
            f"线型“{name}”中的形（SHX 符号）没有字库，以实线显示",
            f'the shapes in line type "{name}" have no font: it is shown as a solid line',
        )
