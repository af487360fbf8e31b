"""Picked entities as ink, whole columns at a time (快速通道绘制): the same strokes, triangles, texts and looks as the truth path gives.

Looks are resolved by the truth path's own rules, once for every different combination of layer, colour, line type and
weight; block references are placed from the truth path's own stencils.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from drawings.cad import curves, limits
from drawings.cad.dxf_columns import Columns
from drawings.cad.errors import Refusal
from drawings.cad.fast_pick import Picked, bulges, hatch_corners, solid_corners
from drawings.cad.fast_vertices import corners
from drawings.cad.ink import STEP, Fills, Ink, Look, Points, Record, Strokes, Text, composed, multiplied

if TYPE_CHECKING:
    from drawings.cad.dxf_draw import Drawer

LINE_SPACING = 5 / 3
X_HEIGHT, DESCENT = 0.74, 0.33
"""As `fonts.install` tells ezdxf."""
RISE = {0: 0.0, 1: DESCENT, 2: -0.5, 3: -1.0}
"""Base line over the alignment point in cap heights, by DXF's vertical alignment: base line, bottom, middle, top."""
Words = Callable[[bytes], str]
Places = NDArray[np.float64]


def places(picked: Picked, mapping: Mapping[str, str]) -> Places:
    """Draw order of every record: as in the file, or by the file's own table of sort handles (SORTENTSTABLE)."""
    if not mapping:
        return picked.place
    known = {int(key, 16): int(value, 16) for key, value in mapping.items()}
    keys = np.array(sorted(known), dtype=np.uint64)
    values = np.array([known[int(key)] for key in keys], dtype=np.uint64)
    at = np.minimum(np.searchsorted(keys, picked.handles), len(keys) - 1)
    sort = np.where(keys[at] == picked.handles, values[at], picked.handles)
    sort = np.where(sort == 0, np.uint64(0xFFFFFFFFFFFFFFFF), sort)  # ezdxf, and AutoCAD: "0" is drawn last
    order = np.lexsort((picked.place, sort))
    rank = np.empty(len(order))
    rank[order] = np.arange(1, len(order) + 1)
    return rank


def draw(drawer: Drawer, picked: Picked, place: Places, words: Words) -> None:
    """Draw all picked entities into the drawer's ink and account for them."""
    for kind, table in picked.tables.items():
        drawer.report.entities[kind] += len(table)
        handles = picked.handles[table.records]
        _Kind(drawer, kind, table, handles=handles, place=place[table.records], words=words).draw()
        if drawer.ink.count > limits.PRIMITIVES * 4:
            raise Refusal("E_EXPAND", "展开后的图元过多", "too many primitives after expansion")


class _Kind:
    """All picked entities of one type."""

    def __init__(
        self, drawer: Drawer, kind: str, table: Columns, *, handles: NDArray[np.uint64], place: Places, words: Words
    ) -> None:
        self.drawer, self.kind, self.table, self.place, self.words = drawer, kind, table, place, words
        self.ink: Ink = drawer.ink
        self.handles: list[int] = handles.tolist()
        self.looks, self.look_of = _looks(drawer, table, words)

    def draw(self) -> None:
        makers: dict[str, Callable[[], None]] = {
            "LINE": self.lines, "LWPOLYLINE": self.polylines, "CIRCLE": self.arcs, "ARC": self.arcs, "SOLID": self.solids,
            "TRACE": self.solids, "HATCH": self.hatches, "TEXT": self.texts, "INSERT": self.inserts,
            "ELLIPSE": self.ellipses, "MTEXT": self.paragraphs, "SPLINE": self.splines, "POLYLINE": self.old_polylines,
        }  # fmt: skip
        makers[self.kind]()

    def records(self, looks: list[Look]) -> NDArray[np.uint32]:
        """A record for every entity; its numbers. `looks`: what stands for `self.looks`."""
        first = len(self.ink.looks)
        self.ink.looks += [
            Record(looks[look], handle, self.kind, None)
            for look, handle in zip(self.look_of.tolist(), self.handles, strict=True)
        ]
        return np.arange(first, first + len(self.handles), dtype=np.uint32)

    def strokes(self, xy: Points, n: NDArray[np.int64]) -> None:
        self.ink.add_strokes(Strokes(xy, n.astype(np.uint32), self.records(self.looks), self.place))
        self.drawer.report.shown[self.kind] += len(self.table)

    def lines(self) -> None:
        t = self.table
        ends = [t.number(code, 0) for code in (10, 20, 11, 21)]
        self.strokes(np.stack(ends, axis=1).reshape(-1, 2), np.full(len(t), 2))

    def polylines(self) -> None:
        """Vertices as they stand; a closed one that does not end where it began gets its first vertex again."""
        t = self.table
        self.joined(np.column_stack((t.values(t.at(10)), t.values(t.at(20)))), t.number_of(10), bulges(t))

    def old_polylines(self) -> None:
        self.joined(*corners(self.table))

    def joined(self, xy: Points, n: NDArray[np.int64], bulge: NDArray[np.float64]) -> None:
        """Polylines of `n` vertices each."""
        closed = self.table.number(70, 0).astype(np.int64) & 1 > 0
        if (np.abs(bulge) >= curves.STRAIGHT).any():
            self.strokes(*curves.bulged(xy, n, bulge, closed))
            return
        ends = np.cumsum(n)
        first, last = xy[ends - n], xy[ends - 1]
        closing = closed & curves.apart(first, last)
        self.strokes(np.insert(xy, ends[closing], first[closing], axis=0), n + closing)

    def arcs(self) -> None:
        t = self.table
        start, end = np.zeros(len(t)), np.full(len(t), 2 * math.pi)
        if self.kind == "ARC":
            start, end = np.radians(t.number(50, 0)), np.radians(t.number(51, 0))
            end = curves.sweep(start, end)
        steps = curves.steps_of(end - start)
        n = steps + 1
        row, k = curves.numbered(n)
        angle = np.where(k == steps[row], end[row], start[row] + k * ((end - start) / steps)[row])
        radius = t.number(40, 0)[row]
        xy = np.column_stack(
            (t.number(10, 0)[row] + radius * np.cos(angle), t.number(20, 0)[row] + radius * np.sin(angle))
        )
        self.strokes(xy, n)

    def ellipses(self) -> None:
        t = self.table
        centre, major = (np.column_stack((t.number(x, 0), t.number(x + 10, 0))) for x in (10, 11))
        self.strokes(*curves.ellipses(centre, major, t.number(40, 1), t.number(41, 0), t.number(42, 0)))

    def splines(self) -> None:
        t = self.table
        control = np.column_stack((t.values(t.at(10)), t.values(t.at(20))))
        self.strokes(*curves.splines(control, t.number_of(10), t.values(t.at(40))))

    def solids(self) -> None:
        self.areas(solid_corners(self.table), np.full(len(self.table), 4))

    def hatches(self) -> None:
        self.areas(hatch_corners(self.table), self.table.number(93, 4))

    def areas(self, corners: NDArray[np.float64], sides: NDArray[Any]) -> None:
        """Convex quadrangles as two triangles each, triangles as one."""
        count = len(corners)
        base = np.arange(count, dtype=np.uint32)[:, None] * np.uint32(4)
        one = base + np.array([0, 1, 2], dtype=np.uint32)
        four = sides == 4
        two = (base + np.array([0, 2, 3], dtype=np.uint32))[four]
        numbers = self.records(self.looks)
        self.ink.add_fills(
            Fills(
                corners.reshape(-1, 2),
                np.vstack([one, two]),
                np.concatenate([numbers, numbers[four]]),
                np.concatenate([self.place, self.place[four]]),
            )
        )
        self.drawer.report.shown[self.kind] += count

    def texts(self) -> None:
        """One line each, placed by its alignment."""
        t = self.table
        numbers = self.records([look._replace(line_type="CONTINUOUS") for look in self.looks]).tolist()
        across, up = t.number(72, 0).astype(int).tolist(), t.number(73, 0).astype(int).tolist()
        at = np.column_stack((t.number(10, 0), t.number(20, 0), t.number(11, 0), t.number(21, 0))).tolist()
        cap, wide = t.number(40, 0).tolist(), t.number(41, 1).tolist()
        turn = np.radians(t.number(50, 0))
        cos, sin = np.cos(turn).tolist(), np.sin(turn).tolist()
        values = t.at(1)
        lines = [self.words(t.scanned.value(int(pair))) for pair in t.pairs[values]]
        faces, face_of = self._faces()
        for i, line in enumerate(lines):
            font, name = faces[face_of[i]]
            shown = _printable(line)
            if not shown.strip():
                self.drawer.report.miss(self.kind, "empty", f"{self.handles[i]:X}")
                continue
            x, y = at[i][:2] if not (across[i] or up[i]) else at[i][2:]
            share = {0: 0.0, 1: -0.5, 2: -1.0, 4: -0.5}[across[i]]
            dx = share * font.text_width_ex(line, cap[i]) if share else 0.0
            dy = (-X_HEIGHT / 2 if across[i] == 4 else RISE[up[i]]) * cap[i]
            a, b, c, d = wide[i] * cos[i], wide[i] * sin[i], -sin[i], cos[i]
            matrix = (a, b, c, d, x + dx * a + dy * c, y + dx * b + dy * d)
            width = font.text_width_ex(shown, cap[i])
            self.ink.text(Text(matrix, cap[i], width, shown, name, numbers[i], self.place[i], ""))
            self.drawer.report.shown[self.kind] += 1

    def paragraphs(self) -> None:
        """Lines of paragraphs, broken at their width, as ezdxf places them."""
        from ezdxf.tools.text import text_wrap

        t = self.table
        numbers = self.records([look._replace(line_type="CONTINUOUS") for look in self.looks]).tolist()
        at = np.column_stack((t.number(10, 0), t.number(20, 0))).tolist()
        cap, wide, spacing = t.number(40, 0).tolist(), t.number(41, 0).tolist(), t.number(44, 1).tolist()
        attachment = t.number(71, 1).astype(int).tolist()
        turn = np.radians(t.number(50, 0))
        cos, sin = np.cos(turn).tolist(), np.sin(turn).tolist()
        values = [self.words(t.scanned.value(int(pair))) for pair in t.pairs[t.at(1)]]
        faces, face_of = self._faces()
        for i, value in enumerate(values):
            font, name = faces[face_of[i]]
            h = cap[i]
            lines = text_wrap(value.replace("\\P", "\n"), wide[i] or None, partial(font.text_width_ex, cap_height=h))
            widths = [font.text_width_ex(line, h) for line in lines]
            box = wide[i] or max(widths, default=0.0)
            step = h * LINE_SPACING * spacing[i]
            row, column = divmod(attachment[i] - 1, 3)
            last = (len(lines) - 1) * step
            rise = (0.0, (X_HEIGHT * h - 2 * h - last) / 2, -h - last - DESCENT * h)[row]
            before = self.ink.count
            for k, (line, width) in enumerate(zip(lines, widths, strict=True)):
                shown = _printable(line)
                if not shown.strip():
                    continue
                dx = (0.0, box / 2 - width / 2, box - width)[column] - (0.0, box / 2, box)[column]
                dy = -h - k * step - rise
                a, b, c, d = cos[i], sin[i], -sin[i], cos[i]
                matrix = (a, b, c, d, at[i][0] + dx * a + dy * c, at[i][1] + dx * b + dy * d)
                drawn = font.text_width_ex(shown, h)
                self.ink.text(Text(matrix, h, drawn, shown, name, numbers[i], self.place[i], ""))
            if self.ink.count > before:
                self.drawer.report.shown[self.kind] += 1
            else:
                self.drawer.report.miss(self.kind, "empty", f"{self.handles[i]:X}")

    def _faces(self) -> tuple[list[tuple[Any, str]], list[int]]:
        """Fonts by text style, as (what measures, file name), and which of them each row has."""
        from ezdxf.lldxf.validator import make_table_key

        drawer = self.drawer
        names, ids = self.table.words(7)
        engine = drawer.frontend.text_engine
        found = []
        for style in [*(self.words(name) for name in names), "Standard"]:
            face = drawer.ctx.fonts.get(make_table_key(style))
            used = face if face is not None else drawer.frontend.pipeline.default_font_face
            found.append((engine.get_font(used), face.filename if face is not None else ""))
        return found, np.where(ids < 0, len(names), ids).tolist()

    # ------------------------------------------------------------ block references

    def inserts(self) -> None:
        """All references of one block with one look at a time."""
        names, block_of = self.table.words(2)
        layers, layer_of = self.table.words(8)
        matrices = self._matrices()
        key = (block_of * (len(self.looks) + 1) + self.look_of) * (len(layers) + 1) + layer_of
        for one in np.unique(key).tolist():
            rows = np.flatnonzero(key == one)
            name, via = self.words(names[int(block_of[rows[0]])]), self.words(layers[int(layer_of[rows[0]])])
            self._references(name, via, rows, matrices[rows])

    def _matrices(self) -> NDArray[np.float64]:
        """a, b, c, d and the insertion point; the block's base point is not yet taken off."""
        t = self.table
        turn = np.radians(t.number(50, 0))
        cos, sin = np.cos(turn), np.sin(turn)
        sx, sy = t.number(41, 1), t.number(42, 1)
        return np.column_stack((sx * cos, sx * sin, -sy * sin, sy * cos, t.number(10, 0), t.number(20, 0)))

    def _references(self, name: str, via: str, rows: NDArray[np.int64], matrices: NDArray[np.float64]) -> None:
        drawer, ink = self.drawer, self.ink
        block = drawer.doc.blocks.get(name)
        handles = [self.handles[row] for row in rows.tolist()]
        if block is None:
            for handle in handles:
                drawer.report.miss(self.kind, "missing_block", f"{handle:X}")
            return
        drawer.handle, drawer.kind, drawer.via = handles[0], self.kind, via
        before = drawer.report.misses
        stencil = drawer.stencil(block)
        missed_inside = drawer.report.misses - before
        x, y = block.block.dxf.base_point.x, block.block.dxf.base_point.y
        m = matrices.copy()
        m[:, 4] -= m[:, 0] * x + m[:, 2] * y
        m[:, 5] -= m[:, 1] * x + m[:, 3] * y
        if ink.count + len(rows) * stencil.count > limits.PRIMITIVES * 4:
            raise Refusal("E_EXPAND", "展开后的图元过多", "too many primitives after expansion")
        reference = self.looks[int(self.look_of[rows[0]])]
        closed = [composed(look, reference, drawer.layer_looks, drawer.fallback) for look in stencil.looks]
        different = list(dict.fromkeys(closed))
        number = np.array([different.index(look) for look in closed], dtype=np.uint32)
        first = len(ink.looks)
        ink.looks += [Record(look, handle, self.kind, via) for handle in handles for look in different]
        bases = first + np.arange(len(rows), dtype=np.uint32) * np.uint32(len(different))
        if not stencil.count:
            for handle in handles[1 if missed_inside else 0 :]:
                drawer.report.miss(self.kind, "empty", f"{handle:X}")
            return
        drawer.report.shown[self.kind] += len(rows)
        if stencil.pictures or stencil.masks or stencil.infinite:
            for row, base, matrix in zip(rows.tolist(), bases.tolist(), m.tolist(), strict=True):
                ink.seq = float(self.place[row])
                ink.place(stencil, tuple(matrix), (number + np.uint32(base)).tolist())
            return
        self._instances(stencil, m, bases, number, self.place[rows])

    def _instances(
        self, stencil: Ink, m: NDArray[np.float64], bases: NDArray[np.uint32], number: NDArray[np.uint32], place: Places
    ) -> None:
        """The stencil's content once for every matrix."""
        strokes, fills = stencil.closed()
        inside = STEP / (stencil.seq + 2.0)
        count = len(m)
        if len(strokes):
            look = (bases[:, None] + number[strokes.look]).ravel()
            seq = (place[:, None] + strokes.seq * inside).ravel()
            self.ink.add_strokes(Strokes(_moved(strokes.xy, m), np.tile(strokes.n, count), look, seq))
        if len(fills):
            corner = fills.corner + (np.arange(count, dtype=np.uint32) * np.uint32(len(fills.xy)))[:, None, None]
            look = (bases[:, None] + number[fills.look]).ravel()
            seq = (place[:, None] + fills.seq * inside).ravel()
            self.ink.add_fills(Fills(_moved(fills.xy, m), corner.reshape(-1, 3), look, seq))
        for text in stencil.texts:
            own, order = int(number[text.look]), text.seq * inside
            for matrix, base, at in zip(m.tolist(), bases.tolist(), place.tolist(), strict=True):
                self.ink.text(
                    text._replace(matrix=multiplied(text.matrix, tuple(matrix)), look=base + own, seq=at + order)
                )


def _moved(xy: Points, m: NDArray[np.float64]) -> Points:
    x, y = xy[:, 0], xy[:, 1]
    a, b, c, d, e, f = (m[:, i, None] for i in range(6))
    return np.stack((a * x + c * y + e, b * x + d * y + f), axis=2).reshape(-1, 2)


def _looks(drawer: Drawer, table: Columns, words: Words) -> tuple[list[Look], NDArray[np.int64]]:
    """The different looks of the entities, and which of them each has; resolved by the truth path's rules."""
    from ezdxf.entities.line import Line

    layers, layer_of = table.words(8)
    lines, line_of = table.words(6)
    columns: list[NDArray[Any]] = [layer_of, line_of, table.number(62, 256), table.number(370, -1), table.number(48, 1)]
    columns += [table.number(code, -1) for code in (420, 440)]
    key = np.zeros(len(table), dtype=np.int64)
    for column in columns:
        values, number = np.unique(column, return_inverse=True)
        key = np.unique(key * len(values) + number.ravel(), return_inverse=True)[1].ravel()
    _keys, first = np.unique(key, return_index=True)
    looks = []
    for row in first.tolist():
        attributes: dict[str, Any] = {"layer": words(layers[int(layer_of[row])])}
        if line_of[row] >= 0:
            attributes["linetype"] = words(lines[int(line_of[row])])
        for name, at in (("color", 2), ("lineweight", 3), ("true_color", 5), ("transparency", 6)):
            value = int(columns[at][row])
            if value >= 0 or name == "lineweight":
                attributes[name] = value
        if not table.has(62)[row]:
            attributes.pop("color", None)
        attributes["ltscale"] = float(columns[4][row])
        entity = Line.new(doc=drawer.doc)
        for name, value in attributes.items():
            entity.dxf.unprotected_set(name, value)  # as the file has it, be its line type in the tables or not
        properties = drawer.ctx.resolve_all(entity)
        drawer.frontend.exec_property_override(entity, properties)
        looks.append(drawer.look(properties))
    return looks, key


def _printable(line: str) -> str:
    from ezdxf.tools.text import replace_non_printable_characters

    if line.isprintable():
        return line.rstrip()
    return str(replace_non_printable_characters(line, replacement=" ")).rstrip()
