"""Rows of text.json (文字记录): words of one line joined, big-font Chinese in its own proportions."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from drawings.cad import fonts
from drawings.cad.ink import Text


def text_records(texts: list[Text], levels: Sequence[int]) -> list[dict[str, Any]]:
    """Rows of text.json: words of one line joined, big-font Chinese in its own proportions."""
    out: list[dict[str, Any]] = []
    for text, level in _joined_words(texts, levels):
        face = fonts.typeface(text.font)
        runs = face.runs(text.text)
        if len(runs) > 1:
            whole = _row(text, text.text, level, dx=0.0, width=text.width, cap=text.cap)
            whole["hide"] = 1
            out.append(whole)
        widths = [face.run_width(part, han=han) for part, han in runs]
        natural = sum(widths) * text.cap
        squeeze = text.width / natural if natural > 0 else 1.0
        x = 0.0
        for (part, han), alone in zip(runs, widths, strict=True):
            width = alone * text.cap * squeeze
            shown = part.rstrip()
            if shown:
                shown_width = width if shown == part else face.run_width(shown, han=han) * text.cap * squeeze
                if han and face.shx:
                    em = fonts.HAN_BODY * text.cap
                    row = _row(text, shown, level, dx=x, width=shown_width, cap=em * fonts.CAP_HEIGHT, lift=em * 0.1)
                else:
                    row = _row(text, shown, level, dx=x, width=shown_width, cap=text.cap)
                if len(runs) > 1:
                    row["p"] = 1
                out.append(row)
            x += width
    return out


class _Slope(NamedTuple):
    """What follows from a text's matrix and height alone: shared by most texts of a drawing."""

    along: float
    height: float
    digits: int
    more: dict[str, Any]
    """Optional keys of the row."""


@functools.lru_cache(maxsize=4096)
def _slope(a: float, b: float, c: float, d: float, cap: float) -> _Slope:
    along = math.hypot(a, b)
    ux, uy = (a / along, b / along) if along else (1.0, 0.0)
    cross = ux * d - uy * c  # height of the local y axis over the base line
    slant = (ux * c + uy * d) / abs(cross) if cross else 0.0
    height = cap * abs(cross)
    digits = max(0, min(9, 3 - math.floor(math.log10(height)))) if height > 0 else 6  # a thousandth of the height
    more: dict[str, Any] = {}
    angle = math.degrees(math.atan2(uy, ux))
    if abs(angle) > 1e-3:
        more["rot"] = round(angle, 3)
    oblique = math.degrees(math.atan(slant))
    if abs(oblique) > 0.05:
        more["ob"] = round(oblique, 2)
    if cross < 0:
        more["mx"] = 1
    return _Slope(along, round(height, digits + 2), digits, more)


def _row(
    text: Text, words: str, level: int, *, dx: float, width: float, cap: float, lift: float = 0.0
) -> dict[str, Any]:
    """A row for `words`, a part of `text` that begins `dx` along its base line and `lift` above it."""
    a, b, c, d, e, f = text.matrix
    slope = _slope(a, b, c, d, cap)
    digits = slope.digits
    row: dict[str, Any] = {
        "e": text.look,
        "x": round(a * dx + c * lift + e, digits),
        "y": round(b * dx + d * lift + f, digits),
        "h": slope.height,
        "w": round(width * slope.along, digits),
        "s": words if words.isascii() else words.encode("utf-8", "replace").decode("utf-8"),
        **slope.more,
    }
    if level:
        row["lv"] = level
    if text.decoration:
        row["dec"] = text.decoration
    return row


def _joined_words(texts: list[Text], levels: Sequence[int]) -> list[tuple[Text, int]]:
    """Words that a paragraph layout set one by one, joined to lines again where nothing changes between them."""
    joined: list[tuple[Text, int]] = []
    for text, level in zip(texts, levels, strict=True):
        if joined:
            last, last_level = joined[-1]
            both = _with_word(last, text) if last_level == level and last.look == text.look else None
            if both is not None:
                joined[-1] = (both, level)
                continue
        joined.append((text, level))
    return joined


def _with_word(first: Text, word: Text) -> Text | None:
    if (
        first.look != word.look or first.font != word.font or first.cap != word.cap
        or math.floor(first.seq) != math.floor(word.seq) or first.matrix[:4] != word.matrix[:4]
        or first.decoration != word.decoration
    ):  # fmt: skip
        return None
    a, b, c, d, e, f = first.matrix
    det = a * d - b * c
    if abs(det) < 1e-30:
        return None
    dx, dy = word.matrix[4] - e, word.matrix[5] - f
    x, y = (d * dx - c * dy) / det, (a * dy - b * dx) / det
    gap = x - first.width
    if abs(y) > 0.02 * first.cap or not -0.05 * first.cap < gap < 1.2 * first.cap:
        return None
    words = first.text + (" " if gap > 0.12 * first.cap else "") + word.text
    face = fonts.typeface(first.font)
    total = x + word.width
    natural = face.width(words) * first.cap
    if natural <= 0 or not 0.9 < total / natural < 1.1:
        return None
    return first._replace(text=words, width=total)
