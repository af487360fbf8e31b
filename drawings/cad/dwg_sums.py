"""The check sums of a DWG 2004, 2010, 2013 or 2018 (DWG 校验和): the readers decode a damaged page without a word, as long as it unpacks.

Every page of data begins with a header under a mask made of its own place; it names the size of the data behind it and their sum (Adler-32
begun with 0). 2000 and older have a sum for each object, which LibreDWG compares; 2007 has codes that correct errors.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np

VERSIONS = frozenset({b"AC1018", b"AC1024", b"AC1027", b"AC1032"})
MASK, DATA_PAGE = 0x4164536B, 0x4163043B
PAGE_MAP, SECTION_MAP = 0x41630E3B, 0x4163003B
FIRST, STEP, HEADER, SYSTEM_HEADER = 0x100, 0x20, 32, 20


def wrong_pages(data: bytes) -> tuple[int, int]:
    """How many pages of data the file has, and how many do not agree with their sum; (0, 0) for other versions."""
    if data[:6] not in VERSIONS:
        return 0, 0
    pages = wrong = 0
    words = np.frombuffer(data[: len(data) // 4 * 4], dtype="<u4")
    places = np.arange(FIRST, max(FIRST, len(data) - HEADER), STEP)
    kinds = words[places // 4]
    for place in places[(kinds ^ MASK ^ places.astype(np.uint32)) == DATA_PAGE].tolist():
        head = np.frombuffer(data, "<u4", 8, place) ^ np.uint32((MASK ^ place) & 0xFFFFFFFF)
        size, stated = int(head[2]), int(head[7])
        if place + HEADER + size > len(data):
            continue
        pages += 1
        bare = head.tobytes()[:24] + bytes(4) + head.tobytes()[28:]
        whole = zlib.adler32(data[place + HEADER : place + HEADER + size], 0) == stated
        wrong += not (whole and zlib.adler32(bare, stated) == int(head[6]))
    for place in places[(kinds == PAGE_MAP) | (kinds == SECTION_MAP)].tolist():
        _kind, _unpacked, size, _packing, stated = struct.unpack_from("<5I", data, place)
        if place + SYSTEM_HEADER + size > len(data):
            continue
        bare = data[place : place + SYSTEM_HEADER - 4] + bytes(4)
        pages += 1
        wrong += (
            zlib.adler32(data[place + SYSTEM_HEADER : place + SYSTEM_HEADER + size], zlib.adler32(bare, 0)) != stated
        )
    return pages, wrong
