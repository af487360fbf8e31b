"""A DXF file without what draws nothing, so that the parser has less to do (DXF 精简)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drawings.cad.dxf_scan import DxfScan

OBJECTS_NEEDED = frozenset(
    {
        b"DICTIONARY", b"ACDBDICTIONARYWDFLT", b"LAYOUT", b"IMAGEDEF", b"IMAGEDEF_REACTOR", b"MLINESTYLE", b"MLEADERSTYLE",
        b"SORTENTSTABLE", b"SPATIAL_FILTER", b"WIPEOUTVARIABLES", b"RASTERVARIABLES", b"PLACEHOLDER", b"ACDBPLACEHOLDER",
        b"PLOTSETTINGS", b"UNDERLAYDEFINITION", b"PDFDEFINITION", b"DWFDEFINITION", b"DGNDEFINITION", b"DICTIONARYVAR",
        b"SCALE", b"GROUP", b"GEODATA", b"TABLESTYLE", b"SECTION", b"ENDSEC", b"XRECORD",
    }
)  # fmt: skip
XRECORDS_KEPT = 20_000


def reduced(scanned: DxfScan, without: NDArray[np.bool_] | None = None) -> bytes:
    """The file without thumbnail and without those OBJECTS that draw nothing (materials, visual styles, indexes, ACIS data).

    `without`: records that somebody else reads (see `fast_pick`).
    """
    keep = np.ones(scanned.records, dtype=bool) if without is None else ~without
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
