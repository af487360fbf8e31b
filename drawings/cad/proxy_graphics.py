"""Proxy graphics (代理图形): what an object's own program left for others to draw, one record after the other.

ezdxf reads them, with faults that cost content: an arc through three points is laid into the drawing plane even where it stands in space, and turns
counter-clockwise even where it does not; one record that fails ends all; a matrix of the second kind is passed over. Records that draw something and cannot be read are counted.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from typing import Any

from ezdxf.lldxf.const import DXFError
from ezdxf.math import Vec3
from ezdxf.proxygraphic import ProxyGraphic, ProxyGraphicTypes

HEADER = 8
POINT = 24
"""Bytes of one point: what is shorter and unknown states something and draws nothing."""
SEGMENTS = 64
"""Of a whole turn, where an arc stands in space."""
FLAT = 1e-9
POLYLINE_3D = 8
# Records that state or draw nothing that is seen: extents, looks, clips, materials.
SILENT = frozenset({1, 15, 17, 21, 26, 27, 28, 34, 35, 37})
FAULTS = (
    DXFError,
    ValueError,
    TypeError,
    IndexError,
    KeyError,
    AttributeError,
    ZeroDivisionError,
    OverflowError,
    EOFError,
    struct.error,
)


class Graphics(ProxyGraphic):
    """The records of one object."""

    def __init__(self, data: bytes, doc: Any) -> None:
        super().__init__(data, doc)
        self.unread = 0
        """Records that would draw something and cannot be read."""

    def entities(self) -> Iterator[Any]:
        """What the records draw, in their order."""
        at = self._index
        while at + HEADER <= len(self._buffer):
            size, kind = struct.unpack_from("<2L", self._buffer, at)
            if size < HEADER:
                self.unread += 1
                return
            yield from self._record(kind, self._buffer[at + HEADER : at + size])
            at += size

    def _record(self, kind: int, data: bytes) -> list[Any]:
        try:
            read = getattr(self, ProxyGraphicTypes(kind).name.lower(), None)
        except ValueError:
            read = None
        if read is None:
            self.unread += kind not in SILENT and len(data) >= POINT
            return []
        try:
            made = read(data)
            drawn = list(made) if isinstance(made, tuple) else [made] if made else []
            if drawn:
                self.fill = False
            return [entity.transform(self.matrices[-1]) for entity in drawn] if self.matrices else drawn
        except FAULTS:
            self.unread += 1
            return []

    def push_matrix2(self, data: bytes) -> None:
        self.push_matrix(data)

    def circle_3p(self, data: bytes) -> Any:
        a, b, c = _points(data)
        found = _circle(a, b, c)
        if found is None or _lies(found[2]):
            return super().circle_3p(data)
        return self._in_space(*found, a, math.tau)

    def circular_arc_3p(self, data: bytes) -> Any:
        a, b, c = _points(data)
        found = _circle(a, b, c)
        if found is None:
            return self._path([a, b, c])  # on one line
        center, radius, normal = found
        if not _lies(normal):
            return self._in_space(*found, a, _turn(a - center, c - center, normal))
        first, last = (a, c) if normal.z > 0 else (c, a)  # an ARC turns counter-clockwise
        angles = {"start_angle": (first - center).angle_deg, "end_angle": (last - center).angle_deg}
        return self._factory(
            "ARC", dxfattribs={**self._build_dxf_attribs(), "center": center, "radius": radius, **angles}
        )

    def _in_space(self, center: Vec3, radius: float, normal: Vec3, start: Vec3, turn: float) -> Any:
        ux = (start - center).normalize()
        uy = normal.cross(ux)
        steps = max(2, math.ceil(SEGMENTS * turn / math.tau))
        angles = [turn * step / steps for step in range(steps + 1)]
        return self._path([center + (ux * math.cos(angle) + uy * math.sin(angle)) * radius for angle in angles])

    def _path(self, points: list[Vec3]) -> Any:
        made: Any = self._factory("POLYLINE", dxfattribs={**self._build_dxf_attribs(), "flags": POLYLINE_3D})
        made.append_vertices(points)
        return made


def _points(data: bytes) -> tuple[Vec3, Vec3, Vec3]:
    v = struct.unpack_from("<9d", data)
    return Vec3(v[0:3]), Vec3(v[3:6]), Vec3(v[6:9])


def _circle(a: Vec3, b: Vec3, c: Vec3) -> tuple[Vec3, float, Vec3] | None:
    """Centre, radius and normal of the circle through three points in space, turning from a over b to c; None on one line."""
    ab, ac = b - a, c - a
    normal = ab.cross(ac)
    square = normal.dot(normal)
    if square <= (FLAT * ab.magnitude * ac.magnitude) ** 2:
        return None
    to_center = (normal.cross(ab) * ac.dot(ac) + ac.cross(normal) * ab.dot(ab)) / (2 * square)
    return a + to_center, to_center.magnitude, normal.normalize()


def _turn(first: Vec3, last: Vec3, normal: Vec3) -> float:
    """The angle from one direction to the other about the normal, between nothing and a whole turn."""
    return math.atan2(normal.dot(first.cross(last)), first.dot(last)) % math.tau or math.tau


def _lies(normal: Vec3) -> bool:
    """Whether a circle lies in the plane of the drawing."""
    return bool(abs(normal.x) < FLAT and abs(normal.y) < FLAT)
