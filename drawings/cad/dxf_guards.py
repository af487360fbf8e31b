"""What is counted and measured in a DXF file before any parser sees it: numbers, entities, handles (DXF 检查)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from drawings.cad import limits
from drawings.cad.dxf_columns import hex_numbers
from drawings.cad.dxf_scan import DxfScan
from drawings.cad.errors import Refusal

PARTS = frozenset({b"VERTEX", b"SEQEND", b"ATTRIB", b"ENDBLK", b"ENDSEC", b"BLOCK", b"EOF", b"SECTION"})
"""Records that belong to the one before them: not entities of their own."""
GEOMETRY = (*range(10, 60), 210, 220, 230)
PLANE = (*range(10, 19), *range(20, 29))


def check_numbers(scanned: DxfScan) -> None:
    """Every number that places or sizes something is finite and within 1e12 (E_NUMBER, E_COORD)."""
    entities = scanned.in_sections(b"ENTITIES", b"BLOCKS") & ~scanned.of_type(b"VIEWPORT")
    pairs = scanned.pairs(entities, *GEOMETRY)
    values = scanned.floats(pairs)
    scanned.remember(pairs, values)
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
    pairs = scanned.first_pairs(records, 5)
    handles, good = hex_numbers(scanned, pairs)
    real = handles[good & (handles > 0)]
    odd = [bytes(scanned.value(int(p))).strip() for p in pairs[~good]]
    twice = len(real) - len(np.unique(real)) + len(odd) - len(set(odd))
    return RawCounts(tally(b"ENTITIES"), tally(b"BLOCKS"), twice)
