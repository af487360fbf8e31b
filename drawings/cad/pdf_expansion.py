"""How much a PDF draws, counted before it is drawn (PDF 展开量): forms within forms, and patterns whose tile is a speck."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pymupdf

from drawings.cad import limits
from drawings.cad.errors import Refusal

DRAWN = re.compile(rb"/([^\s/<>\[\](){}%]{1,127})\s+Do\b")
RESOURCE = re.compile(r"/([^\s/<>\[\](){}%]{1,127})\s+(\d+)\s+0\s+R")
NUMBERS = re.compile(r"-?\d*\.?\d+")
PAINTED = re.compile(rb"[\s](?:S|s|f\*?|F|B\*?|b\*?)(?=\s)")
MOST_FORMS = 50_000
# A page's commands are counted from this size on: below, they cannot be too many.
COUNTED_FROM, MOST_CONTENT, PIECE = 12 * limits.MIB, 512 * limits.MIB, limits.MIB
MOST_BYTES = 64 * limits.MIB
MOST_TILES = 4_000_000


def check(document: Any, pages: list[tuple[float, float]]) -> None:
    """Refuses pages with PRIMITIVES paths (E_OBJECTS), forms that nest to more (E_EXPAND; cycles are left to MuPDF), and tiles
    without number (E_DASH).
    """
    for number in range(document.page_count):
        _paths(document, number)
    forms, patterns = _streams(document)
    _tiles(document, patterns, max((w * h for w, h in pages), default=0.0))
    if forms:
        _forms(document, forms)


def _paths(document: Any, number: int) -> None:
    """A page may paint so many paths: MuPDF would spend minutes on millions of them."""
    for xref in document.load_page(number).get_contents():
        raw = document.xref_stream_raw(xref) or b""
        if (
            _key(document, xref, "Filter").strip("[] ") != "/FlateDecode"
            or sum(map(len, _inflated(raw))) < COUNTED_FROM
        ):
            continue
        painted = sum(len(PAINTED.findall(piece)) for piece in _inflated(raw))
        if painted > limits.PRIMITIVES * 0.99:  # a command on the border of two pieces is not seen
            raise Refusal(
                "E_OBJECTS", f"第 {number + 1} 页约 {painted} 条路径", f"page {number + 1} has about {painted} paths"
            )


def _inflated(raw: bytes) -> Iterator[bytes]:
    """The content piece by piece, as far as it can be inflated."""
    inflater, rest, total = zlib.decompressobj(), raw, 0
    while not inflater.eof and total < MOST_CONTENT:
        try:
            piece = inflater.decompress(rest, PIECE)
        except zlib.error:
            return
        if not piece:
            return
        total, rest = total + len(piece), inflater.unconsumed_tail
        yield piece


def _key(document: Any, xref: int, name: str) -> str:
    try:
        return str(document.xref_get_key(xref, name)[1])
    except (pymupdf.mupdf.FzErrorBase, RuntimeError, ValueError):
        return ""


def _streams(document: Any) -> tuple[list[int], list[int]]:
    """Numbers of the form objects and of the tiling patterns."""
    forms, patterns = [], []
    for xref in range(1, document.xref_length()):
        try:
            if not document.xref_is_stream(xref):
                continue
        except (pymupdf.mupdf.FzErrorBase, RuntimeError, ValueError):
            continue
        if _key(document, xref, "Subtype") == "/Form":
            forms.append(xref)
        elif _key(document, xref, "PatternType") == "1":
            patterns.append(xref)
        if len(forms) > MOST_FORMS:
            break
    return forms, patterns


def _tiles(document: Any, patterns: list[int], area: float) -> None:
    """A tiling pattern may cover the largest page with so many tiles."""
    for xref in patterns:
        steps = [abs(_number(_key(document, xref, name))) for name in ("XStep", "YStep")]
        matrix = [float(word) for word in NUMBERS.findall(_key(document, xref, "Matrix"))][:4] or [1.0, 0.0, 0.0, 1.0]
        size = steps[0] * steps[1] * abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]) if len(matrix) == 4 else 0.0
        if size > 0 and area / size > MOST_TILES:
            raise Refusal("E_DASH", f"图案平铺 {area / size:.3g} 次", f"a pattern is laid {area / size:.3g} times")


def _number(text: str) -> float:
    found = NUMBERS.search(text)
    return float(found[0]) if found else 0.0


def _forms(document: Any, forms: list[int]) -> None:
    """Count, bottom-up and memoised, how many forms one drawing of each form draws."""
    known = set(forms)
    inside: dict[int, Counter[int]] = {}
    left = MOST_BYTES
    for xref in forms:
        try:
            content = document.xref_stream(xref) or b""
        except (pymupdf.mupdf.FzErrorBase, RuntimeError, ValueError, TypeError):
            continue
        left -= len(content)
        if left < 0:
            return
        named = {name: int(number) for name, number in RESOURCE.findall(_objects(document, xref))}
        drawn = Counter(named.get(name.decode("latin-1"), 0) for name in DRAWN.findall(content))
        inside[xref] = Counter({child: n for child, n in drawn.items() if child in known})
    total: dict[int, float] = {}
    for root in forms:
        stack = [root]
        on_way: set[int] = set()
        while stack:
            xref = stack[-1]
            if xref in total:
                stack.pop()
                continue
            on_way.add(xref)
            waiting = [child for child in inside.get(xref, ()) if child not in total and child not in on_way]
            if waiting:
                stack += waiting
                continue
            total[xref] = 1.0 + sum(n * total.get(child, 0.0) for child, n in inside.get(xref, Counter()).items())
            on_way.discard(xref)
            stack.pop()
    most = max(total.values(), default=0.0)
    if most > limits.PRIMITIVES:
        raise Refusal("E_EXPAND", f"嵌套图形展开为 {most:.3g} 个", f"nested forms expand to {most:.3g}")


def _objects(document: Any, xref: int) -> str:
    """The form's XObject resources as text, where they are named in place or in an object of their own."""
    kind, text = document.xref_get_key(xref, "Resources/XObject")
    if kind == "xref":
        return str(document.xref_object(int(text.split()[0]), compressed=True))
    return str(text)
