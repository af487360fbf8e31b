"""The bytes of a DXF file as numpy arrays, judged before any parser sees them (DXF 结构扫描).

One pass finds lines, group codes and records; everything else is a query on these arrays: end of file, numbers, handles, block
graph. 17 MB take about half a second. The functions raise `Refusal`; nothing is repaired here.
"""

from __future__ import annotations

import math
import re
import warnings
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drawings.cad import limits
from drawings.cad.errors import Refusal

Bytes = NDArray[np.uint8]
Index = NDArray[np.int64]

BINARY_SENTINEL = b"AutoCAD Binary DXF\r\n\x1a\x00"
NAME = 32
PARTS = frozenset({b"VERTEX", b"SEQEND", b"ATTRIB", b"ENDBLK", b"ENDSEC", b"BLOCK", b"EOF", b"SECTION"})
"""Records that belong to the one before them: not entities of their own."""

OBJECTS_NEEDED = frozenset(
    {
        b"DICTIONARY", b"ACDBDICTIONARYWDFLT", b"LAYOUT", b"IMAGEDEF", b"IMAGEDEF_REACTOR", b"MLINESTYLE", b"MLEADERSTYLE",
        b"SORTENTSTABLE", b"SPATIAL_FILTER", b"WIPEOUTVARIABLES", b"RASTERVARIABLES", b"PLACEHOLDER", b"ACDBPLACEHOLDER",
        b"PLOTSETTINGS", b"UNDERLAYDEFINITION", b"PDFDEFINITION", b"DWFDEFINITION", b"DGNDEFINITION", b"DICTIONARYVAR",
        b"SCALE", b"GROUP", b"TABLESTYLE", b"SECTION", b"ENDSEC", b"XRECORD",
    }
)  # fmt: skip
XRECORDS_KEPT = 20_000


@dataclass
class DxfScan:
    """Lines, pairs and records of one ASCII DXF file.

    A pair is a group code line and a value line; pair i has code `codes[i]` and value bytes `starts[i]:ends[i]`. A record is a
    run of pairs that begins with code 0; record j has pairs `first[j]:first[j + 1]` and the type `names[kind[j]]`.
    """

    buffer: bytes
    codes: NDArray[np.int32]
    starts: Index
    ends: Index
    line_starts: Index
    first: Index
    names: list[bytes]
    kind: NDArray[np.int32]
    section: NDArray[np.int32]
    """Section number of each record, index in `section_names`, -1 outside."""
    section_names: list[bytes]
    trailing: int = 0
    """Bytes after the EOF record that are not blank."""
    warnings: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def records(self) -> int:
        return len(self.kind)

    @cached_property
    def record_of_pair(self) -> NDArray[np.int32]:
        counts = np.diff(self.first)
        before = np.full(int(self.first[0]), self.records - 1, dtype=np.int32)  # comments before the first record
        return np.concatenate([before, np.repeat(np.arange(self.records, dtype=np.int32), counts)])

    def value(self, pair: int) -> bytes:
        return self.buffer[self.starts[pair] : self.ends[pair]]

    def in_sections(self, *wanted: bytes) -> NDArray[np.bool_]:
        ids = [i for i, name in enumerate(self.section_names) if name in wanted]
        return np.isin(self.section, ids)

    def of_type(self, *wanted: bytes) -> NDArray[np.bool_]:
        ids = [i for i, name in enumerate(self.names) if name in wanted]
        return np.isin(self.kind, ids)

    def pairs(self, records: NDArray[np.bool_], *codes: int) -> Index:
        """Numbers of the pairs with one of `codes` in the marked records, in order of the file."""
        mask = records[self.record_of_pair] & np.isin(self.codes, codes)
        return np.flatnonzero(mask)

    def floats(self, pairs: Index) -> NDArray[np.float64]:
        """The values of these pairs as numbers. Raises E_NUMBER at the first that is none."""
        return _floats(self.buffer, self.starts[pairs], self.ends[pairs], self, pairs)

    def line_number(self, pair: int) -> int:
        """Number of the value's line in the file, from 1, for a message."""
        return 2 * int(pair) + 2

    @cached_property
    def header(self) -> dict[str, list[tuple[int, bytes]]]:
        """Header variables: name -> list of (code, raw value)."""
        found: dict[str, list[tuple[int, bytes]]] = {}
        ids = [i for i, name in enumerate(self.section_names) if name == b"HEADER"]
        if not ids:
            return found
        inside = np.flatnonzero(np.isin(self.section, ids))
        if not len(inside):
            return found
        current: list[tuple[int, bytes]] = []
        for pair in range(int(self.first[inside[0]]), int(self.first[inside[-1] + 1])):
            code = int(self.codes[pair])
            if code == 9:
                current = found.setdefault(self.value(pair).decode("ascii", "replace").strip(), [])
            elif code != 0:
                current.append((code, self.value(pair)))
            if pair - int(self.first[inside[0]]) > 20_000:
                break
        return found

    def header_text(self, name: str) -> str:
        values = self.header.get(name)
        return values[0][1].decode("latin-1").strip() if values else ""


def to_ascii(data: bytes) -> bytes:
    """Binary DXF (R10 to 2018) as the same pairs in ASCII, so that one scanner judges both. Raises E_TRUNCATED, E_DAMAGED."""
    from ezdxf.lldxf.const import DXFStructureError
    from ezdxf.lldxf.tagger import binary_tags_loader
    from ezdxf.lldxf.types import DXFBinaryTag

    out: list[str] = []
    ended = False
    try:
        for tag in binary_tags_loader(data, errors="surrogateescape"):
            code, value = tag.code, tag.value
            if isinstance(tag, DXFBinaryTag):
                value = tag.tostring()
            elif isinstance(value, float):
                value = repr(value)
            elif isinstance(value, bytes):
                value = value.hex().upper()
            elif isinstance(value, str):
                value = value.replace("\r", "^M").replace("\n", "^J")
            out.append(f"{code}\n{value}\n")
            if code == 0 and value == "EOF":
                ended = True
                break
    except (IndexError, ValueError, OverflowError, DXFStructureError, UnicodeError) as error:
        raise Refusal(
            "E_TRUNCATED" if not ended else "E_DAMAGED", "二进制 DXF 不完整", "binary DXF is cut off"
        ) from error
    except Exception as error:
        if type(error).__name__ == "error":  # struct.error
            raise Refusal("E_TRUNCATED", "二进制 DXF 不完整", "binary DXF is cut off") from error
        raise
    if not ended:
        raise Refusal("E_TRUNCATED", "没有 EOF 结束标记", "no EOF mark")
    text = "".join(out)
    codec = "utf-8" if _version_of(data) >= "AC1021" else "latin-1"
    try:
        return text.encode(codec, "surrogateescape")
    except UnicodeError:
        return text.encode("utf-8", "surrogateescape")


def _version_of(data: bytes) -> str:
    found = re.search(rb"\$ACADVER\x00.{1,3}?(AC\d{4})", data[:4096], re.DOTALL)
    return found.group(1).decode() if found else ""


def scan(data: bytes) -> DxfScan:
    """Split a DXF file into records. Raises E_LINE, E_TRUNCATED, E_DAMAGED, E_POLYGLOT."""
    if b"\n" not in data[:4096] and b"\r" in data[:4096]:
        data = data.replace(b"\r", b"\n")
    if not data.endswith(b"\n"):
        data += b"\n"
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    buffer = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(buffer == 10)
    starts = np.empty_like(ends)
    starts[0] = 0
    starts[1:] = ends[:-1] + 1
    lengths = ends - starts
    longest = int(lengths.argmax())
    if lengths[longest] > limits.DXF_LINE_BYTES:
        raise Refusal(
            "E_LINE",
            f"第 {longest + 1} 行有 {int(lengths[longest])} 字节",
            f"line {longest + 1} has {int(lengths[longest])} bytes",
        )
    line_starts = starts
    code_starts, code_ends = starts[0::2], ends[0::2]
    value_starts, value_ends = starts[1::2], ends[1::2]
    pairs = min(len(code_starts), len(value_starts))
    codes, clean = _codes(buffer, code_starts[:pairs], code_ends[:pairs])
    value_starts, value_ends = value_starts[:pairs], value_ends[:pairs]
    value_ends = value_ends - (buffer[np.maximum(value_ends - 1, 0)] == 13)
    value_ends = np.maximum(value_ends, value_starts)

    zeros = np.flatnonzero(codes == 0)
    eof = _find_eof(data, zeros, value_starts, value_ends)
    bad = np.flatnonzero(~clean)
    if len(bad) and (eof is None or bad[0] < eof):
        line = 2 * int(bad[0]) + 1
        shown = data[code_starts[bad[0]] : code_starts[bad[0]] + 20].decode("latin-1").strip()
        raise Refusal("E_DAMAGED", f"第 {line} 行不是组码：{shown!r}", f"line {line} is not a group code: {shown!r}")
    if eof is None:
        raise Refusal("E_TRUNCATED", "没有 EOF 结束标记", "no EOF mark")
    tail = data[value_ends[eof] :].strip(b"\r\n\t \x00\x1a")
    if any(mark in tail[:65536] for mark in (b"PK\x03\x04", b"MZ", b"%PDF", b"<script", b"<html", b"Rar!")):
        raise Refusal("E_POLYGLOT", "结束标记之后还有其他格式的内容", "content of another format after the end mark")
    codes, value_starts, value_ends = codes[: eof + 1], value_starts[: eof + 1], value_ends[: eof + 1]
    zeros = zeros[zeros <= eof]
    names, kind = _names(buffer, value_starts[zeros], value_ends[zeros])
    first = np.append(zeros, eof + 1).astype(np.int64)
    if len(zeros) and zeros[0] > 0 and np.any(codes[: zeros[0]] != 999):
        raise Refusal("E_DAMAGED", "文件开头不是 DXF 结构", "the file does not begin with a DXF structure")
    section, section_names = _sections(data, names, kind, first, codes, value_starts, value_ends)
    return DxfScan(
        data, codes, value_starts, value_ends, line_starts, first, names, kind, section, section_names, len(tail)
    )


def _codes(buffer: Bytes, starts: Index, ends: Index) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Group codes as numbers, and which lines hold one: optional blanks, optional minus, 1 to 4 digits."""
    ends = ends.copy()
    for _ in range(4):
        blank = (ends > starts) & np.isin(buffer[np.maximum(ends - 1, 0)], (13, 32, 9))
        if not blank.any():
            break
        ends -= blank
    value = np.zeros(len(starts), dtype=np.int32)
    position = ends - 1
    live = position >= starts
    digits = np.zeros(len(starts), dtype=np.int32)
    factor = 1
    for _ in range(5):
        byte = buffer[np.maximum(position, 0)]
        is_digit = live & (byte >= 48) & (byte <= 57)
        value += np.where(is_digit, (byte.astype(np.int32) - 48) * factor, 0)
        digits += is_digit
        live = is_digit
        position = position - is_digit
        live &= position >= starts
        factor *= 10
    minus = (position >= starts) & (buffer[np.maximum(position, 0)] == 45)
    position = position - minus
    value = np.where(minus, -value, value)
    clean = digits > 0
    rest = np.flatnonzero(clean & (position >= starts))
    if len(rest):
        width = position[rest] - starts[rest] + 1
        for shift in range(int(min(width.max(), 16))):
            byte = buffer[np.maximum(position[rest] - shift, 0)]
            inside = position[rest] - shift >= starts[rest]
            clean[rest] &= ~inside | (byte == 32) | (byte == 9)
        clean[rest] &= width <= 16
    return value, clean


def _find_eof(data: bytes, zeros: Index, starts: Index, ends: Index) -> int | None:
    lengths = ends[zeros] - starts[zeros]
    for pair in zeros[(lengths >= 3) & (lengths <= 8)][::-1]:
        if data[starts[pair] : ends[pair]].strip() == b"EOF":
            first = pair
            break
    else:
        return None
    for pair in zeros[(lengths >= 3) & (lengths <= 8)]:
        if pair >= first:
            break
        if data[starts[pair] : ends[pair]].strip() == b"EOF":
            return int(pair)
    return int(first)


def _names(buffer: Bytes, starts: Index, ends: Index) -> tuple[list[bytes], NDArray[np.int32]]:
    """Distinct record types and the number of each record's type."""
    if not len(starts):
        return [], np.zeros(0, dtype=np.int32)
    lengths = np.minimum(ends - starts, NAME)
    columns = np.arange(NAME)
    grid = buffer[np.minimum(starts[:, None] + columns, len(buffer) - 1)]
    grid = np.where(columns < lengths[:, None], grid, 0).astype(np.uint8)
    packed = np.ascontiguousarray(grid).view(f"S{NAME}").ravel()
    distinct, kind = np.unique(packed, return_inverse=True)
    names = [bytes(name).strip() for name in distinct]
    return names, kind.astype(np.int32)


def _sections(
    data: bytes,
    names: list[bytes],
    kind: NDArray[np.int32],
    first: Index,
    codes: NDArray[np.int32],
    starts: Index,
    ends: Index,
) -> tuple[NDArray[np.int32], list[bytes]]:
    opens = [i for i, name in enumerate(names) if name == b"SECTION"]
    closes = [i for i, name in enumerate(names) if name == b"ENDSEC"]
    section = np.full(len(kind), -1, dtype=np.int32)
    found: list[bytes] = []
    start = -1
    for record in np.flatnonzero(np.isin(kind, opens + closes)):
        if kind[record] in opens:
            if start >= 0:
                raise Refusal("E_DAMAGED", "段落没有结束标记", "a section has no end mark")
            pair = int(first[record]) + 1
            if pair >= int(first[record + 1]) or codes[pair] != 2:
                raise Refusal("E_DAMAGED", "段落没有名称", "a section has no name")
            found.append(data[starts[pair] : ends[pair]].strip().upper())
            start = int(record)
        elif start >= 0:
            section[start : record + 1] = len(found) - 1
            start = -1
    if start >= 0:
        raise Refusal("E_TRUNCATED", "段落没有结束标记", "a section has no end mark")
    return section, found


def _floats(
    data: bytes, starts: Index, ends: Index, scanned: DxfScan | None = None, pairs: Index | None = None
) -> NDArray[np.float64]:
    count = len(starts)
    if not count:
        return np.zeros(0)
    buffer = np.frombuffer(data, dtype=np.uint8)
    lengths = ends - starts + 1  # the byte after a value is a line end: a separator
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    positions = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths)
    text = buffer[positions].tobytes()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            numbers = np.fromstring(text, dtype=np.float64, sep=" ")  # type: ignore[call-overload]
    except (ValueError, DeprecationWarning):
        numbers = np.zeros(0)
    if len(numbers) == count:
        return np.asarray(numbers, dtype=np.float64)
    result = np.empty(count)
    for i in range(count):
        word = data[starts[i] : ends[i]]
        try:
            result[i] = float(word)
        except ValueError:
            line = scanned.line_number(int(pairs[i])) if scanned is not None and pairs is not None else i
            shown = word[:30].decode("latin-1").strip()
            raise Refusal("E_NUMBER", f"第 {line} 行：{shown!r}", f"line {line}: {shown!r}") from None
    return result


# ---------------------------------------------------------------- guards

GEOMETRY = (*range(10, 60), 210, 220, 230)
PLANE = (*range(10, 19), *range(20, 29))


def check_numbers(scanned: DxfScan) -> None:
    """Every number that places or sizes something is finite and within 1e12 (E_NUMBER, E_COORD)."""
    entities = scanned.in_sections(b"ENTITIES", b"BLOCKS") & ~scanned.of_type(b"VIEWPORT")
    pairs = scanned.pairs(entities, *GEOMETRY)
    values = scanned.floats(pairs)
    wrong = np.flatnonzero(~np.isfinite(values))
    if len(wrong):
        line = scanned.line_number(int(pairs[wrong[0]]))
        raise Refusal("E_NUMBER", f"第 {line} 行，共 {len(wrong)} 处", f"line {line}, {len(wrong)} in all")
    far = np.flatnonzero(np.abs(values) >= limits.COORDINATE)
    if len(far):
        codes = scanned.codes[pairs[far]]
        plane = far[np.isin(codes, PLANE) | (codes == 40)]
        if len(plane):
            line = scanned.line_number(int(pairs[plane[0]]))
            value = float(values[plane[0]])
            raise Refusal("E_COORD", f"第 {line} 行：{value:.3g}", f"line {line}: {value:.3g}")


@dataclass(frozen=True)
class RawCounts:
    """Entities as they stand in the file, before any parser: what must be there after loading."""

    entities: Counter[str]
    """By type, in ENTITIES."""
    blocks: Counter[str]
    """By type, in BLOCKS."""
    duplicate_handles: int

    @property
    def total(self) -> int:
        return sum(self.entities.values()) + sum(self.blocks.values())


def count(scanned: DxfScan) -> RawCounts:
    """Count entity records and repeated handles."""
    part = np.array([name in PARTS for name in scanned.names], dtype=bool)

    def tally(section: bytes) -> Counter[str]:
        kinds = scanned.kind[scanned.in_sections(section)]
        numbers = np.bincount(kinds, minlength=len(scanned.names))
        return Counter({scanned.names[i].decode("latin-1"): int(n) for i, n in enumerate(numbers) if n and not part[i]})

    records = scanned.in_sections(b"ENTITIES", b"BLOCKS")
    handles = [bytes(scanned.value(int(p))).strip().upper() for p in _first_pairs(scanned, records, 5)]
    real = [h for h in handles if h and h != b"0"]
    return RawCounts(tally(b"ENTITIES"), tally(b"BLOCKS"), len(real) - len(set(real)))


def _first_pairs(scanned: DxfScan, records: NDArray[np.bool_], code: int) -> Index:
    """The first pair of `code` in each marked record that has one."""
    pairs = scanned.pairs(records, code)
    if not len(pairs):
        return pairs
    owner = scanned.record_of_pair[pairs]
    keep = np.ones(len(pairs), dtype=bool)
    keep[1:] = owner[1:] != owner[:-1]
    return pairs[keep]


@dataclass(frozen=True)
class Expansion:
    """What the block graph grows to."""

    primitives: int
    vertices: int
    depth: int


def check_expansion(scanned: DxfScan) -> Expansion:
    """Count primitives after expanding all block references, bottom up and remembered; refuse cycles, depth and floods.

    Only blocks that the model or a layout reaches count. Raises E_CYCLE, E_DEPTH, E_EXPAND, E_OBJECTS.
    """
    blocks = scanned.in_sections(b"BLOCKS")
    entities = scanned.in_sections(b"ENTITIES")
    owner = _owners(scanned, blocks)
    part = np.array([name in PARTS for name in scanned.names], dtype=bool)
    is_entity = (blocks | entities) & ~part[scanned.kind]
    vertices = _vertex_weights(scanned, blocks | entities)

    own_count: dict[str, int] = defaultdict(int)
    own_vertices: dict[str, int] = defaultdict(int)
    labels = owner[0]
    ids = owner[1]
    counts = np.bincount(ids[is_entity], minlength=len(labels))
    weights = np.bincount(ids[blocks | entities], weights=vertices[blocks | entities], minlength=len(labels))
    for i, label in enumerate(labels):
        own_count[label] += int(counts[i])
        own_vertices[label] += int(weights[i])

    edges: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for record, name, times in _references(scanned, blocks | entities):
        edges[labels[ids[record]]][name] += times

    roots = [label for label in labels if label == "*MODEL_SPACE" or label.startswith("*PAPER_SPACE")]
    total, drawn, depth = _expand(roots, own_count, own_vertices, edges)
    if total > limits.PRIMITIVES:
        direct = sum(own_count[r] for r in roots)
        if direct > limits.PRIMITIVES:
            raise Refusal("E_OBJECTS", f"{direct} 个图元", f"{direct} objects")
        raise Refusal("E_EXPAND", f"展开后 {total:.3g} 个图元", f"{total:.3g} objects after expansion")
    if drawn > limits.VERTICES:
        raise Refusal("E_EXPAND", f"展开后 {drawn:.3g} 个顶点", f"{drawn:.3g} vertices after expansion")
    return Expansion(total, drawn, depth)


def _owners(scanned: DxfScan, blocks: NDArray[np.bool_]) -> tuple[list[str], Index]:
    """Which block each record lies in: labels and the number of the label per record; ENTITIES are the model space."""
    labels = ["*MODEL_SPACE"]
    known = {"*MODEL_SPACE": 0}
    ids = np.zeros(scanned.records, dtype=np.int64)
    begins = np.flatnonzero(blocks & scanned.of_type(b"BLOCK"))
    names: dict[int, str] = {}
    for pair in _first_pairs(scanned, blocks & scanned.of_type(b"BLOCK"), 2):
        names[int(scanned.record_of_pair[pair])] = scanned.value(int(pair)).decode("latin-1").strip().upper()
    bounds = np.append(begins, scanned.records)
    for i, begin in enumerate(begins):
        name = names.get(int(begin), "")
        if name not in known:
            known[name] = len(labels)
            labels.append(name)
        end = int(bounds[i + 1])
        ids[begin:end] = np.where(blocks[begin:end], known[name], ids[begin:end])
    return labels, ids


def _vertex_weights(scanned: DxfScan, records: NDArray[np.bool_]) -> NDArray[np.float64]:
    """About how many vertices each record draws: point pairs of polylines, splines and hatches, 1 otherwise."""
    weight = np.ones(scanned.records)
    pairs = scanned.pairs(
        records & scanned.of_type(b"LWPOLYLINE", b"SPLINE", b"HATCH", b"MLINE", b"LEADER", b"MESH"), 10
    )
    if len(pairs):
        weight += np.bincount(scanned.record_of_pair[pairs], minlength=scanned.records)
    weight[records & scanned.of_type(b"CIRCLE", b"ARC", b"ELLIPSE")] = 48
    return weight


def _references(scanned: DxfScan, records: NDArray[np.bool_]) -> list[tuple[int, str, int]]:
    """(record, block name, how often) of each INSERT, DIMENSION and ACAD_TABLE."""
    inserts = records & scanned.of_type(b"INSERT")
    times: dict[int, int] = {}
    for code in (70, 71):
        for pair in _first_pairs(scanned, inserts, code):
            record = int(scanned.record_of_pair[pair])
            try:
                number = max(1, min(32767, int(float(scanned.value(int(pair))))))
            except (ValueError, OverflowError):
                number = 1
            times[record] = times.get(record, 1) * number
    found = []
    for pair in _first_pairs(scanned, records & scanned.of_type(b"INSERT", b"DIMENSION", b"ACAD_TABLE"), 2):
        record = int(scanned.record_of_pair[pair])
        found.append((record, scanned.value(int(pair)).decode("latin-1").strip().upper(), times.get(record, 1)))
    return found


def _expand(
    roots: Sequence[str], counts: dict[str, int], vertices: dict[str, int], edges: dict[str, dict[str, int]]
) -> tuple[int, int, int]:
    """Iterative post-order walk: totals per block once each. Raises E_CYCLE, E_DEPTH."""
    done: dict[str, tuple[int, int, int]] = {}
    for root in roots:
        stack: list[tuple[str, Any]] = [(root, iter(list(edges.get(root, {}))))]
        on_path = {root}
        while stack:
            name, children = stack[-1]
            for child in children:
                if child in done:
                    continue
                if child in on_path:
                    raise Refusal("E_CYCLE", f"图块 {_shown(child)}", f"block {_shown(child)}")
                if child not in counts and child not in edges:
                    done[child] = (0, 0, 0)
                    continue
                if len(stack) > 20_000:
                    raise Refusal("E_DEPTH")
                stack.append((child, iter(list(edges.get(child, {})))))
                on_path.add(child)
                break
            else:
                total, points, depth = counts.get(name, 0), vertices.get(name, 0), 0
                for child, times in edges.get(name, {}).items():
                    sub = done.get(child, (0, 0, 0))
                    total += sub[0] * times
                    points += sub[1] * times
                    depth = max(depth, sub[2] + 1)
                done[name] = (total, points, depth)
                on_path.discard(name)
                stack.pop()
    sums = [done[root] for root in roots if root in done]
    depth = max((s[2] for s in sums), default=0)
    if depth > limits.INSERT_DEPTH:
        raise Refusal("E_DEPTH", f"{depth} 层", f"{depth} levels")
    return sum(s[0] for s in sums), sum(s[1] for s in sums), depth


def _shown(name: str) -> str:
    text = name.encode("latin-1", "replace").decode("utf-8", "replace")
    return "".join(c if c.isprintable() else "?" for c in text)[:60]


# ---------------------------------------------------------------- what the parser gets


def reduced(scanned: DxfScan) -> bytes:
    """The file without thumbnail and without those OBJECTS that draw nothing (materials, visual styles, indexes, ACIS data)."""
    keep = np.ones(scanned.records, dtype=bool)
    objects = scanned.in_sections(b"OBJECTS")
    needed = np.array([name in OBJECTS_NEEDED for name in scanned.names], dtype=bool)
    keep[objects] = needed[scanned.kind[objects]]
    xrecords = np.flatnonzero(objects & scanned.of_type(b"XRECORD"))
    if len(xrecords) > XRECORDS_KEPT:
        keep[xrecords] = False
    keep[scanned.in_sections(b"THUMBNAILIMAGE", b"ACDSDATA")] = False
    if keep.all():
        return scanned.buffer[: _end_of(scanned, scanned.records - 1)]
    view = memoryview(scanned.buffer)
    pieces: list[memoryview] = []
    changes = np.flatnonzero(np.diff(np.concatenate([[False], keep, [False]]).astype(np.int8)))
    for begin, end in changes.reshape(-1, 2):
        pieces.append(view[_start_of(scanned, int(begin)) : _end_of(scanned, int(end) - 1)])
    return b"".join(pieces)


def _start_of(scanned: DxfScan, record: int) -> int:
    return int(scanned.line_starts[2 * int(scanned.first[record])])


def _end_of(scanned: DxfScan, record: int) -> int:
    line = 2 * int(scanned.first[record + 1])
    return int(scanned.line_starts[line]) if line < len(scanned.line_starts) else len(scanned.buffer)


def is_finite(*values: float) -> bool:
    return all(math.isfinite(v) for v in values)
