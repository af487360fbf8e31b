"""Old polylines (POLYLINE with VERTEX records) for the fast path (旧式多段线): which are plain, and where their vertices are."""

from __future__ import annotations

import numpy as np

from drawings.cad.dxf_columns import Columns, Floats, Mask
from drawings.cad.dxf_scan import DxfScan, Index

CLOSED, OF_SPACE, DASHES_GO_ROUND = 1, 8, 128
VERTEX_OF_SPACE = 32
VERTEX_CODES = frozenset({10, 20, 30, 40, 41, 42, 50, 70, 71, 72, 73, 74, 91})


def vertex_records(scanned: DxfScan, polylines: Index) -> tuple[Index, Index]:
    """Records between each polyline and the SEQEND after it, and how many there are; none where they are not all vertices."""
    ends = np.flatnonzero(scanned.of_type(b"SEQEND"))
    at = np.searchsorted(ends, polylines)
    found = at < len(ends)
    end = np.where(found, ends[np.minimum(at, len(ends) - 1)] if len(ends) else 0, polylines + 1)
    number = np.maximum(end - polylines - 1, 0)
    vertices = np.concatenate([[0], np.cumsum(scanned.of_type(b"VERTEX"))])
    whole = found & (vertices[end] - vertices[polylines + 1] == number)
    number = np.where(whole, number, 0)
    offsets = np.cumsum(number) - number
    records = np.repeat(polylines + 1 - offsets, number) + np.arange(int(number.sum()))
    return records.astype(np.int64), number.astype(np.int64)


def plain_vertices(table: Columns, common: frozenset[int]) -> Mask:
    """Polylines without widths, curve fits and frames; those in space only when they are open and so seen from above."""
    flags = table.number(70, 0)
    in_space = np.isin(flags, (OF_SPACE, OF_SPACE | DASHES_GO_ROUND))
    ok = in_space | np.isin(flags, (0, CLOSED, DASHES_GO_ROUND, CLOSED | DASHES_GO_ROUND))
    for code in (40, 41, 71, 72, 73, 74, 75):
        ok &= table.number(code, 0) == 0
    records, number = vertex_records(table.scanned, table.records)
    ok &= number >= 2
    if not len(records):
        return np.zeros(len(table), dtype=bool)
    vertices = Columns(table.scanned, records)
    owner = np.repeat(np.arange(len(table)), number)
    good = vertices.only(common | VERTEX_CODES) & (vertices.number_of(10) == 1) & (vertices.number_of(20) == 1)
    good &= (vertices.number(40, 0) == 0) & (vertices.number(41, 0) == 0)
    good &= vertices.number(70, 0) == np.where(in_space, VERTEX_OF_SPACE, 0)[owner]
    good &= (vertices.number(42, 0) == 0) | ~in_space[owner]
    first = np.flatnonzero((vertices.codes == 10) | (vertices.codes == 20))
    alternate = vertices.codes[first].reshape(-1, 2) == (10, 20) if len(first) == 2 * len(vertices) else None
    if alternate is None:
        return np.zeros(len(table), dtype=bool)
    good &= alternate.all(axis=1)
    return np.asarray(ok & (np.bincount(owner[~good], minlength=len(table)) == 0))


def corners(table: Columns) -> tuple[Floats, Index, Floats]:
    """Vertices of plain polylines one after the other, how many each has, and their bulges."""
    records, number = vertex_records(table.scanned, table.records)
    vertices = Columns(table.scanned, records)
    return np.column_stack((vertices.number(10, 0), vertices.number(20, 0))), number, vertices.number(42, 0)
