"""A PDF file from bytes to sheets: one per page, its picture as tiles, its vectors for snapping, its words for search (PDF 处理).

PyMuPDF opens from memory only, with the file type fixed, so that no other reader can be chosen by the content. It is never used to judge
signatures and never writes.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pymupdf
from PIL import Image

from drawings.cad import limits, pack
from drawings.cad.cad_file import manifest_summary
from drawings.cad.errors import Refusal
from drawings.cad.fidelity import Report
from drawings.cad.ink import NO_LAYER, Fills, Strokes
from drawings.cad.job import MAX_PICTURE, Progress, Wish, summary
from drawings.cad.layers import Layers
from drawings.cad.sheet import Records, Sheet
from drawings.cad.sniff import Sniffed

TILE = 512
FINEST_DPI, COARSEST_DPI = 300.0, 96.0
PIXEL_BUDGET = 700e6
"""Pixels of the finest level over all pages of one file."""
LEAST_SIDE = 2048
OVERVIEW = 1600
PAGE_SECONDS = 25.0
OBJECTS = 500_000
SNAP_CONTENT = 6 * limits.MIB
UNITS = {"name": "pt", "metres_per_unit": 0.0254 / 72, "source": "paper"}

ACTIVE = re.compile(
    rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|XFA|RichMedia|SubmitForm|ImportData|Rendition|Movie|Sound|GoToE)\b"
)
SCRIPT_LINK = re.compile(rb"/URI\s*\(\s*(?:javascript|vbscript|data|file):", re.IGNORECASE)
BASE14 = re.compile(r"^(Helvetica|Times|Courier|Symbol|ZapfDingbats|Arial)", re.IGNORECASE)


def process(data: bytes, kind: Sniffed, wish: Wish, line: Progress) -> dict[str, Any]:
    """Judge and draw a PDF. Raises Refusal: E_ENCRYPTED, E_ACTIVE, E_TRUNCATED, E_DAMAGED, E_PAGES, E_PAGE_SIZE, E_IMAGE."""
    line.progress(5, "read")
    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    document, warnings = _opened(data)
    line.progress(15, "check")
    pages = _judged(document, data, warnings)
    _check_objects(document)
    _check_layers(document, warnings)
    titles = _titles(document)
    dpi = _resolution(pages)
    sheets, reports = [], []
    fonts_used: Counter[str] = Counter()
    missing_fonts: set[str] = set()
    out = wish.out if wish.picture_of is None else None
    picture: Image.Image | None = None
    for number in range(document.page_count):
        line.allow(PAGE_SECONDS)
        line.progress(20 + 75 * number // document.page_count, "tiles" if out is not None else "draw")
        entry, fidelity = _page(document, number, kind, titles, dpi, out)
        if wish.picture_of is not None and wish.wants(entry["key"], entry["name"], first=not sheets):
            picture = _picture(document.load_page(number), wish)
        sheets.append(entry)
        reports.append(fidelity)
        for name, count in fidelity["fonts"]["uses"].items():
            fonts_used[name] += count
        missing_fonts.update(fidelity["fonts"]["missing"])
    line.judged()
    result = summary(
        kind,
        version=kind.version,
        reader=f"pymupdf {pymupdf.VersionBind}",
        units=UNITS,
        sheets=sheets,
        reports=reports,
        layers=_layer_names(document),
        fonts={
            "used": sorted(fonts_used),
            "substituted": {name: "Noto Sans SC" if _is_cjk(name) else "Helvetica" for name in sorted(missing_fonts)},
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
    return _pixels(page.get_displaylist(), scale, (x0, height - y1, x1, height - y0))


# ---------------------------------------------------------------- judging


def _opened(data: bytes) -> tuple[Any, list[dict[str, Any]]]:
    try:
        document = pymupdf.open(stream=data, filetype="pdf")
    except (
        pymupdf.FileDataError,
        pymupdf.EmptyFileError,
        pymupdf.mupdf.FzErrorBase,
        RuntimeError,
        ValueError,
    ) as error:
        raise Refusal("E_TRUNCATED" if b"%%EOF" not in data[-2048:] else "E_DAMAGED") from error
    if document.needs_pass:
        raise Refusal("E_ENCRYPTED")
    if not document.page_count and re.search(rb"/Encrypt\s+\d", data):
        document = _short_key(data) or document
    if not document.is_pdf:
        raise Refusal("E_TYPE")
    warnings: list[dict[str, Any]] = []
    if document.is_repaired:
        if b"%%EOF" not in data[-2048:]:
            raise Refusal("E_TRUNCATED", "没有结束标记", "no end mark")
        warnings.append(
            {
                "code": "W_REPAIRED",
                "zh": "文件内部目录有错，已重建后读取，请核对页数和内容",
                "en": "The file's internal directory was wrong and was rebuilt: check pages and content",
                "count": 1,
            }
        )
    return document, warnings


def _short_key(data: bytes) -> Any:
    """Encrypted with an empty password and, against the standard, a 40 bit key in revision 4: the key is filled up with zeros.

    MuPDF does not know this; pyHanko decrypts a copy for viewing. None when it is not that.
    """
    import io
    import logging

    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.pdf_utils.writer import copy_into_new_writer

    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
    try:
        reader = PdfFileReader(io.BytesIO(data), strict=False)
        reader.decrypt(b"")
        for crypt_filter in reader.security_handler.crypt_filter_config._crypt_filters.values():
            key = crypt_filter.shared_key
            crypt_filter._shared_key, crypt_filter._keylen = key.ljust(16, b"\0"), 16
        copy = io.BytesIO()
        copy_into_new_writer(reader).write(copy)
        document = pymupdf.open(stream=copy.getvalue(), filetype="pdf")
    except Exception:  # noqa: BLE001 - whatever is wrong with it, the answer is "cannot be decrypted"
        return None
    return document if document.page_count else None


def _judged(document: Any, data: bytes, warnings: list[dict[str, Any]]) -> list[tuple[float, float]]:
    """Page sizes in points; refuses wrong counts and sizes."""
    try:
        count = document.page_count
    except (pymupdf.mupdf.FzErrorBase, RuntimeError, ValueError) as error:
        raise Refusal("E_PAGES") from error
    if count > limits.PAGES:
        raise Refusal("E_PAGES", f"{count} 页", f"{count} pages")
    if count == 0:
        if re.search(rb"/Encrypt\s+\d", data):
            raise Refusal("E_ENCRYPTED", "加密方式无法解开", "its encryption cannot be undone")
        raise Refusal("E_PAGES" if not document.is_repaired else "E_DAMAGED", "0 页", "0 pages")
    if document.is_repaired:
        named = len(re.findall(rb"/Type\s*/Page(?![sA-Za-z])", data))
        if named > count:
            raise Refusal(
                "E_LOSS", f"文件有 {named} 页，只能读出 {count} 页", f"{named} pages, only {count} can be read"
            )
    sizes = []
    for number in range(count):
        try:
            page = document.load_page(number)
            width, height = page.rect.width, page.rect.height
        except (pymupdf.mupdf.FzErrorBase, RuntimeError, ValueError) as error:
            raise Refusal("E_PAGES", f"第 {number + 1} 页无法读取", f"page {number + 1} cannot be read") from error
        if not (math.isfinite(width) and math.isfinite(height)) or max(width, height) > limits.PAGE_SIDE_PT:
            raise Refusal(
                "E_PAGE_SIZE",
                f"第 {number + 1} 页 {width:.4g} × {height:.4g} 磅",
                f"page {number + 1} is {width:.4g} × {height:.4g} points",
            )
        if min(width, height) < 1:
            raise Refusal("E_PAGE_SIZE", f"第 {number + 1} 页没有大小", f"page {number + 1} has no size")
        unit = _user_unit(document, page)
        if max(width, height) * unit > limits.PAGE_SIDE_PT:
            raise Refusal(
                "E_PAGE_SIZE", f"第 {number + 1} 页，UserUnit {unit:g}", f"page {number + 1}, UserUnit {unit:g}"
            )
        sizes.append((width, height))
    return sizes


def _user_unit(document: Any, page: Any) -> float:
    kind, value = document.xref_get_key(page.xref, "UserUnit")
    try:
        return float(value) if kind in {"int", "real", "float"} else 1.0
    except ValueError:
        return math.inf


def _check_objects(document: Any) -> None:
    """No scripts, programs, attachments, forms programs; no giant pictures."""
    count = document.xref_length()
    if count > OBJECTS:
        raise Refusal("E_OBJECTS", f"{count} 个对象", f"{count} objects")
    for xref in range(1, count):
        try:
            text = document.xref_object(xref, compressed=True)
        except (pymupdf.mupdf.FzErrorBase, RuntimeError, ValueError):
            continue
        raw = text.encode("utf-8", "replace")
        found = ACTIVE.search(raw) or SCRIPT_LINK.search(raw)
        if found and not _is_empty_name_tree(raw, found):
            word = found.group(0).decode("latin-1").strip("/")[:30]
            raise Refusal("E_ACTIVE", word, word)
        if b"/Subtype/Image" in raw.replace(b" ", b""):
            width, height = _integer(document, xref, "Width"), _integer(document, xref, "Height")
            if width * height > limits.RASTER_PIXELS * 8 or max(width, height) > 100_000:
                raise Refusal("E_IMAGE", f"{width} × {height} 像素", f"{width} × {height} pixels")


def _is_empty_name_tree(raw: bytes, found: re.Match[bytes]) -> bool:
    """`/EmbeddedFiles <</Names[]>>`: writers leave empty trees behind."""
    rest = raw[found.end() : found.end() + 40].replace(b" ", b"")
    return found.group(0).startswith(b"/EmbeddedFiles") and (rest.startswith((b"<</Names[]>>", b"<<>>", b"null")))


def _integer(document: Any, xref: int, key: str) -> int:
    kind, value = document.xref_get_key(xref, key)
    try:
        return int(float(value)) if kind in {"int", "real", "float"} else 0
    except ValueError:
        return 0


def _check_layers(document: Any, warnings: list[dict[str, Any]]) -> None:
    try:
        off = set((document.get_layer() or {}).get("off", []))
    except (pymupdf.mupdf.FzErrorBase, RuntimeError, ValueError, TypeError, KeyError):
        off = set()
    hidden = [str(row.get("name", ""))[:60] for xref, row in _ocgs(document).items() if xref in off]
    if hidden:
        names = "、".join(hidden[:10])
        warnings.append(
            {
                "code": "W_HIDDEN_LAYERS",
                "zh": f"有 {len(hidden)} 个关闭的图层，内容未显示：{names}",
                "en": f"{len(hidden)} layers are switched off and not shown: {', '.join(hidden[:10])}",
                "count": len(hidden),
            }
        )


def _ocgs(document: Any) -> dict[int, dict[str, Any]]:
    try:
        return dict(document.get_ocgs())
    except (pymupdf.mupdf.FzErrorBase, RuntimeError, ValueError, TypeError, KeyError):
        return {}


def _layer_names(document: Any) -> list[str]:
    return [str(row.get("name", "")) for row in _ocgs(document).values()]


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


def _resolution(pages: list[tuple[float, float]]) -> float:
    """Dots per inch of the finest tiles, so that the whole file stays within the budget."""
    square_inches = sum(w * h for w, h in pages) / 72.0**2
    return max(COARSEST_DPI, min(FINEST_DPI, math.sqrt(PIXEL_BUDGET / max(square_inches, 1e-6))))


# ---------------------------------------------------------------- a page


def _page(
    document: Any, number: int, kind: Sniffed, titles: dict[int, str], dpi: float, out: Path | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        page = document.load_page(number)
        width, height = page.rect.width, page.rect.height
        display = page.get_displaylist()
        report = Report()
        lines, words = _text(page, height)
        strokes = _vectors(document, page, height, report)
        fonts = _fonts(page)
        scale = OVERVIEW / max(width, height)
        picture = _pixels(display, scale, (0.0, 0.0, width, height))
        _check_alive(document, page, picture, words, strokes, report)
    except (pymupdf.mupdf.FzErrorBase, RuntimeError, ValueError) as error:
        if "malloc" in str(error) or "memory" in str(error).lower():
            raise Refusal("E_MEMORY") from error
        raise Refusal("E_DAMAGED", f"第 {number + 1} 页无法显示", f"page {number + 1} cannot be shown") from error
    name = titles.get(number) or _label(page) or str(number + 1)
    fidelity = report.as_dict(reader=f"pymupdf {pymupdf.VersionBind}", fonts=fonts, warnings=[])
    entry: dict[str, Any] = {
        "key": f"page-{number + 1}",
        "name": name,
        "number": None,
        "kind": "page",
        "units": UNITS,
        "scale": None,
        "extents": [0.0, 0.0, width, height],
        "bbox": [0.0, 0.0, width, height],
        "fit": [0.0, 0.0, width, height],
        "entities": dict(report.entities),
        "texts": words,
        "verdict": fidelity["verdict"],
    }
    if out is not None:
        folder = out / str(entry["key"])
        (folder / "tiles").mkdir(parents=True, exist_ok=True)
        picture.save(folder / "overview.webp", "WEBP", quality=85, method=2)
        tiles, size = _tiles(display, width, height, dpi, folder)
        head = {
            "name": name,
            "kind": "page",
            "format": kind.format,
            "units": UNITS,
            "paper": "light",
            "overview": {
                "file": "overview.webp", "dark": None, "width": picture.width, "height": picture.height,
                "bbox": [0.0, 0.0, width, height],
            },
            "tiles": tiles,
            "tile_bytes": size + (folder / "overview.webp").stat().st_size,
        }  # fmt: skip
        manifest = pack.write(_sheet(strokes, lines, width, height), folder, head=head, fidelity=fidelity)
        entry["manifest"] = manifest_summary(manifest)
    return entry, fidelity


def _label(page: Any) -> str:
    try:
        return str(page.get_label() or "")[:200]
    except (pymupdf.mupdf.FzErrorBase, RuntimeError, ValueError, TypeError, KeyError):
        return ""


def _check_alive(document: Any, page: Any, picture: Image.Image, words: int, strokes: Strokes, report: Report) -> None:
    """A page whose content streams hold something but that shows nothing is worth a word."""
    low_high = picture.convert("L").getextrema()
    blank = low_high[0] == low_high[1] and not words and not len(strokes)
    if blank:
        report.warn("W_BLANK", "页面是空白的", "the page is blank")


def _pixels(display: Any, scale: float, box: tuple[float, float, float, float]) -> Image.Image:
    """The part `box` (page coordinates, y down) of a display list at `scale` pixels per point."""
    clip = pymupdf.Rect(*box)
    pixmap = display.get_pixmap(matrix=pymupdf.Matrix(scale, scale), alpha=False, clip=clip)
    return Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)


def _tiles(display: Any, width: float, height: float, dpi: float, folder: Path) -> tuple[dict[str, Any], int]:
    """The pyramid: level 0 is the coarsest, each next one twice as fine."""
    finest = max(dpi / 72.0, LEAST_SIDE / max(width, height))
    steps = max(0, math.ceil(math.log2(max(width, height) * finest / (2 * TILE))))
    levels, total = [], 0
    for z in range(steps + 1):
        scale = finest / 2 ** (steps - z)
        w, h = max(1, math.ceil(width * scale)), max(1, math.ceil(height * scale))
        columns, rows = math.ceil(w / TILE), math.ceil(h / TILE)
        level = folder / "tiles" / str(z)
        level.mkdir(parents=True, exist_ok=True)
        for row in range(rows):
            band = _band(display, scale, row, w, h)
            for column in range(columns):
                left = column * TILE
                tile = band.crop((left, 0, min(left + TILE, w), band.height))
                path = level / f"{column}_{row}.webp"
                _save_tile(tile, path)
                total += path.stat().st_size
        levels.append({"z": z, "width": w, "height": h, "cols": columns, "rows": rows})
    tiles = {
        "size": TILE,
        "levels": levels,
        "bbox": [0.0, 0.0, width, height],
        "template": "tiles/{z}/{x}_{y}.webp",
    }
    return tiles, total


def _band(display: Any, scale: float, row: int, w: int, h: int) -> Image.Image:
    """One row of tiles, `w` pixels wide."""
    top, bottom = row * TILE, min((row + 1) * TILE, h)
    band = Image.new("RGB", (w, bottom - top), (255, 255, 255))
    step = max(TILE, int(limits.RASTER_PIXELS / 2 / TILE) // TILE * TILE)
    for left in range(0, w, step):
        right = min(left + step, w)
        clip = pymupdf.Rect(left / scale, top / scale, right / scale, bottom / scale)
        pixmap = display.get_pixmap(matrix=pymupdf.Matrix(scale, scale), alpha=False, clip=clip)
        if pixmap.width and pixmap.height:
            part = Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)
            band.paste(part, (pixmap.x, pixmap.y - top))
    return band


def _save_tile(tile: Image.Image, path: Path) -> None:
    """Line work without loss, pictures with: whichever suits the tile."""
    colors = tile.getcolors(256)
    if colors is not None:
        tile.save(path, "WEBP", lossless=True, quality=0, method=0)
    else:
        tile.save(path, "WEBP", quality=80, method=0)


# ---------------------------------------------------------------- words and vectors


def _text(page: Any, height: float) -> tuple[list[dict[str, Any]], int]:
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


def _vectors(document: Any, page: Any, height: float, report: Report) -> Strokes:
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


def _fonts(page: Any) -> dict[str, Any]:
    uses: Counter[str] = Counter()
    missing = set()
    for _, extension, _, base, *_ in page.get_fonts(full=True):
        name = re.sub(r"^[A-Z]{6}\+", "", str(base))[:120]
        uses[name] += 1
        if extension == "n/a" and not BASE14.match(name):
            missing.add(name)
    return {
        "used": sorted(uses),
        "substituted": {name: "Noto Sans SC" if _is_cjk(name) else "Helvetica" for name in sorted(missing)},
        "missing": sorted(missing),
        "uses": dict(sorted(uses.items())),
    }


def _is_cjk(name: str) -> bool:
    return bool(re.search(r"song|hei|kai|fang|ming|gothic|mincho|sim|cjk|gb|[^\x00-\x7f]", name, re.IGNORECASE))


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
