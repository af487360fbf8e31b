"""Whether a PDF is accepted, and what of it is said, before a page is drawn (PDF 检查)."""

from __future__ import annotations

import math
import re
from typing import Any

import pymupdf

from drawings.cad import limits
from drawings.cad.errors import Refusal
from drawings.cad.pdf_complaints import REPAIRED

OBJECTS = 500_000
ACTIVE = re.compile(
    rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|XFA|RichMedia|SubmitForm|ImportData|Rendition|Movie|Sound|GoToE)\b"
)
SCRIPT_LINK = re.compile(rb"/URI\s*\(\s*(?:javascript|vbscript|data|file):", re.IGNORECASE)


def opened(data: bytes) -> tuple[Any, list[dict[str, Any]]]:
    """The document and what is to be said of its state. Raises E_TRUNCATED, E_DAMAGED, E_ENCRYPTED, E_TYPE."""
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
    if not _pages_named(document) and re.search(rb"/Encrypt\s+\d", data):
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
                "zh": REPAIRED[0],
                "en": REPAIRED[1],
                "count": 1,
            }
        )
    return document, warnings


def _pages_named(document: Any) -> int:
    """How many pages the file's directory names; 0 when it names none or nonsense (`page_sizes` refuses that)."""
    try:
        return int(document.page_count)
    except (pymupdf.mupdf.FzErrorBase, RuntimeError, ValueError):
        return 0


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
        writer: Any = copy_into_new_writer(reader)
        writer.write(copy)
        document = pymupdf.open(stream=copy.getvalue(), filetype="pdf")
    except Exception:  # noqa: BLE001 - whatever is wrong with it, the answer is "cannot be decrypted"
        return None
    return document if document.page_count else None


def page_sizes(document: Any, data: bytes) -> list[tuple[float, float]]:
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


def check_objects(document: Any) -> None:
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


def check_layers(document: Any, warnings: list[dict[str, Any]]) -> None:
    """Say which layers are switched off: what lies on them is not shown."""
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


def layer_names(document: Any) -> list[str]:
    """Names of the layers of the file."""
    return [str(row.get("name", "")) for row in _ocgs(document).values()]
