"""A DWG 2004 whose table of classes LibreDWG would misread (类表), written so that it does not.

LibreDWG reads the maintenance version of a class as a short number; the file has a long one. The two differ in length where the number is above 255 (newer
programs saving as 2004), and every class behind it is lost: tables, multileaders, pictures, wipeouts. A copy of the file with that number
written short, and the room left filled by the two zeroes behind it written long, has the same length and is read whole.
"""

from __future__ import annotations

import struct
import zlib

from drawings.cad.dwg_end import MASKED_AT, MASKED_BYTES, unmasked
from drawings.cad.dwg_sums import HEADER, MASK, SYSTEM_HEADER

VERSION = b"AC1018"
NAME = "AcDb:Classes"
PAGE_BASE, PAGE_MAP_AT, SECTION_MAP_AT = 0x100, 0x54, 0x5C
SECTION_ROWS, SECTION_ROW, PAGE_ROW = 20, 96, 16
LARGEST = 1 << 20
"""Bytes that one unpacked page or map may have."""
HEAD_BITS = (16 + 4) * 8
LONG, SHORT, ZERO = 0, 1, 2
"""The first two bits of a number: all its bytes follow, one byte follows, it is zero."""
MOST_CLASSES = 4096


def mended(data: bytes) -> bytes | None:
    """The file with a table of classes that LibreDWG reads whole; None when nothing is to be mended or it cannot be done."""
    if data[:6] != VERSION:
        return None
    try:
        at, room, size = _page_of_classes(data)
        head = [word ^ ((MASK ^ at) & 0xFFFFFFFF) for word in struct.unpack_from("<8I", data, at)]
        table = unpacked(data[at + HEADER : at + HEADER + head[2]], size)
        written = shortened(table)
        packed_ = packed(written) if written is not None else b""
    except (struct.error, IndexError, KeyError, ValueError, OverflowError):
        return None
    if not packed_ or len(packed_) + HEADER > room:
        return None
    head[2] = len(packed_)
    head[7] = zlib.adler32(packed_, 0)
    head[6] = zlib.adler32(struct.pack("<8I", *head[:6], 0, head[7]), head[7])
    masked = struct.pack("<8I", *(word ^ ((MASK ^ at) & 0xFFFFFFFF) for word in head))
    page = masked + packed_
    return data[:at] + page + data[at + len(page) :]


def _page_of_classes(data: bytes) -> tuple[int, int, int]:
    """Where the page of the table of classes is, how many bytes it has there, and how many its content has. Raises KeyError."""
    head = unmasked(data[MASKED_AT : MASKED_AT + MASKED_BYTES])
    (map_at,) = struct.unpack_from("<Q", head, PAGE_MAP_AT)
    (section_map,) = struct.unpack_from("<I", head, SECTION_MAP_AT)
    pages: dict[int, tuple[int, int]] = {}
    rows, place, address = _system_page(data, map_at + PAGE_BASE), 0, PAGE_BASE
    while place + 8 <= len(rows):
        number, size = struct.unpack_from("<iI", rows, place)
        pages[number] = (address, size)
        address += size
        place += 8 if number >= 0 else 8 + PAGE_ROW
    rows = _system_page(data, pages[section_map][0])
    (count,) = struct.unpack_from("<I", rows)
    place = SECTION_ROWS
    for _ in range(min(count, 64)):
        size, parts = struct.unpack_from("<QI", rows, place)
        name = rows[place + 32 : place + SECTION_ROW].split(b"\0")[0].decode("latin-1")
        place += SECTION_ROW
        if name == NAME and parts == 1 and size <= LARGEST:
            (number,) = struct.unpack_from("<I", rows, place)
            return (*pages[number], int(size))
        place += PAGE_ROW * parts
    raise KeyError(NAME)


def _system_page(data: bytes, at: int) -> bytes:
    _kind, size, packed_size = struct.unpack_from("<3I", data, at)
    if size > LARGEST:
        raise ValueError(size)
    return unpacked(data[at + SYSTEM_HEADER : at + SYSTEM_HEADER + packed_size], size)


# ---------------------------------------------------------------- the table of classes, bit by bit


class _Bits:
    """A row of bits with a place to read at."""

    def __init__(self, data: bytes) -> None:
        self.bits = "".join(f"{byte:08b}" for byte in data)
        self.at = HEAD_BITS

    def take(self, count: int) -> int:
        if self.at + count > len(self.bits):
            raise IndexError(self.at)
        self.at += count
        return int(self.bits[self.at - count : self.at], 2)

    def number(self, size: int) -> int:
        """A number of up to `size` bytes, the lowest first."""
        kind = self.take(2)
        if kind == LONG:
            return int.from_bytes(bytes(self.take(8) for _ in range(size)), "little")
        return self.take(8) if kind == SHORT else 0 if kind == ZERO else 256

    def words(self) -> None:
        count = self.number(2)
        if count:
            self.take(8 * count)


def shortened(table: bytes) -> bytes | None:
    """The table with short maintenance versions; None when all of them are short already."""
    bits = _Bits(table)
    last = bits.number(2)
    bits.take(8 + 8 + 1)
    changed = False
    for _ in range(MOST_CLASSES):
        number = bits.number(2)
        bits.number(2)
        for _text in range(3):
            bits.words()
        bits.take(1)
        bits.number(2)
        bits.number(4)
        bits.number(4)
        start = bits.at
        version, *zeroes = (bits.number(4) for _ in range(3))
        if version > 0xFF:
            if version > 0xFFFF or any(zeroes) or bits.at - start != 2 + 32 + 2 + 2:
                return None
            short = "00" + "".join(f"{byte:08b}" for byte in version.to_bytes(2, "little")) + 2 * ("01" + 8 * "0")
            bits.bits = bits.bits[:start] + short + bits.bits[bits.at :]
            changed = True
        if number >= last:
            break
    return int(bits.bits, 2).to_bytes(len(table), "big") if changed else None


# ---------------------------------------------------------------- packing


class _Packed:
    """Bytes of a packed page with a place to read at."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def run(self) -> int:
        """A length that goes on while bytes are 0."""
        total = 0
        while (byte := self.byte()) == 0:
            total += 0xFF
        return total + byte

    def plain(self) -> int:
        """How many bytes follow as they are; 0 when a copy follows at once."""
        byte = self.data[self.at]
        if byte & 0xF0:
            return 0
        self.at += 1
        return (byte or 0x0F + self.run()) + 3

    def back(self) -> tuple[int, int]:
        low, high = self.byte(), self.byte()
        return low >> 2 | high << 6, low & 3


def unpacked(data: bytes, size: int) -> bytes:
    """The content of a page of a DWG 2004. Raises IndexError and ValueError."""
    source, out = _Packed(data), bytearray()
    plain = source.plain()
    while True:
        out += data[source.at : source.at + plain]
        source.at += plain
        if len(out) >= size or source.at >= len(data):
            return bytes(out[:size])
        code = source.byte()
        if code >= 0x40:
            count, back, plain = (code >> 4) - 1, source.byte() << 2 | (code & 0x0C) >> 2, code & 3
        elif code >= 0x20:
            count = code - 0x1E if code > 0x20 else source.run() + 0x21
            back, plain = source.back()
        elif code == 0x11:
            return bytes(out)
        elif code >= 0x10:
            count = (code & 0x0F) + 2 if code > 0x10 else source.run() + 9
            back, plain = source.back()
            back += 0x3FFF
        else:
            raise ValueError(code)
        if back >= len(out) or len(out) + count > LARGEST:
            raise ValueError(back)
        for _ in range(count):
            out.append(out[-1 - back])
        plain = plain or source.plain()


def packed(content: bytes) -> bytes:
    """A page of a DWG 2004: the longest earlier run that is found by its first four bytes, else bytes as they are."""
    out, known = bytearray(), dict[bytes, int]()
    most = len(content) - 4  # what ends the page are bytes as they are
    start = at = 0
    copy: tuple[int, int] | None = None
    while at < len(content):
        earlier = known.get(content[at : at + 4])
        known[content[at : at + 4]] = at
        count = 0
        if earlier is not None and at - earlier <= 0x3FFF:
            while at + count < most and content[earlier + count] == content[at + count]:
                count += 1
        # Four to nine bytes in a row as they are cost one byte; fewer than four can only follow a copy and are avoided.
        if earlier is None or count < 6 or at - start < 4:
            at += 1
            continue
        out += _copy(copy) + _plain(content[start:at])
        copy = (count, at - earlier - 1)
        for place in range(at + 1, at + count):
            known[content[place : place + 4]] = place
        at += count
        start = at
    out += _copy(copy) + _plain(content[start:])
    return bytes(out) + b"\x11\x00\x00"


def _plain(run: bytes) -> bytes:
    if len(run) <= 0x0F + 3:
        return bytes([len(run) - 3]) + run
    return b"\0" + _run(len(run) - 0x0F - 3) + run


def _copy(copy: tuple[int, int] | None) -> bytes:
    if copy is None:
        return b""
    count, back = copy
    code = bytes([count + 0x1E]) if count <= 0x3F - 0x1E else b"\x20" + _run(count - 0x21)
    return code + bytes([(back & 0x3F) << 2, back >> 6])


def _run(value: int) -> bytes:
    zeroes, rest = divmod(value - 1, 0xFF)
    return bytes(zeroes) + bytes([rest + 1])
