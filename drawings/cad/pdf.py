"""A PDF file from bytes to sheets: one per page, its picture as tiles, its vectors for snapping, its words for search (PDF 处理).

PyMuPDF opens from memory only, with the file type fixed, so that no other reader can be chosen by the content. It is never used to judge
signatures and never writes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pymupdf
from PIL import Image

from drawings.cad import pack, pdf_complaints, pdf_expansion, pdf_holes
from drawings.cad.cad_file import manifest_summary
from drawings.cad.errors import Refusal
from drawings.cad.fidelity import Report
from drawings.cad.ink import NO_LAYER, Fills, Strokes
from drawings.cad.job import MAX_PICTURE, Progress, Wish, summary
from drawings.cad.layers import Layers
from drawings.cad.pdf_content import is_cjk, page_fonts, text_lines, vectors
from drawings.cad.pdf_judge import check_layers, check_objects, layer_names, opened, page_sizes
from drawings.cad.pdf_tiles import pixels, resolution, write_tiles
from drawings.cad.sheet import Records, Sheet
from drawings.cad.sniff import Sniffed

OVERVIEW = 1600
PAGE_SECONDS = 25.0
UNITS = {"name": "pt", "metres_per_unit": 0.0254 / 72, "source": "paper"}


def process(data: bytes, kind: Sniffed, wish: Wish, line: Progress) -> dict[str, Any]:
    """Judge and draw a PDF. Raises Refusal: E_ENCRYPTED, E_ACTIVE, E_TRUNCATED, E_DAMAGED, E_PAGES, E_PAGE_SIZE, E_IMAGE."""
    try:
        return _processed(data, kind, wish, line)
    except pymupdf.mupdf.FzErrorBase as error:
        words = str(error)
        if "malloc" in words or "memory" in words.lower():
            raise Refusal("E_MEMORY") from error
        raise Refusal("E_DAMAGED", words[:120], words[:120]) from error
    except ValueError as error:
        if str(error) != pymupdf.MSG_BAD_XREF:
            raise
        # The table of objects shrank while MuPDF mended it: pages and contents name numbers that are no longer there.
        raise Refusal("E_DAMAGED", "对象表损坏", "its table of objects is damaged") from error


def _processed(data: bytes, kind: Sniffed, wish: Wish, line: Progress) -> dict[str, Any]:
    line.progress(5, "read")
    pymupdf.TOOLS.mupdf_display_errors(on=False)
    pymupdf.TOOLS.mupdf_display_warnings(on=False)
    document, warnings = opened(data)
    line.progress(15, "check")
    pages = page_sizes(document, data)
    check_objects(document)
    pdf_expansion.check(document, pages)
    check_layers(document, warnings)
    warnings += pdf_complaints.wrong_sums(document) + pdf_holes.holes(document, data)
    pdf_complaints.forget()
    sheets: list[dict[str, Any]] = []
    reports: list[dict[str, Any]] = []
    fonts_used: Counter[str] = Counter()
    missing_fonts: set[str] = set()
    out = wish.out if wish.picture_of is None else None
    drawing = _Drawing(document, kind, _titles(document), resolution(pages), out)
    picture: Image.Image | None = None
    for number in range(document.page_count):
        line.allow(PAGE_SECONDS)
        line.progress(20 + 75 * number // document.page_count, "tiles" if out is not None else "draw")
        entry, fidelity = _page(drawing, number)
        if wish.picture_of is not None and wish.wants(entry["key"], entry["name"], first=not sheets):
            picture = _picture(document.load_page(number), wish)
        sheets.append(entry)
        reports.append(fidelity)
        for name, count in fidelity["fonts"]["uses"].items():
            fonts_used[name] += count
        missing_fonts.update(fidelity["fonts"]["missing"])
    line.judged()
    if document.is_repaired and not any(warning["code"] == "W_REPAIRED" for warning in warnings):
        warnings.append(
            dict(zip(("code", "zh", "en", "count"), ("W_REPAIRED", *pdf_complaints.REPAIRED, 1), strict=True))
        )
    result = summary(
        kind,
        version=kind.version,
        reader=f"pymupdf {pymupdf.VersionBind}",
        units=UNITS,
        sheets=sheets,
        reports=reports,
        layers=layer_names(document),
        fonts={
            "used": sorted(fonts_used),
            "substituted": {name: "Noto Sans SC" if is_cjk(name) else "Helvetica" for name in sorted(missing_fonts)},
            "missing": sorted(missing_fonts),
            "uses": dict(sorted(fonts_used.items())),
        },
        warnings=warnings,
    )
    if picture is not None:
        result["picture"] = wish.save(picture)
    document.close()
    return result


def _picture(page: Any, wish: Wish) -> Image.Image:
    """One page, or the part `wish.box` of it (sheet coordinates, y up), as a picture."""
    height = page.rect.height
    x0, y0, x1, y1 = wish.box or (0.0, 0.0, page.rect.width, height)
    scale = min(wish.width / (x1 - x0), MAX_PICTURE / (y1 - y0))
    return pixels(page.get_displaylist(), scale, (x0, height - y1, x1, height - y0))


def _titles(document: Any) -> dict[int, str]:
    """Sheet names by page: a bookmark that points there, as CAD programs write for each layout."""
    found: dict[int, str] = {}
    try:
        for _, title, page, *_ in document.get_toc(simple=True)[:5000]:
            if page >= 1:
                found.setdefault(page - 1, str(title).strip()[:200])
    except (pymupdf.mupdf.FzErrorBase, RuntimeError, ValueError, RecursionError):
        return {}
    return found


@dataclass(frozen=True)
class _Drawing:
    """What every page of one file shares."""

    document: Any
    kind: Sniffed
    titles: dict[int, str]
    dpi: float
    out: Path | None
    """Where the sheets are written; None when they are only looked at."""


def _page(drawing: _Drawing, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """One page as (row of the answer, its account), written when the drawing has a folder."""
    try:
        page = drawing.document.load_page(number)
        width, height = page.rect.width, page.rect.height
        display = page.get_displaylist()
        report = Report()
        lines, words = text_lines(page, height)
        strokes = vectors(drawing.document, page, height, report)
        fonts = page_fonts(page)
        picture = pixels(display, OVERVIEW / max(width, height), (0.0, 0.0, width, height))
    except (pymupdf.mupdf.FzErrorBase, RuntimeError, ValueError) as error:
        if "malloc" in str(error) or "memory" in str(error).lower():
            raise Refusal("E_MEMORY") from error
        raise Refusal("E_DAMAGED", f"第 {number + 1} 页无法显示", f"page {number + 1} cannot be shown") from error
    pdf_complaints.note(report, number + 1)
    if _is_blank(picture) and not words and not len(strokes):
        report.warn("W_BLANK", "页面是空白的", "the page is blank")
    name = drawing.titles.get(number) or _label(page) or str(number + 1)
    fidelity = report.as_dict(reader=f"pymupdf {pymupdf.VersionBind}", fonts=fonts, warnings=[])
    box = [0.0, 0.0, width, height]
    entry: dict[str, Any] = {
        "key": f"page-{number + 1}",
        "name": name,
        "number": None,
        "kind": "page",
        "units": UNITS,
        "scale": None,
        "extents": box,
        "bbox": box,
        "fit": box,
        "entities": dict(report.entities),
        "texts": words,
        "verdict": fidelity["verdict"],
    }
    if drawing.out is not None:
        folder = drawing.out / str(entry["key"])
        (folder / "tiles").mkdir(parents=True, exist_ok=True)
        head = _head(drawing, name, picture, display, folder)
        manifest = pack.write(_sheet(strokes, lines, width, height), folder, head=head, fidelity=fidelity)
        entry["manifest"] = manifest_summary(manifest)
    return entry, fidelity


def _head(drawing: _Drawing, name: str, picture: Image.Image, display: Any, folder: Path) -> dict[str, Any]:
    """What the manifest of a page says beside its vectors; writes its pictures."""
    width, height = display.rect.width, display.rect.height
    picture.save(folder / "overview.webp", "WEBP", quality=85, method=2)
    tiles, size = write_tiles(display, width, height, drawing.dpi, folder)
    return {
        "name": name,
        "kind": "page",
        "format": drawing.kind.format,
        "units": UNITS,
        "paper": "light",
        "overview": {
            "file": "overview.webp",
            "dark": None,
            "width": picture.width,
            "height": picture.height,
            "bbox": [0.0, 0.0, width, height],
        },
        "tiles": tiles,
        "tile_bytes": size + (folder / "overview.webp").stat().st_size,
    }


def _is_blank(picture: Image.Image) -> bool:
    """Whether all pixels are of one brightness."""
    low, high = picture.convert("L").getextrema()
    return low == high


def _label(page: Any) -> str:
    try:
        return str(page.get_label() or "")[:200]
    except (pymupdf.mupdf.FzErrorBase, RuntimeError, ValueError, TypeError, KeyError):
        return ""


def _sheet(strokes: Strokes, lines: list[dict[str, Any]], width: float, height: float) -> Sheet:
    layers = Layers()
    layers.get("0")
    records = Records(
        np.zeros(1, np.uint64), np.full(1, 0xFF000000, np.uint32), np.zeros(1, np.uint16), np.full(1, NO_LAYER, np.uint16),
        np.zeros(1, np.uint16), np.zeros(1, np.uint16), np.zeros(1, np.uint8),
    )  # fmt: skip
    box = (0.0, 0.0, width, height)
    return Sheet(
        records, ["PATH"], layers, Strokes.empty(), strokes, Fills.empty(), lines, [], np.zeros(0, np.uint8),
        np.zeros(0, np.uint8), [], box, box, {0: 1},
    )  # fmt: skip
