"""Where a DWG must end by its own account (DWG 应有长度): both readers may find all entities in a file that was cut off near its end.

R13 to 2000 list the places of their sections in the clear; 2004 and later (not 2007) keep the address of a second header, the
last thing in the file, under a fixed mask. 2007 pads its pages to 32 bytes.
"""

from __future__ import annotations

import struct

RECORDS_AT, RECORD = 0x15, 9
MASKED_AT, MASKED_BYTES = 0x80, 0x6C
MARK = b"AcFssFcAJMB"
SECOND_HEADER_AT = 0x34
MOST_RECORDS = 32
PAGE = 32


def least_size(data: bytes) -> int | None:
    """The number of bytes that the file says it has at least; None when it does not say."""
    version = data[:6]
    if version in {b"AC1012", b"AC1014", b"AC1015"}:
        return _by_records(data)
    if version in {b"AC1018", b"AC1024", b"AC1027", b"AC1032"}:
        return _by_second_header(data)
    return None


def has_odd_end(data: bytes) -> bool:
    """Whether a file of version 2007 ends within a page."""
    return data[:6] == b"AC1021" and len(data) % PAGE != 0


def _by_records(data: bytes) -> int | None:
    try:
        (count,) = struct.unpack_from("<i", data, RECORDS_AT)
        if not 0 < count <= MOST_RECORDS:
            return None
        ends = []
        for number in range(count):
            _, start, size = struct.unpack_from("<Bii", data, RECORDS_AT + 4 + RECORD * number)
            if start < 0 or size < 0:
                return None
            ends.append(int(start) + int(size))
    except struct.error:
        return None
    return max(ends)


def _by_second_header(data: bytes) -> int | None:
    plain = unmasked(data[MASKED_AT : MASKED_AT + MASKED_BYTES])
    if len(plain) < MASKED_BYTES or not plain.startswith(MARK):
        return None
    (address,) = struct.unpack_from("<Q", plain, SECOND_HEADER_AT)
    return int(address) + MASKED_BYTES if 0 < address < 1 << 40 else None


def unmasked(masked: bytes) -> bytes:
    """The header under its mask, a row of numbers of the C library's old generator that begins with 1."""
    seed, out = 1, bytearray()
    for byte in masked:
        seed = (seed * 0x343FD + 0x269EC3) & 0xFFFFFFFF
        out.append(byte ^ (seed >> 16 & 0xFF))
    return bytes(out)
