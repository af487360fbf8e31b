"""The object map of a DWG R13, R14 or 2000 (对象映射): where every object lies, by handle.

The readers pass over an object whose size was blanked, without a word: to them it is one of none. The map still names it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

VERSIONS = frozenset({b"AC1012", b"AC1014", b"AC1015"})
RECORDS, RECORD, MAP = 0x15, 9, 2
EMPTY_SECTION = 2
"""A section of the map names its own size; the last one has nothing but that."""


def lost_objects(data: bytes) -> int:
    """How many objects the map names that have no place or no size in the file; 1 for a map that cannot be read, 0 for other versions."""
    if data[:6] not in VERSIONS:
        return 0
    try:
        return sum(not _stands(data, place) for place in _places(data))
    except (struct.error, IndexError):
        return 1


def _places(data: bytes) -> Iterator[int]:
    """Where the map says that objects begin, in bytes from the start of the file."""
    (count,) = struct.unpack_from("<I", data, RECORDS)
    records = (struct.unpack_from("<BII", data, RECORDS + 4 + RECORD * number) for number in range(min(count, 16)))
    at, size = next(((at, size) for number, at, size in records if number == MAP), (0, 0))
    end = at + size
    while at < end:
        (length,) = struct.unpack_from(">H", data, at)
        if length <= EMPTY_SECTION:
            return
        here, stop, place = at + 2, at + length, 0
        while here < stop:
            _handle, here = _number(data, here)
            step, here = _number(data, here, signed=True)
            place += step
            yield place
        at = stop + 2  # its sum lies between


def _number(data: bytes, at: int, *, signed: bool = False) -> tuple[int, int]:
    """A number of seven bits a byte, lowest first, and where the next one begins; the sign is a bit of the last byte."""
    value = shift = 0
    while (byte := data[at]) & 0x80:
        value |= (byte & 0x7F) << shift
        shift, at = shift + 7, at + 1
    if signed and byte & 0x40:
        return -(value | (byte & 0x3F) << shift), at + 1
    return value | byte << shift, at + 1


def _stands(data: bytes, place: int) -> bool:
    """Whether an object of some size begins at `place` and ends within the file."""
    if not 0 < place < len(data):
        return False
    size, shift, at = 0, 0, place
    while True:
        word = int(struct.unpack_from("<H", data, at)[0])
        size |= (word & 0x7FFF) << shift
        shift, at = shift + 15, at + 2
        if not word & 0x8000:
            break
    return 0 < size <= len(data) - at
