"""Whether a loaded DXF still holds all that its records hold (核对读入): what a damaged name or count makes a parser drop in silence."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from drawings.cad.dxf_guards import RawCounts
from drawings.cad.dxf_scan import DxfScan
from drawings.cad.errors import Refusal

STATED: dict[bytes, tuple[tuple[int, int], ...]] = {
    b"LWPOLYLINE": ((90, 10),),
    b"SPLINE": ((73, 10), (74, 11), (72, 40)),
    b"MLINE": ((72, 11),),
}
"""By type: the group code of a number of points, and the code that each of the points begins with."""
PARTS = (b"VERTEX", b"ATTRIB")
OUTSIDE = (b"ENTITIES", b"BLOCKS", b"OBJECTS", b"TABLES", b"CLASSES", b"HEADER", b"THUMBNAILIMAGE", b"ACDSDATA")
NOT_DRAWN = frozenset({b"SECTION", b"ENDSEC", b"EOF"})


def compare(scanned: DxfScan, raw: RawCounts, doc: Any, *, picked: int, taken: NDArray[np.bool_] | None) -> None:
    """Raises E_LOSS when the document has fewer entities, fewer on its layouts, or fewer of their parts than the file.

    `picked` entities, those of the records `taken`, were left to the fast path.
    """
    loaded = picked + sum(len(block) + linked_columns(block) for block in doc.blocks)
    _at_least(loaded, raw.total)
    placed = picked + sum(len(layout) + linked_columns(layout) for layout in doc.layouts)
    _at_least(placed, sum(raw.entities.values()))
    homeless = [block for block in doc.blocks if _is_lost_layout(block) and len(block)]
    if homeless:
        _at_least(placed, placed + sum(map(len, homeless)))
    left = scanned.in_sections(b"ENTITIES", b"BLOCKS")
    if taken is not None:
        left &= ~taken
    _at_least(_parts(doc), int((left & scanned.of_type(*PARTS)).sum()))
    strays = _strays(scanned)
    if strays:
        _at_least(loaded, loaded + strays)


def _at_least(found: int, wanted: int) -> None:
    if found < wanted:
        raise Refusal(
            "E_LOSS",
            f"文件有 {wanted} 个图元，只能读出 {found} 个",
            f"{wanted} entities, only {found} can be read",
        )


def linked_columns(block: Any) -> int:
    """Columns of MTEXT that old versions store as texts of their own, and that ezdxf joins to one."""
    return sum(
        len(entity.columns.linked_columns)
        for entity in block
        if entity.dxftype() == "MTEXT" and entity.columns is not None
    )


def _is_lost_layout(block: Any) -> bool:
    """A block that belongs to a layout, by its name or by its own word, and that no layout of the document shows."""
    name = str(block.name).lower()
    if block.is_alive and block.is_any_layout:
        return False
    return name.startswith(("*model_space", "*paper_space")) or str(block.block_record.dxf.get("layout", "0")) != "0"


def _parts(doc: Any) -> int:
    """Vertices of old polylines and attributes of block references."""
    total = 0
    for block in doc.blocks:
        for entity in block:
            kind = entity.dxftype()
            if kind == "POLYLINE":
                total += len(entity.vertices)
            elif kind == "INSERT":
                total += len(entity.attribs)
    return total


def _strays(scanned: DxfScan) -> int:
    """Records that stand in no section that a reader knows, but for the marks of sections themselves."""
    known = scanned.in_sections(*OUTSIDE)
    marks = scanned.of_type(*NOT_DRAWN)
    return int((~known & ~marks).sum())


def miscounted(scanned: DxfScan) -> int:
    """Entities that hold another number of points than they state."""
    wrong = 0
    for kind, rules in STATED.items():
        records = scanned.of_type(kind) & scanned.in_sections(b"ENTITIES", b"BLOCKS")
        if not records.any():
            continue
        differs = np.zeros(scanned.records, bool)
        for stated, each in rules:
            pairs = scanned.first_pairs(records, stated)
            owners = scanned.record_of_pair[pairs]
            held = np.bincount(scanned.record_of_pair[scanned.pairs(records, each)], minlength=scanned.records)
            with np.errstate(invalid="ignore"):
                differs[owners] |= scanned.floats(pairs) != held[owners]
        wrong += int(differs.sum())
    return wrong
