"""What MuPDF murmurs while it reads a page (PDF 读取告警): it shows what it can and goes on, so its words are the only sign of a loss."""

from __future__ import annotations

import re
import zlib
from typing import Any

import pymupdf

from drawings.cad import limits
from drawings.cad.fidelity import Report

HARMLESS = re.compile(
    r"non-embedded font using identity encoding|line feed missing after|broken xref subsection, proceeding"
    r"|\.\.\. repeated \d+ times|unknown cid collection|ICC profile|ICC colorspace|Page blending colorspace"
    r"|PDF stream Length incorrect|lcms:|^\s*$"
)
"""Peculiarities of honest files that cost no ink: a substituted face is in the font report, a colour profile is a shade."""
REPAIRS = re.compile(r"repair|Page tree load failed|too many kids in page tree")
SHOWN = 120
# So much is inflated to compare check sums; what lies beyond has only MuPDF's words.
INFLATED, PIECE = 256 * limits.MIB, limits.MIB
ADDRESSED_BY_FLATE = re.compile(r"\[?\s*/Fl(?:ateDecode)?\b")

REPAIRED = (
    "文件内部目录有错，已重建后读取，请核对页数和内容",
    "The file's internal directory was wrong and was rebuilt: check pages and content",
)


def wrong_sums(document: Any) -> list[dict[str, Any]]:
    """A warning when compressed data do not agree with their own check sum: MuPDF shows what it gets of a damaged picture."""
    wrong, left = 0, INFLATED
    for xref in range(1, document.xref_length()):
        try:
            if not document.xref_is_stream(xref) or not ADDRESSED_BY_FLATE.match(
                document.xref_get_key(xref, "Filter")[1]
            ):
                continue
            raw = document.xref_stream_raw(xref) or b""
        except (pymupdf.mupdf.FzErrorBase, RuntimeError, ValueError):
            continue
        agrees, used = _agrees(raw, left)
        wrong, left = wrong + (not agrees), left - used
        if left <= 0:
            break
    if not wrong:
        return []
    return [
        {
            "code": "W_CHECKSUM",
            "zh": f"文件中 {wrong} 处压缩数据校验不符，图面可能缺少内容，请与原图核对",
            "en": f"{wrong} compressed parts of the file do not agree with their check sums: compare with the original",
            "count": wrong,
        }
    ]


def _agrees(raw: bytes, most: int) -> tuple[bool, int]:
    """Whether a zlib stream inflates to its end with the right sum, and to how many bytes; beyond `most` it is believed."""
    inflater = zlib.decompressobj()
    used, rest = 0, raw
    try:
        while not inflater.eof and used < most:
            piece = inflater.decompress(rest, PIECE)
            used, rest = used + len(piece), inflater.unconsumed_tail
            if not piece and not rest and not inflater.eof:
                return False, used
    except zlib.error:
        return False, used
    return True, used


def forget() -> None:
    """From here on only what is said anew counts."""
    pymupdf.TOOLS.reset_mupdf_warnings()


def heard() -> list[str]:
    """What was said since the last time, without the harmless."""
    said = str(pymupdf.TOOLS.mupdf_warnings(reset=1)).splitlines()
    return [line.strip() for line in said if not HARMLESS.search(line)]


def note(report: Report, page: int) -> None:
    """Name a page whose data are damaged: part of it may be missing."""
    lines = heard()
    if not lines:
        return
    if all(map(REPAIRS.search, lines)):
        report.warn("W_REPAIRED", *REPAIRED)
        return
    words = next(line for line in lines if not REPAIRS.search(line))[:SHOWN]
    report.warn(
        "W_CONTENT",
        f"第 {page} 页的数据有损坏，可能缺少内容，请与原图核对（{words}）",
        f"The data of page {page} are damaged and part of it may be missing: compare with the original ({words})",
    )
