"""Which entities of the model need no parser (快速通道取用): plain ones of common types, told by their group codes alone.

Chosen per entity type and per entity: whatever has a code that the rules below do not name, or a value out of the ordinary (widths,
bulges, tilted planes, clipped or attributed block references, formatting codes, gradients), goes the truth path. The
picture is the same either way (tests/cad/test_fast_path.py); only the time is not.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from drawings.cad.curves import clamped
from drawings.cad.dxf_columns import Columns, Floats, Mask, distinct_words, hex_numbers
from drawings.cad.dxf_scan import DxfScan
from drawings.cad.fast_vertices import plain_vertices, vertex_records

WORTH = 2_000
"""Below so many plain entities the truth path is quick enough."""
COMMON = frozenset(
    {0, 5, 6, 8, 48, 60, 62, 67, 100, 102, 330, 347, 348, 360, 370, 380, 390, 410, 420, 430, 440, 284, 999}
)
EXTRUSION = frozenset({210, 220, 230})
WEIGHTS = (
    -3,
    -2,
    -1,
    0,
    5,
    9,
    13,
    15,
    18,
    20,
    25,
    30,
    35,
    40,
    50,
    53,
    60,
    70,
    80,
    90,
    100,
    106,
    120,
    140,
    158,
    200,
    211,
)
TURNS = 3600.0
FONT_CODES = (b"%%", b"^", b"\n", b"\r")
PLAIN_BLOCK = 2
"""Flags of a block that may be set: it has attribute definitions. Anonymous blocks (1) are plain, too; external ones are not."""


@dataclass
class Picked:
    """Plain entities by type, with their place among all entities of the model (`order`) and their handles."""

    scanned: DxfScan
    others: set[int] = field(default_factory=set)
    """Handles of the entities that are not picked."""
    tables: dict[str, Columns] = field(default_factory=dict)
    place: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    """By record: place in the file among the entities, from 1."""
    handles: NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, np.uint64))
    """By record."""
    taken: Mask = field(default_factory=lambda: np.zeros(0, dtype=bool))
    """Records that the parser need not see."""

    @property
    def count(self) -> int:
        return sum(len(table) for table in self.tables.values())

    @property
    def types(self) -> Counter[str]:
        return Counter({name: len(table) for name, table in self.tables.items()})


def pick(scanned: DxfScan, *, least: int = WORTH) -> Picked | None:
    """Plain entities of the model; None where they are too few to be worth it."""
    model = scanned.in_sections(b"ENTITIES")
    picked = Picked(scanned, taken=np.zeros(scanned.records, dtype=bool))
    for name, rule in RULES.items():
        records = np.flatnonzero(model & scanned.of_type(name.encode())).astype(np.int64)
        if not len(records):
            continue
        table = Columns(scanned, records)
        plain = _common(table) & rule(table)
        if plain.any():
            picked.tables[name] = table.taken(plain)
            picked.taken[picked.tables[name].records] = True
            if name == "POLYLINE":
                records, number = vertex_records(scanned, picked.tables[name].records)
                picked.taken[records] = True
                picked.taken[picked.tables[name].records + number + 1] = True  # SEQEND
    if picked.count < max(1, least):
        return None
    picked.place = np.cumsum(model).astype(np.float64)
    picked.handles = np.zeros(scanned.records, dtype=np.uint64)
    pairs = scanned.first_pairs(model, 5)
    picked.handles[scanned.record_of_pair[pairs]] = hex_numbers(scanned, pairs)[0]
    picked.others = set(picked.handles[model & ~picked.taken].tolist()) - {0}
    return picked


# ---------------------------------------------------------------- what is plain


def _common(table: Columns) -> Mask:
    """Colour, layer, line type, weight as any entity may have them; in the model; not made invisible; handle well formed."""
    color = table.number(62, 256)
    weight = table.number(370, -1)
    scale = table.number(48, 1)
    true = table.number(420, 0)
    clear = table.number(440, 0)
    ok = (table.number(67, 0) == 0) & (table.number(60, 0) == 0)
    ok &= (color >= 0) & (color <= 256) & (color == np.floor(color))
    ok &= np.isin(weight, WEIGHTS) & (scale > 0) & np.isfinite(scale)
    ok &= (true >= 0) & (true < 1 << 24) & ((clear == 0) | ((clear >= 0x02000000) & (clear <= 0x020000FF)))
    ok &= (table.number_of(8) == 1) & (table.number_of(5) <= 1)
    points = np.flatnonzero((table.codes >= 10) & (table.codes <= 18))
    after = table.scanned.codes[np.minimum(table.pairs[points] + 1, len(table.scanned.codes) - 1)]
    ok[table.row[points[after != table.codes[points] + 10]]] = False  # an x without its y: a fault to be told
    handles = table.at(5)
    good = hex_numbers(table.scanned, table.pairs[handles])[1]
    ok[table.row[handles[~good]]] = False
    for code, least in ((8, 1), (6, 1)):
        names, ids = table.words(code)
        odd = [at for at, name in enumerate(names) if len(name) < least or b"\\" in name or not _is_name(name)]
        if odd:
            ok &= ~np.isin(ids, odd)
    return np.asarray(ok)


def _is_name(name: bytes) -> bool:
    return not any(byte < 32 or byte in b'<>/":;?*=`|,' for byte in name)


def _flat(table: Columns) -> Mask:
    """In the plane of the drawing, seen from above."""
    return np.asarray((table.number(210, 0) == 0) & (table.number(220, 0) == 0) & (table.number(230, 1) == 1))


def _each_once(table: Columns, *codes: int) -> Mask:
    return np.asarray(reduce(np.logical_and, [table.number_of(code) == 1 for code in codes]))


def _line(table: Columns) -> Mask:
    return table.only(COMMON | EXTRUSION | {10, 20, 30, 11, 21, 31, 39}) & _each_once(table, 10, 20, 11, 21)


def _circle(table: Columns) -> Mask:
    codes = COMMON | EXTRUSION | {10, 20, 30, 39, 40}
    return table.only(codes) & _each_once(table, 10, 20, 40) & (table.number(40, 0) > 0) & _flat(table)


def _arc(table: Columns) -> Mask:
    codes = COMMON | EXTRUSION | {10, 20, 30, 39, 40, 50, 51}
    ok = table.only(codes) & _each_once(table, 10, 20, 40, 50, 51) & (table.number(40, 0) > 0) & _flat(table)
    return ok & (np.abs(table.number(50, 0)) <= TURNS) & (np.abs(table.number(51, 0)) <= TURNS)


def _lwpolyline(table: Columns) -> Mask:
    ok = table.only(COMMON | EXTRUSION | {10, 20, 38, 39, 40, 41, 42, 43, 70, 90, 91}) & _flat(table)
    for code in (40, 41, 43):
        where = table.at(code)
        ok[table.row[where[table.values(where) != 0]]] = False
    points = table.number_of(10)
    return np.asarray(ok & (points >= 2) & (table.number_of(20) == points) & _alternate(table))


def bulges(table: Columns) -> Floats:
    """The bulge of every vertex, in order of the vertices; a bulge stands after its vertex."""
    vertices = table.at(10)
    out = np.zeros(len(vertices))
    where = table.at(42)
    owner = np.searchsorted(vertices, where) - 1
    out[owner] = table.values(where)
    return out


def _alternate(table: Columns) -> Mask:
    """Every 10 is followed by its 20."""
    where = np.flatnonzero((table.codes == 10) | (table.codes == 20))
    codes, row = table.codes[where], table.row[where]
    wrong = (codes[1:] == codes[:-1]) & (row[1:] == row[:-1])
    ok = np.ones(len(table), dtype=bool)
    ok[row[1:][wrong]] = False
    first = np.ones(len(where), dtype=bool)
    first[1:] = row[1:] != row[:-1]
    ok[row[first & (codes != 10)]] = False
    return ok


def _solid(table: Columns) -> Mask:
    corners = (10, 20, 11, 21, 12, 22, 13, 23)
    codes = COMMON | EXTRUSION | {*corners, 30, 31, 32, 33, 39}
    ok = table.only(codes) & _each_once(table, *corners) & _flat(table)
    return ok & convex(solid_corners(table))


def solid_corners(table: Columns) -> NDArray[np.float64]:
    """Rows of four corners in the order in which they lie around the area."""
    return np.stack([np.column_stack((table.number(x, 0), table.number(x + 10, 0))) for x in (10, 11, 13, 12)], axis=1)


def convex(corners: NDArray[np.float64]) -> Mask:
    """Which quadrangles are convex, with four different corners and an area."""
    step = np.roll(corners, -1, axis=1) - corners
    after = np.roll(step, -1, axis=1)
    cross = step[:, :, 0] * after[:, :, 1] - step[:, :, 1] * after[:, :, 0]
    return np.asarray((cross > 0).all(axis=1) | (cross < 0).all(axis=1))


def _hatch(table: Columns) -> Mask:
    """Solid, with one polyline path that is convex and has four corners or is a triangle; anything else takes the truth path."""
    codes = COMMON | EXTRUSION | {2, 10, 20, 30, 42, 70, 71, 72, 73, 75, 76, 91, 92, 93, 97, 98, 450, 463}
    ok = table.only(codes) & _flat(table) & _each_once(table, 2, 70, 91, 92, 72, 73, 93)
    names, ids = table.words(2)
    ok &= np.isin(ids, [at for at, name in enumerate(names) if name.upper() == b"SOLID"])
    ok &= (table.number(70, 0) == 1) & (table.number(91, 0) == 1) & (table.number(450, 0) == 0)
    ok &= np.isin(table.number(92, 0), (2, 3, 6, 7)) & (table.number(72, 1) == 0) & (table.number(73, 0) == 1)
    bulges = table.at(42)
    ok[table.row[bulges[table.values(bulges) != 0]]] = False
    sides = table.number(93, 0)
    points = table.number_of(10)
    ok &= np.isin(sides, (3, 4)) & (points == 1 + sides + table.number(98, 0)) & (table.number_of(20) == points)
    ok &= _alternate(table)
    if not ok.any():
        return ok
    known = np.flatnonzero(ok)
    chosen = table.taken(ok)
    ok[known] = convex(hatch_corners(chosen)) | (chosen.number(93, 0) == 3)
    return ok


def hatch_corners(table: Columns) -> NDArray[np.float64]:
    """Rows of four corners; a triangle repeats its last one. The first point of a hatch is its height."""
    xs, ys = table.at(10), table.at(20)
    before = np.concatenate([[0], np.cumsum(table.number_of(10))])[:-1]
    sides = table.number(93, 4).astype(np.int64)
    take = before[:, None] + 1 + np.minimum(np.arange(4), sides[:, None] - 1)
    return np.stack((table.values(xs[take.ravel()]), table.values(ys[take.ravel()])), axis=1).reshape(-1, 4, 2)


def _text(table: Columns) -> Mask:
    codes = COMMON | EXTRUSION | {1, 7, 10, 20, 30, 11, 21, 31, 39, 40, 41, 50, 51, 71, 72, 73}
    ok = table.only(codes) & _flat(table) & _each_once(table, 1, 10, 20, 40) & (table.number_of(7) <= 1)
    across, up = table.number(72, 0), table.number(73, 0)
    ok &= np.isin(across, (0, 1, 2, 4)) & np.isin(up, (0, 1, 2, 3)) & (table.number(71, 0) == 0)
    aligned = table.number_of(11)
    ok &= (aligned <= 1) & (aligned == table.number_of(21)) & (((across == 0) & (up == 0)) | (aligned == 1))
    ok &= (table.number(51, 0) == 0) & (table.number(41, 1) > 0) & (table.number(40, 0) > 1e-6)
    words, ids = table.words(1)
    odd = [at for at, word in enumerate(words) if not word or any(mark in word for mark in FONT_CODES)]
    if odd:
        ok &= ~np.isin(ids, odd)
    return ok


def _polyline(table: Columns) -> Mask:
    codes = COMMON | EXTRUSION | {10, 20, 30, 39, 40, 41, 66, 70, 71, 72, 73, 74, 75}
    ok = table.only(codes) & _flat(table) & (table.number(66, 0) == 1)
    return np.asarray(ok & plain_vertices(table, COMMON))


def _spline(table: Columns) -> Mask:
    """Cubic ones without weights that begin and end at their outer control points."""
    codes = COMMON | EXTRUSION | {10, 20, 30, 11, 21, 31, 12, 22, 32, 13, 23, 33, 40, 42, 43, 44, 70, 71, 72, 73, 74}
    points = table.number_of(10)
    ok = table.only(codes) & (table.number(71, 3) == 3) & (points >= 4) & (table.number_of(20) == points)
    ok &= (table.number_of(40) == points + 4) & _alternate(table)
    ok &= (table.number(72, 0) == points + 4) & (table.number(73, 0) == points)
    if not ok.any():
        return np.asarray(ok)
    known = np.flatnonzero(ok)
    chosen = table.taken(ok)
    ok[known] = clamped(chosen.number_of(10), chosen.values(chosen.at(40)))
    return np.asarray(ok)


def _ellipse(table: Columns) -> Mask:
    codes = COMMON | EXTRUSION | {10, 20, 30, 11, 21, 31, 40, 41, 42}
    ok = table.only(codes) & _each_once(table, 10, 20, 11, 21, 40, 41, 42) & _flat(table)
    ratio = table.number(40, 0)
    ok &= (ratio >= 1e-6) & (ratio <= 1) & (np.abs(table.number(41, 0)) < 100) & (np.abs(table.number(42, 0)) < 100)
    return ok & (np.hypot(table.number(11, 0), table.number(21, 0)) > 0)


def _mtext(table: Columns) -> Mask:
    """Paragraphs without formatting codes: what a plain text style and line breaks say."""
    codes = COMMON | EXTRUSION | {1, 7, 10, 20, 30, 40, 41, 42, 43, 44, 46, 50, 71, 72, 73}
    ok = table.only(codes) & _flat(table) & _each_once(table, 1, 10, 20, 40, 71) & (table.number_of(7) <= 1)
    ok &= np.isin(table.number(71, 0), range(1, 10)) & (table.number(40, 0) > 1e-6) & (table.number(41, 0) >= 0)
    spacing = table.number(44, 1)
    ok &= (spacing >= 0.25) & (spacing <= 4)
    if b"ACAD_MTEXT_COLUMN" in table.scanned.buffer:
        return np.zeros(len(table), dtype=bool)  # old versions keep columns as texts of their own, joined by the parser
    words, ids = table.words(1)
    odd = [at for at, word in enumerate(words) if not word or _is_formatted(word)]
    ok &= ~np.isin(ids, odd)
    known, plain = _styles(table.scanned)
    styles, of_row = table.words(7)
    fit = [at for at, name in enumerate(styles) if name.upper() in plain]
    without = b"STANDARD" in plain or b"STANDARD" not in known
    return ok & (np.isin(of_row, fit) | ((of_row < 0) & without))


def _is_formatted(words: bytes) -> bool:
    rest = words.replace(b"\\P", b"")
    return any(mark in rest for mark in (b"\\", b"{", b"}", b"%%", b"^")) or any(byte < 32 for byte in rest)


def _styles(scanned: DxfScan) -> tuple[set[bytes], set[bytes]]:
    """Names of all text styles, and of those that neither widen nor slant."""
    records = np.flatnonzero(scanned.in_sections(b"TABLES") & scanned.of_type(b"STYLE")).astype(np.int64)
    if not len(records):
        return set(), set()
    table = Columns(scanned, records)
    names, ids = table.words(2)
    straight = (table.number(41, 1) == 1) & (table.number(50, 0) == 0)
    known = [names[at].upper() if at >= 0 else b"" for at in ids.tolist()]
    plain = {name for name, is_plain in zip(known, straight.tolist(), strict=True) if is_plain}
    return set(known), plain - {name for name, is_plain in zip(known, straight.tolist(), strict=True) if not is_plain}


def _insert(table: Columns) -> Mask:
    codes = (COMMON - {360}) | EXTRUSION | {2, 10, 20, 30, 41, 42, 43, 44, 45, 50, 66, 70, 71}
    ok = table.only(codes) & _flat(table) & _each_once(table, 2, 10, 20)
    ok &= (table.number(66, 0) == 0) & (table.number(70, 1) <= 1) & (table.number(71, 1) <= 1)
    for code in (41, 42, 43):
        ok &= table.number(code, 1) != 0
    names, ids = table.words(2)
    plain = _plain_blocks(table.scanned)
    ok &= np.isin(ids, [at for at, name in enumerate(names) if name.upper() in plain])
    groups = table.at(102)  # a clip of the reference hangs on its extension dictionary
    if len(groups):
        found, number = distinct_words(table.scanned, table.pairs[groups])
        odd = [at for at, name in enumerate(found) if b"XDICTIONARY" in name.upper()]
        ok[table.row[groups[np.isin(number, odd)]]] = False
    return ok


def _plain_blocks(scanned: DxfScan) -> set[bytes]:
    """Names of the blocks that stand in the file once and are no external references."""
    heads = scanned.in_sections(b"BLOCKS") & scanned.of_type(b"BLOCK")
    names = Counter(scanned.value(int(pair)).strip().upper() for pair in scanned.first_pairs(heads, 2))
    flags = {}
    for pair in scanned.first_pairs(heads, 70):
        try:
            flags[int(scanned.record_of_pair[pair])] = int(scanned.value(int(pair)))
        except ValueError:
            flags[int(scanned.record_of_pair[pair])] = 4
    strange = {
        scanned.value(int(pair)).strip().upper()
        for pair in scanned.first_pairs(heads, 2)
        if flags.get(int(scanned.record_of_pair[pair]), 0) & ~(PLAIN_BLOCK | 1)
    }
    return {name for name, times in names.items() if times == 1 and name and b"\\" not in name} - strange


RULES = {
    "LINE": _line, "LWPOLYLINE": _lwpolyline, "CIRCLE": _circle, "ARC": _arc, "SOLID": _solid, "TRACE": _solid,
    "ELLIPSE": _ellipse, "HATCH": _hatch, "TEXT": _text, "MTEXT": _mtext, "INSERT": _insert, "POLYLINE": _polyline, "SPLINE": _spline,
}  # fmt: skip
