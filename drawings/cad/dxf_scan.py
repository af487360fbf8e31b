"""The bytes of a DXF file as numpy arrays, judged before any parser sees them (DXF 结构扫描).

One pass finds lines, group codes and records; everything else is a query on these arrays: end of file, numbers, handles, block
graph. 17 MB take about half a second. The functions raise `Refusal`; nothing is repaired here.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drawings.cad import limits
from drawings.cad.errors import Refusal

Bytes = NDArray[np.uint8]
Index = NDArray[np.int64]
Places = NDArray[np.int32]
"""Places in the file: a DXF is never as large as 2 GB (`limits.FILE_BYTES`)."""

NAME = 32
AT_ONCE = 250_000
"""Values taken apart together: memory is for the drawing."""
BLOCK = 1 << 24
MOST_CODE = 99_999
"""`_codes` reads five digits."""
EOF_BEGINS = np.frombuffer(b"E \t\v\f\r", dtype=np.uint8)


@dataclass
class DxfScan:
    """Lines, pairs and records of one ASCII DXF file.

    A pair is a group code line and a value line; pair i has code `codes[i]` and value bytes `starts[i]:ends[i]`. A record is a
    run of pairs that begins with code 0; record j has pairs `first[j]:first[j + 1]` and the type `names[kind[j]]`.
    """

    buffer: bytes
    codes: NDArray[np.int32]
    starts: Places
    ends: Places
    line_starts: Places
    first: Index
    names: list[bytes]
    kind: NDArray[np.int32]
    section: NDArray[np.int32]
    """Section number of each record, index in `section_names`, -1 outside."""
    section_names: list[bytes]
    trailing: int = 0
    """Bytes after the EOF record that are not blank."""
    warnings: list[tuple[str, str, str]] = field(default_factory=list)
    _numbers: NDArray[np.float64] | None = None

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
        where = np.flatnonzero(among(self.codes, codes))
        return where[records[self.record_of_pair[where]]]

    def first_pairs(self, records: NDArray[np.bool_], code: int) -> Index:
        """The first pair of `code` in each marked record that has one."""
        pairs = self.pairs(records, code)
        if not len(pairs):
            return pairs
        owner = self.record_of_pair[pairs]
        keep = np.ones(len(pairs), dtype=bool)
        keep[1:] = owner[1:] != owner[:-1]
        return pairs[keep]

    def floats(self, pairs: Index) -> NDArray[np.float64]:
        """The values of these pairs as numbers. Raises E_NUMBER at the first that is none."""
        out = np.empty(len(pairs))
        for begin in range(0, len(pairs), AT_ONCE):
            part = pairs[begin : begin + AT_ONCE]
            out[begin : begin + AT_ONCE] = _floats(self.buffer, self.starts[part], self.ends[part], self, part)
        return out

    def numbers(self, pairs: Index) -> NDArray[np.float64]:
        """As `floats`, from what was read already where it was (`remember`)."""
        if self._numbers is None:
            return self.floats(pairs)
        values = self._numbers[pairs]
        unknown = np.flatnonzero(np.isnan(values))
        if len(unknown):
            values[unknown] = self.floats(pairs[unknown])
        return np.asarray(values, dtype=np.float64)

    def remember(self, pairs: Index, values: NDArray[np.float64]) -> None:
        """Keep numbers for `numbers`: reading millions of them twice is a second."""
        self._numbers = np.full(len(self.codes), np.nan)
        self._numbers[pairs] = values

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


def among(codes: NDArray[np.int32], wanted: Collection[int]) -> NDArray[np.bool_]:
    """Which of these group codes are among `wanted`."""
    if len(wanted) == 1:
        return np.asarray(codes == next(iter(wanted)))
    table = np.zeros(2 * MOST_CODE + 1, dtype=bool)
    table[list(wanted)] = True  # codes below zero count from the end
    return np.asarray(table[codes])


def scan(data: bytes) -> DxfScan:
    """Split a DXF file into records. Raises E_LINE, E_TRUNCATED, E_DAMAGED, E_POLYGLOT."""
    if b"\n" not in data[:4096] and b"\r" in data[:4096]:
        data = data.replace(b"\r", b"\n")
    if not data.endswith(b"\n"):
        data += b"\n"
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    buffer = np.frombuffer(data, dtype=np.uint8)
    ends = _line_ends(buffer)
    starts = np.empty_like(ends)
    starts[0] = 0
    starts[1:] = ends[:-1] + 1
    longest = int((ends - starts).argmax())
    length = int(ends[longest] - starts[longest])
    if length > limits.DXF_LINE_BYTES:
        raise Refusal("E_LINE", f"第 {longest + 1} 行有 {length} 字节", f"line {longest + 1} has {length} bytes")
    line_starts = starts
    code_starts, code_ends = starts[0::2], ends[0::2]
    value_starts, value_ends = starts[1::2], ends[1::2]
    pairs = min(len(code_starts), len(value_starts))
    codes, clean = _codes(buffer, code_starts[:pairs], code_ends[:pairs])
    value_starts, value_ends = value_starts[:pairs], value_ends[:pairs]
    value_ends = value_ends - (buffer[np.maximum(value_ends - 1, 0)] == 13).astype(np.int32)
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
    section, section_names = _sections(names, kind, first, data=data, codes=codes, starts=value_starts, ends=value_ends)
    return DxfScan(
        data, codes, value_starts, value_ends, line_starts, first, names, kind, section, section_names, len(tail)
    )


def _line_ends(buffer: Bytes) -> Places:
    """Where the lines end, block by block."""
    parts = []
    for begin in range(0, len(buffer), BLOCK):
        parts.append((np.flatnonzero(buffer[begin : begin + BLOCK] == 10) + begin).astype(np.int32))
    return np.concatenate(parts)


def _codes(buffer: Bytes, starts: Places, ends: Places) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
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
    digits = np.zeros(len(starts), dtype=np.int8)
    factor = 1
    for _ in range(5):
        byte = buffer[np.maximum(position, 0)]
        is_digit = live & (byte >= 48) & (byte <= 57)
        value += np.where(is_digit, (byte.astype(np.int32) - 48) * factor, 0)
        digits += is_digit
        live = is_digit
        position = position - is_digit.astype(np.int32)
        live &= position >= starts
        factor *= 10
    minus = (position >= starts) & (buffer[np.maximum(position, 0)] == 45)
    position = position - minus.astype(np.int32)
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


def _find_eof(data: bytes, zeros: Index, starts: Places, ends: Places) -> int | None:
    """The first record EOF."""
    lengths = ends[zeros] - starts[zeros]
    first = np.frombuffer(data, dtype=np.uint8)[np.minimum(starts[zeros], len(data) - 1)]
    for pair in zeros[(lengths >= 3) & (lengths <= 8) & np.isin(first, EOF_BEGINS)]:
        if data[starts[pair] : ends[pair]].strip() == b"EOF":
            return int(pair)
    return None


def _names(buffer: Bytes, starts: Places, ends: Places) -> tuple[list[bytes], NDArray[np.int32]]:
    """Distinct record types and the number of each record's type."""
    if not len(starts):
        return [], np.zeros(0, dtype=np.int32)
    distinct, kind = distinct_values(buffer, starts, np.minimum(ends, starts + NAME))
    return [name.strip() for name in distinct], kind.astype(np.int32)


def distinct_values(
    buffer: Bytes, starts: NDArray[np.integer[Any]], ends: NDArray[np.integer[Any]]
) -> tuple[list[bytes], Index]:
    """The different values that lie there, and the number of each one's; for short ones."""
    known: dict[bytes, int] = {}
    numbers = np.empty(len(starts), dtype=np.int64)
    for begin in range(0, len(starts), AT_ONCE):
        part = slice(begin, begin + AT_ONCE)
        lengths = (ends[part] - starts[part])[:, None]
        columns = np.arange(max(1, int(lengths.max(initial=0))), dtype=np.int32)
        grid = buffer[np.minimum(starts[part][:, None] + columns, len(buffer) - 1)]
        grid = np.where(columns < lengths, grid, 0).astype(np.uint8)
        packed = np.ascontiguousarray(grid).view(f"S{len(columns)}").ravel()
        found, inverse = np.unique(packed, return_inverse=True)
        mine = np.array([known.setdefault(bytes(word), len(known)) for word in found], dtype=np.int64)
        numbers[part] = mine[inverse.ravel()]
    return list(known), numbers


def _sections(
    names: list[bytes],
    kind: NDArray[np.int32],
    first: Index,
    *,
    data: bytes,
    codes: NDArray[np.int32],
    starts: Places,
    ends: Places,
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
    data: bytes, starts: Places, ends: Places, scanned: DxfScan | None = None, pairs: Index | None = None
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
            numbers = np.fromstring(text, dtype=np.float64, sep=" ")
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
