"""What a file is, by its name, its first bytes and its structure: all three must agree (文件识别)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from drawings.cad.dxf_binary import BINARY_SENTINEL
from drawings.cad.errors import Refusal

Format = Literal["dwg", "dxf", "pdf"]

DWG_VERSIONS = {
    b"AC1012": "R13", b"AC1014": "R14", b"AC1015": "2000", b"AC1018": "2004", b"AC1021": "2007", b"AC1024": "2010",
    b"AC1027": "2013", b"AC1032": "2018",
}  # fmt: skip
FOREIGN = {
    b"MZ": ("Windows 程序", "a Windows program"),
    b"\x7fELF": ("Linux 程序", "a Linux program"),
    b"PK\x03\x04": ("压缩包", "a ZIP archive"),
    b"\x1f\x8b": ("压缩包", "a gzip archive"),
    b"Rar!": ("压缩包", "a RAR archive"),
    b"7z\xbc\xaf": ("压缩包", "a 7z archive"),
    b"GIF8": ("图片", "a GIF picture"),
    b"\x89PNG": ("图片", "a PNG picture"),
    b"\xff\xd8\xff": ("图片", "a JPEG picture"),
    b"<": ("网页或 XML 文件", "a web page or XML file"),
}


@dataclass(frozen=True)
class Sniffed:
    """Format and version as the file itself tells."""

    format: Format
    version: str


def sniff(data: bytes, name: str) -> Sniffed:
    """Recognise the file. Raises Refusal E_TYPE, E_POLYGLOT, E_TRUNCATED."""
    extension = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if extension not in {"dwg", "dxf", "pdf"}:
        raise Refusal("E_TYPE", f"扩展名 .{extension[:10]}", f"extension .{extension[:10]}")
    found = _content(data)
    if found is None:
        for mark, (zh, en) in FOREIGN.items():
            if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(mark):
                raise Refusal("E_TYPE", f"实际内容是{zh}", f"it is really {en}")
        if not data.strip():
            raise Refusal("E_SIZE", "文件为空", "the file is empty")
        raise Refusal("E_TYPE", f"内容不是 {extension.upper()}", f"the content is not {extension.upper()}")
    if found.format != extension:
        raise Refusal(
            "E_TYPE",
            f"扩展名是 .{extension}，内容是 {found.format.upper()}",
            f"the name says .{extension}, the content is {found.format.upper()}",
        )
    return found


def _content(data: bytes) -> Sniffed | None:
    head = data[:1024]
    if re.match(rb"AC(\d{4}|\d\.\d{1,2}|1\.2)", head) or head.startswith(b"MC0.0"):
        return _dwg(data)
    if head.startswith(BINARY_SENTINEL):
        return Sniffed("dxf", "binary")
    position = head.find(b"%PDF-")
    if position >= 0:
        return _pdf(data, position)
    if _is_ascii_dxf(head):
        return Sniffed("dxf", "ascii")
    return None


def _dwg(data: bytes) -> Sniffed:
    magic = data[:6]
    if magic not in DWG_VERSIONS:
        shown = magic.decode("latin-1", "replace")
        raise Refusal(
            "E_TYPE",
            f"DWG 版本 {shown} 过旧（R12 及更早）或过新，无法读取，请另存为 2018 或 2013 版",
            f"DWG version {shown} is too old (R12 or before) or too new to be read: save it as 2018 or 2013",
        )
    if len(data) < 512:
        raise Refusal("E_TRUNCATED", f"只有 {len(data)} 字节", f"only {len(data)} bytes")
    return Sniffed("dwg", magic.decode())


def _pdf(data: bytes, position: int) -> Sniffed:
    before = data[:position].strip(b"\xef\xbb\xbf\x00 \t\r\n")
    if before:
        raise Refusal("E_POLYGLOT", "PDF 之前还有其他内容", "other content before the PDF")
    end = data.rfind(b"%%EOF")
    tail = data[end + 5 :].strip(b"\x00 \t\r\n") if end >= 0 else b""
    if any(mark in tail[: 1 << 20] for mark in (b"PK\x03\x04", b"PK\x05\x06", b"MZ", b"<script", b"<html", b"Rar!")):
        raise Refusal("E_POLYGLOT", "PDF 之后还有其他格式的内容", "content of another format after the PDF")
    version = data[position + 5 : position + 8].decode("latin-1", "replace")
    return Sniffed("pdf", f"PDF-{version}")


def _is_ascii_dxf(head: bytes) -> bool:
    text = head.lstrip(b"\xef\xbb\xbf")
    if b"\x00" in text[:256]:
        return False
    lines = re.split(rb"\r\n|\n|\r", text)
    position = 0
    while position + 1 < len(lines):
        code = lines[position].strip()
        if code == b"999":
            position += 2
            continue
        return code == b"0" and lines[position + 1].strip() == b"SECTION"
    return False
