"""Holes in a PDF (空洞): runs of zeros among its objects and its uncompressed page contents, as a disk leaves them that lost a block.

For PDF a zero is a blank: what stood there is gone, and no reader says a word. Compressed data have check sums of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pymupdf

HOLE = re.compile(rb"\0{32,}")
"""Text of two bytes a letter has zeros, too, but never so many on end."""
STREAM = re.compile(rb"(?<!end)stream\r?\n.*?endstream", re.DOTALL)
OBJECT = re.compile(rb"\d\s+\d+\s+obj\b")
INLINE_PICTURE = re.compile(rb"\bID\s.*?\sEI\b", re.DOTALL)


def holes(document: Any, data: bytes) -> list[dict[str, Any]]:
    """A warning W_CONTENT when something is missing from the file; padding before its first and after its last object is none."""
    first, last = OBJECT.search(data), data.rfind(b"endobj")
    count = 0
    if first is not None and HOLE.search(data, first.start(), max(last, 0)):
        count += sum(_holes(piece) for piece in _between_streams(data, first.start(), last))
    count += sum(_holes(INLINE_PICTURE.sub(b"", content)) for content in _plain_contents(document))
    if not count:
        return []
    return [
        {
            "code": "W_CONTENT",
            "zh": f"文件中有 {count} 处被清零的空洞，图面可能缺少内容，请与原图核对",
            "en": f"{count} parts of the file are blanked with zeros and content may be missing: compare with the original",
            "count": count,
        }
    ]


def _holes(piece: bytes) -> int:
    return sum(1 for _ in HOLE.finditer(piece))


def _between_streams(data: bytes, start: int, end: int) -> Iterator[bytes]:
    """The file between its streams."""
    for stream in STREAM.finditer(data, start):
        if stream.start() >= end:
            break
        yield data[start : stream.start()]
        start = stream.end()
    yield data[start:end]


def _plain_contents(document: Any) -> Iterator[bytes]:
    """Contents of pages and forms that are not compressed."""
    contents = {xref for page in document for xref in page.get_contents()}
    for xref in range(1, document.xref_length()):
        try:
            if not document.xref_is_stream(xref) or document.xref_get_key(xref, "Filter")[0] != "null":
                continue
            if xref in contents or document.xref_get_key(xref, "Subtype")[1] == "/Form":
                yield document.xref_stream(xref) or b""
        except (pymupdf.mupdf.FzErrorBase, RuntimeError, ValueError):
            continue  # what cannot be read is told of where it is drawn
