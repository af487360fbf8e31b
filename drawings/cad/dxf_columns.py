"""Values of many DXF records at once (成列读取): what a group code holds in each record of one type."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from drawings.cad.dxf_scan import DxfScan, Index, among, distinct_values

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
EMBEDDED = 1000
"""Group codes from here on are data of other programs (XDATA): they draw nothing."""


class Columns:
    """Records of one type as a table: one row each, one column per group code."""

    def __init__(self, scanned: DxfScan, records: Index) -> None:
        self.scanned, self.records = scanned, records
        begin, end = scanned.first[records].astype(np.int64), scanned.first[records + 1].astype(np.int64)
        lengths = end - begin
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        self.row = np.repeat(np.arange(len(records), dtype=np.int32), lengths)
        self.pairs = np.arange(offsets[-1], dtype=np.int32) + np.repeat(
            (begin - offsets[:-1]).astype(np.int32), lengths
        )
        self.codes = scanned.codes[self.pairs]

    def __len__(self) -> int:
        return len(self.records)

    def at(self, code: int) -> Index:
        """Where (in `pairs`) the code stands, in order of the file."""
        return np.flatnonzero(self.codes == code)

    def number_of(self, code: int) -> NDArray[np.int64]:
        """How often each row has the code."""
        return np.bincount(self.row[self.at(code)], minlength=len(self))

    def has(self, code: int) -> Mask:
        return np.asarray(self.number_of(code) > 0)

    def only(self, allowed: Collection[int]) -> Mask:
        """Rows that have no other code than these and XDATA."""
        strange = ~among(self.codes, allowed) & (self.codes < EMBEDDED)
        return np.asarray(np.bincount(self.row[strange], minlength=len(self)) == 0)

    def number(self, code: int, default: float) -> Floats:
        """The last value of the code in each row: what a reader keeps when one stands twice."""
        where = self.at(code)
        out = np.full(len(self), float(default))
        out[self.row[where]] = self.values(where)
        return out

    def values(self, where: Index) -> Floats:
        """The numbers at these places."""
        return self.scanned.numbers(self.pairs[where])

    def words(self, code: int) -> tuple[list[bytes], NDArray[np.int64]]:
        """The different values of the code, and which of them each row has (-1: none)."""
        where = self.at(code)
        ids = np.full(len(self), -1, dtype=np.int64)
        if not len(where):
            return [], ids
        distinct, number = distinct_words(self.scanned, self.pairs[where])
        ids[self.row[where]] = number
        return distinct, ids

    def taken(self, keep: Mask) -> Columns:
        return self if keep.all() else Columns(self.scanned, self.records[keep])


def distinct_words(scanned: DxfScan, pairs: Index) -> tuple[list[bytes], NDArray[np.int64]]:
    """The different values of these pairs without blanks around them, and the number of each pair's."""
    starts, ends = scanned.starts[pairs].astype(np.int64), scanned.ends[pairs].astype(np.int64)
    width = int((ends - starts).max(initial=0))
    if width > 64 or not width:
        known: dict[bytes, int] = {}
        ids = [known.setdefault(scanned.value(int(pair)).strip(), len(known)) for pair in pairs]
        return list(known), np.array(ids, dtype=np.int64)
    found, number = distinct_values(np.frombuffer(scanned.buffer, dtype=np.uint8), starts, ends)
    return [word.strip() for word in found], number


def hex_numbers(scanned: DxfScan, pairs: Index) -> tuple[NDArray[np.uint64], Mask]:
    """Handles as numbers, and which of the values are none (they give 0)."""
    starts, ends = scanned.starts[pairs].astype(np.int64), scanned.ends[pairs].astype(np.int64)
    buffer = np.frombuffer(scanned.buffer, dtype=np.uint8)
    value = np.zeros(len(pairs), dtype=np.uint64)
    good = ends > starts
    digits = np.zeros(len(pairs), dtype=np.int64)
    for step in range(int((ends - starts).max(initial=0))):
        if step >= 40:
            good &= ends - starts <= 40
            break
        place = starts + step
        inside = place < ends
        byte = buffer[np.minimum(place, len(buffer) - 1)].astype(np.int64)
        lower = byte | 32
        digit = np.where(
            (byte >= 48) & (byte <= 57), byte - 48, np.where((lower >= 97) & (lower <= 102), lower - 87, -1)
        )
        is_digit = inside & (digit >= 0)
        blank = (byte == 32) | (byte == 9)
        good &= ~inside | is_digit | blank
        value = np.where(is_digit, (value << np.uint64(4)) | digit.clip(0).astype(np.uint64), value)
        digits += is_digit
    good &= (digits > 0) & (digits <= 16)
    return np.where(good, value, np.uint64(0)), good
