"""What a PDF page holds besides its picture: words for search, vectors for snapping, fonts for the report (PDF 内容)."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import Any

import numpy as np
import pymupdf

from drawings.cad import limits
from drawings.cad.fidelity import Report
from drawings.cad.ink import Strokes

SNAP_CONTENT = 6 * limits.MIB
BASE14 = re.compile(r"^(Helvetica|Times|Courier|Symbol|ZapfDingbats|Arial)", re.IGNORECASE)


def text_lines(page: Any, height: float) -> tuple[list[dict[str, Any]], int]:
    """Lines of text for search: base line, size, direction."""
    rows: list[dict[str, Any]] = []
    words = 0
    turn = page.rotation_matrix
    flags = pymupdf.TEXT_PRESERVE_LIGATURES | pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP
    for block in page.get_text("dict", flags=flags).get("blocks", []):
        for line in block.get("lines", []):
            spans = [s for s in line["spans"] if s["text"].strip()]
            if not spans:
                continue
            words += 1
            text = "".join(s["text"] for s in line["spans"]).strip()
            start = pymupdf.Point(spans[0]["origin"]) * turn
            dx, dy = line["dir"]
            direction = pymupdf.Point(dx, dy) * pymupdf.Matrix(turn.a, turn.b, turn.c, turn.d, 0, 0)
            box = pymupdf.Rect(spans[0]["bbox"])
            for span in spans[1:]:
                box |= pymupdf.Rect(span["bbox"])
            length = abs(box.width * dx) + abs(box.height * dy)
            row: dict[str, Any] = {
                "x": round(start.x, 2),
                "y": round(height - start.y, 2),
                "h": round(spans[0]["size"] * 0.72, 2),
                "w": round(length, 2),
                "s": text.encode("utf-8", "replace").decode(),
                "hide": 1,
            }
            angle = math.degrees(math.atan2(-direction.y, direction.x))
            if abs(angle) > 0.01:
                row["rot"] = round(angle, 2)
            if all(math.isfinite(row[k]) for k in ("x", "y", "h", "w")):
                rows.append(row)
    return rows, words


def vectors(document: Any, page: Any, height: float, report: Report) -> Strokes:
    """Vector paths of the page for snapping; none where there are too many."""
    size = _content_size(document, page)
    if size > SNAP_CONTENT:
        report.warn("W_SNAP", "矢量内容过多，不提供对象捕捉", "too much vector content: no snapping on this page")
        return Strokes.empty()
    turn = page.rotation_matrix
    xy: list[float] = []
    n: list[int] = []
    paths = page.get_cdrawings()
    for path in paths:
        run: list[tuple[float, float]] = []
        for item in path.get("items", []):
            kind = item[0]
            if kind == "l":
                points = [item[1], item[2]]
            elif kind == "c":
                points = _bezier(item[1], item[2], item[3], item[4])
            elif kind == "re":
                x0, y0, x1, y1 = item[1]
                points = [(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)]
            elif kind == "qu":
                ul, ur, ll, lr = item[1]
                points = [ul, ur, lr, ll, ul]
            else:
                continue
            if run and run[-1] == tuple(points[0]):
                run += [tuple(p) for p in points[1:]]
            else:
                _close_run(run, xy, n)
                run = [tuple(p) for p in points]
        if path.get("closePath") and len(run) > 2:
            run.append(run[0])
        _close_run(run, xy, n)
    report.entities["PATH"] += len(paths)
    report.shown["PATH"] += len(paths)
    if not n:
        return Strokes.empty()
    points_ = np.array(xy).reshape(-1, 2)
    turned = np.column_stack(
        (
            points_[:, 0] * turn.a + points_[:, 1] * turn.c + turn.e,
            points_[:, 0] * turn.b + points_[:, 1] * turn.d + turn.f,
        )
    )
    turned[:, 1] = height - turned[:, 1]
    strokes = Strokes(turned, np.array(n, np.uint32), np.zeros(len(n), np.uint32), np.arange(len(n), dtype=np.float64))
    finite = np.isfinite(turned).all(axis=1) & (np.abs(turned) < 1e7).all(axis=1)
    return strokes.taken(np.logical_and.reduceat(finite, strokes.starts[:-1]))


def _close_run(run: list[tuple[float, float]], xy: list[float], n: list[int]) -> None:
    if len(run) >= 2:
        for x, y in run:
            xy += (x, y)
        n.append(len(run))


def _bezier(a: Any, b: Any, c: Any, d: Any) -> list[tuple[float, float]]:
    points = []
    for i in range(9):
        t = i / 8
        u = 1 - t
        points.append(
            (
                u * u * u * a[0] + 3 * u * u * t * b[0] + 3 * u * t * t * c[0] + t * t * t * d[0],
                u * u * u * a[1] + 3 * u * u * t * b[1] + 3 * u * t * t * c[1] + t * t * t * d[1],
            )
        )
    return points


def _content_size(document: Any, page: Any) -> int:
    """Bytes of drawing commands on the page, form objects included."""
    total = len(page.read_contents() or b"")
    for xref, *_ in page.get_xobjects():
        try:
            total += len(document.xref_stream(xref) or b"")
        except (pymupdf.mupdf.FzErrorBase, RuntimeError, ValueError, TypeError):
            continue
        if total > SNAP_CONTENT:
            break
    return total


def page_fonts(page: Any) -> dict[str, Any]:
    """Fonts of a page, and those that the file does not bring along."""
    uses: Counter[str] = Counter()
    missing = set()
    for _, extension, _, base, *_ in page.get_fonts(full=True):
        name = re.sub(r"^[A-Z]{6}\+", "", str(base))[:120]
        uses[name] += 1
        if extension == "n/a" and not BASE14.match(name):
            missing.add(name)
    return {
        "used": sorted(uses),
        "substituted": {name: "Noto Sans SC" if is_cjk(name) else "Helvetica" for name in sorted(missing)},
        "missing": sorted(missing),
        "uses": dict(sorted(uses.items())),
    }


def is_cjk(name: str) -> bool:
    """Whether a font by its name holds Chinese, Japanese or Korean characters."""
    return bool(re.search(r"song|hei|kai|fang|ming|gothic|mincho|sim|cjk|gb|[^\x00-\x7f]", name, re.IGNORECASE))
