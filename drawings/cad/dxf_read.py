"""A judged DXF file as an ezdxf document: right code page, strict reading, counts compared (读取 DXF)."""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from drawings.cad import (
    dxf_binary,
    dxf_expansion,
    dxf_guards,
    dxf_losses,
    dxf_reduce,
    dxf_scan,
    dxf_viewports,
    fast_pick,
    fonts,
    limits,
)
from drawings.cad.errors import Refusal

CODEPAGES = {
    "936": "gbk", "950": "cp950", "932": "cp932", "949": "cp949", "874": "cp874", "1250": "cp1250", "1251": "cp1251",
    "1252": "cp1252", "1253": "cp1253", "1254": "cp1254", "1255": "cp1255", "1256": "cp1256", "1257": "cp1257",
    "1258": "cp1258", "850": "cp850", "437": "cp437", "852": "cp852", "855": "cp855", "866": "cp866",
}  # fmt: skip
MIF_ENCODINGS = {b"1": "cp932", b"2": "cp950", b"3": "cp949", b"4": "johab", b"5": "gbk"}
_MIF = re.compile(rb"\\[Mm]\+([1-5])([0-9A-Fa-f]{4})")
_UNICODE = re.compile(r"\\[Uu]\+([0-9A-Fa-f]{4})")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_LONE = re.compile("[\ud800-\udbff\udc00-\udc7f\udd00-\udfff]")
"""Halves of surrogate pairs, without those that stand for bytes that no encoding explains."""
_LINE_OF_R9 = re.compile(rb"(?m)^( *0\r?\n)3DLINE(\r?\n)")
_HIGH = re.compile(rb"[\x80-\xff]+")


@dataclass
class Warning_:
    """Something the reader must know about the file, in both languages."""

    code: str
    zh: str
    en: str

    def as_dict(self) -> dict[str, str]:
        return {"code": self.code, "zh": self.zh, "en": self.en}


@dataclass
class Loaded:
    """A document and what is known of its reading."""

    doc: Any
    version: str
    encoding: str
    reader: str
    raw: dxf_guards.RawCounts
    expansion: dxf_expansion.Expansion
    warnings: list[Warning_] = field(default_factory=list)
    lost: Counter[str] = field(default_factory=Counter)
    """Entities by type that the source holds and the document does not (only DWG)."""
    layer_states: dict[str, dict[str, Any]] = field(default_factory=dict)
    """On, frozen and locked by lower-case layer name, where the DWG's own tables are better than the document's."""
    extras: dict[str, list[Any]] = field(default_factory=dict)
    """Proxy graphics (dxf_draw.Extra) that the document lacks, by handle of the layout or block record."""
    previews: dict[str, bytes] = field(default_factory=dict)
    """Proxy graphics by handle of entities that the document holds but cannot draw by itself."""
    picked: fast_pick.Picked | None = None
    """Plain entities of the model that are drawn without the document (the fast path)."""

    def words(self, raw: bytes) -> str:
        """A text of the file as the document would hold it."""
        if b"\\M+" in raw or b"\\m+" in raw:
            raw = _MIF.sub(lambda m: _mif(m, self.raw_encoding), raw)
        if self.raw_encoding != self.encoding or b"\\U+" in raw or b"\\u+" in raw:
            raw, _ = _unescaped(raw, self.raw_encoding)
            return raw.decode("utf-8", "surrogateescape")
        return raw.decode(self.raw_encoding, "surrogateescape")

    raw_encoding: str = "utf-8"
    """Encoding of the file's own bytes; `encoding` is the one of what the parser read."""


def read(data: bytes, *, trusted: bool = False, fast_from: int | None = None) -> Loaded:
    """Judge and load one DXF file. `trusted`: made by our own DWG reader, so small faults are repaired, still counted.

    `fast_from`: leave plain entities of the model to the fast path where there are so many (None: never).

    Raises Refusal: E_LINE, E_TRUNCATED, E_DAMAGED, E_POLYGLOT, E_NUMBER, E_COORD, E_CYCLE, E_DEPTH, E_EXPAND, E_OBJECTS,
    E_LOSS, E_EMPTY.
    """
    binary = data.startswith(dxf_binary.BINARY_SENTINEL)
    if binary:
        data = dxf_binary.to_ascii(data)
    scanned = dxf_scan.scan(data)
    dxf_guards.check_numbers(scanned)
    raw = dxf_guards.count(scanned)
    expansion = dxf_expansion.check_expansion(scanned)
    layers = int((scanned.in_sections(b"TABLES") & scanned.of_type(b"LAYER")).sum())
    if layers > limits.LAYERS:
        raise Refusal("E_OBJECTS", f"{layers} 个图层", f"{layers} layers")
    if raw.total == 0:
        raise Refusal("E_EMPTY")
    version = scanned.header_text("$ACADVER") or "AC1009"
    picked = fast_pick.pick(scanned, least=fast_from) if fast_from is not None else None
    body = dxf_reduce.reduced(scanned)
    warnings: list[Warning_] = []
    encoding = raw_encoding = _encoding(body, version, scanned.header_text("$DWGCODEPAGE"), warnings)
    if picked is not None:
        body = dxf_reduce.reduced(scanned, picked.taken)
    if b"\\M+" in body or b"\\m+" in body:
        body = _MIF.sub(lambda m: _mif(m, encoding), body)
    if b"\\U+" in body or b"\\u+" in body:
        body, encoding = _unescaped(body, encoding)
    if b"3DLINE" in body:
        body = _LINE_OF_R9.sub(rb"\1LINE\2", body)
    doc, repaired = _load(body, encoding, trusted=trusted)
    dxf_viewports.mend(doc)
    loaded = Loaded(doc, version, encoding, f"ezdxf {_ezdxf_version()}", raw, expansion, warnings)
    loaded.picked, loaded.raw_encoding = picked, raw_encoding
    if repaired:
        warnings.append(
            Warning_(
                "W_REPAIRED",
                f"文件结构有错，已修复后读取：{repaired}",
                f"The structure was repaired to read it: {repaired}",
            )
        )
    if scanned.trailing:
        warnings.append(Warning_("W_TRAILING", "结束标记之后的内容被忽略", "Content after the end mark was ignored"))
    dxf_losses.compare(scanned, raw, doc, picked=picked.count if picked else 0, taken=picked.taken if picked else None)
    wrong = dxf_losses.miscounted(scanned)
    if wrong:
        warnings.append(
            Warning_(
                "W_COUNTS",
                f"{wrong} 个图元的点数与其声明不符，可能不完整",
                f"{wrong} entities hold another number of points than they state and may be incomplete",
            )
        )
    if raw.duplicate_handles:
        warnings.append(
            Warning_(
                "W_HANDLES",
                f"{raw.duplicate_handles} 个对象句柄重复",
                f"{raw.duplicate_handles} handles are used more than once",
            )
        )
    return loaded


def _ezdxf_version() -> str:
    from ezdxf.version import __version__

    return str(__version__)


def _encoding(body: bytes, version: str, codepage: str, warnings: list[Warning_]) -> str:
    """The file's real text encoding. The header is believed only as far as the bytes agree."""
    digits = re.findall(r"\d+", codepage)
    named = CODEPAGES.get(digits[0], "cp1252") if digits else "cp1252"
    if body.isascii():
        return "utf-8" if version >= "AC1021" else named
    if _decodes(body, "utf-8"):
        if version < "AC1021":
            warnings.append(
                Warning_("W_ENCODING", "文字实际编码为 UTF-8", "The text is in UTF-8, not as the header says")
            )
        return "utf-8"
    high = b"\n".join(_HIGH.findall(body)[:200_000])
    if version >= "AC1021" and named == "cp1252":
        named = "gbk"
    if named == "cp1252" and _looks_chinese(high):
        warnings.append(
            Warning_(
                "W_ENCODING",
                f"文件头代码页为 {codepage or '空'}，按 GBK 读取",
                "Code page missing or wrong, read as GBK",
            )
        )
        return "gb18030"
    if version >= "AC1021":
        warnings.append(Warning_("W_ENCODING", f"文字实际编码为 {named}", f"The text is in {named}, not UTF-8"))
    return "gb18030" if named == "gbk" else named


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _looks_chinese(high: bytes) -> bool:
    """Bytes that are whole GBK characters, most of them common Chinese ones (GB 2312 level 1)."""
    runs = high.split(b"\n")
    pairs = [run for run in runs if len(run) >= 2]
    if not pairs or not _decodes(b"\n".join(pairs), "gb18030"):
        return False
    common = total = 0
    for run in pairs[:5000]:
        for i in range(0, len(run) - 1, 2):
            total += 1
            common += 0xB0 <= run[i] <= 0xD7 and run[i + 1] >= 0xA1
    return total >= 2 and common / total > 0.6


def _unescaped(body: bytes, encoding: str) -> tuple[bytes, str]:
    r"""Characters written as \U+697C become themselves; the whole is UTF-8 from here on."""
    text = body.decode(encoding, "surrogateescape")
    text = _UNICODE.sub(lambda m: chr(int(m.group(1), 16)), text)
    text = _PAIR.sub(lambda m: m.group(0).encode("utf-16", "surrogatepass").decode("utf-16", "replace"), text)
    text = _LONE.sub("\ufffd", text)
    return text.encode("utf-8", "surrogateescape"), "utf-8"


def _mif(match: re.Match[bytes], encoding: str) -> bytes:
    try:
        char = bytes.fromhex(match.group(2).decode()).decode(MIF_ENCODINGS[match.group(1)])
        return char.encode(encoding)
    except (UnicodeError, ValueError):
        return match.group(0)


def _tolerate_solids() -> None:
    """Solids are never drawn from their ACIS data: a fault in it must not cost the file."""
    from ezdxf.entities import acis
    from ezdxf.lldxf.const import DXFError
    from ezdxf.math import Matrix44

    strict = acis.load_matrix
    if getattr(strict, "tolerant", False):
        return

    def load_matrix(subclass: Any, code: int) -> Any:
        try:
            return strict(subclass, code)
        except (DXFError, ValueError, TypeError):
            return Matrix44()

    load_matrix.tolerant = True  # type: ignore[attr-defined]
    acis.load_matrix = load_matrix


def _load(body: bytes, encoding: str, *, trusted: bool) -> tuple[Any, str]:
    """Strict loading; when that fails, ezdxf's recover mode, whose report is shown and whose result is counted."""
    fonts.install()
    _tolerate_solids()
    dxf_viewports.keep_old_views()
    from ezdxf import filemanagement, recover
    from ezdxf.lldxf.const import DXFError

    logging.getLogger("ezdxf").setLevel(logging.CRITICAL)
    wrong_values = (ValueError, KeyError, TypeError, IndexError, AttributeError, ZeroDivisionError)
    faults = (DXFError, *wrong_values, StopIteration, AssertionError)
    try:
        with io.TextIOWrapper(io.BytesIO(body), encoding=encoding, errors="surrogateescape", newline=None) as stream:
            return filemanagement.read(stream), ""
    except faults as error:
        reason = f"{type(error).__name__}: {error}"[:200]
    try:
        doc, auditor = recover.read(io.BytesIO(_as_recoverable(body, encoding)))
    except DXFError as error:
        raise Refusal("E_DAMAGED", reason, reason) from error
    except faults as error:
        raise Refusal("E_DAMAGED", "有记录自相矛盾", "a record contradicts itself") from error
    fixed = len(auditor.fixes)
    return doc, f"{reason}（{fixed} 处 fixes）" if not trusted else reason


def _as_recoverable(body: bytes, encoding: str) -> bytes:
    """Recover mode guesses the encoding by the header; give it what we know, escaped."""
    if encoding == "utf-8":
        return body
    text = body.decode(encoding, "replace")
    return "".join(c if ord(c) < 128 else f"\\U+{ord(c):04X}" if ord(c) < 65536 else "?" for c in text).encode("ascii")
