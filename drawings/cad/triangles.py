"""Filled rings as triangles: which ring is a hole of which, and their cutting up (三角剖分)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import shapely
from ezdxf.math import Vec2
from ezdxf.math.triangulation import mapbox_earcut_2d
from shapely.geometry import LineString
from shapely.ops import polygonize, unary_union

Point = tuple[float, float]
Ring = list[Point]
Mesh = tuple[list[Point], list[int]]
"""Points, and three numbers of points for each triangle."""

PRECISION = 1e-6
VOTERS = 9
TANGLED_POINTS = 100_000
"""Rings that cross are untangled up to this many points."""


def filled(rings: list[Ring]) -> list[Mesh]:
    """The area between the rings by the even-odd rule, also where holes touch or overlap and rings cross themselves.

    Two areas beside each other that overlap are both filled.
    """
    meshes = []
    for exterior, holes in nested(rings):
        mesh = triangulated(exterior, holes)
        if not _covers(mesh, exterior, holes) and sum(map(len, rings)) <= TANGLED_POINTS:
            return [triangulated(ring, inner) for ring, inner in untangled(rings)]
        meshes.append(mesh)
    return meshes


def without_repeats(ring: Ring) -> Ring:
    """The ring without points that repeat the one before, without its closing point, and once round only."""
    out = [p for i, p in enumerate(ring) if i == 0 or p != ring[i - 1]]
    if len(out) > 1 and out[0] == out[-1]:
        out.pop()
    half = len(out) // 2
    if half >= 3 and len(out) % 2 == 0 and out[:half] == out[half:]:
        return out[:half]
    return out


def nested(polygons: list[Ring]) -> Iterator[tuple[Ring, list[Ring]]]:
    """Rings by the even-odd rule as (exterior, holes), for rings that do not cross; one ring is the usual case."""
    if len(polygons) == 1:
        yield polygons[0], []
        return
    boxes = [(min(x for x, _ in p), min(y for _, y in p), max(x for x, _ in p), max(y for _, y in p)) for p in polygons]
    order = sorted(range(len(polygons)), key=lambda i: -(boxes[i][2] - boxes[i][0]) * (boxes[i][3] - boxes[i][1]))
    depth: dict[int, int] = {}
    parent: dict[int, int] = {}
    for position, i in enumerate(order):
        level = 0
        for j in order[:position]:
            if _box_in(boxes[i], boxes[j]) and _mostly_inside(polygons[i], polygons[j]):
                level += 1
                if i not in parent or depth[j] >= depth[parent[i]]:
                    parent[i] = j
        depth[i] = level
    for i in order:
        if depth[i] % 2 == 0:
            yield polygons[i], [polygons[j] for j in order if parent.get(j) == i and depth[j] == depth[i] + 1]


def _box_in(inner: tuple[float, ...], outer: tuple[float, ...]) -> bool:
    return inner[0] >= outer[0] and inner[1] >= outer[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def _mostly_inside(inner: Ring, outer: Ring) -> bool:
    """By some of its points: where rings touch, any one of them may lie on the edge."""
    some = inner[:: max(1, len(inner) // VOTERS)]
    return 2 * sum(_inside(point, outer) for point in some) > len(some)


def _inside(point: Point, ring: Ring) -> bool:
    x, y = point
    result = False
    x0, y0 = ring[-1]
    for x1, y1 in ring:
        if (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
            result = not result
        x0, y0 = x1, y1
    return result


def untangled(rings: list[Ring]) -> Iterator[tuple[Ring, list[Ring]]]:
    """The same area as (exterior, holes) that touch at most: every face that an odd number of rings encloses."""
    lines = unary_union([LineString([*ring, ring[0]]) for ring in rings])
    faces = [face for face in polygonize(lines) if _is_odd(face, rings)]
    area = shapely.union_all(faces) if faces else shapely.Polygon()
    for part in shapely.get_parts(area):
        if isinstance(part, shapely.Polygon) and not part.is_empty:
            yield _ring(part.exterior), [_ring(hole) for hole in part.interiors]


def _is_odd(face: shapely.Polygon, rings: list[Ring]) -> bool:
    middle = face.representative_point()
    return sum(_inside((middle.x, middle.y), ring) for ring in rings) % 2 == 1


def _ring(line: shapely.LinearRing) -> Ring:
    return without_repeats([(float(x), float(y)) for x, y in shapely.get_coordinates(line)])


def _covers(mesh: Mesh, exterior: Ring, holes: list[Ring]) -> bool:
    """Whether the triangles are as large as the rings say: they are not where rings cross."""
    points, corners = mesh
    made = sum(_area([points[k] for k in corners[i : i + 3]]) for i in range(0, len(corners), 3))
    wanted = _area(exterior) - sum(map(_area, holes))
    return abs(made - wanted) <= PRECISION * max(_area(exterior), made)


def _area(ring: Sequence[Point]) -> float:
    """Area of a ring that does not cross itself; from its first point, because drawings lie far from the origin."""
    x0, y0 = ring[0]
    twice = 0.0
    for (x1, y1), (x2, y2) in itertools.pairwise(ring):
        twice += (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
    return abs(twice) / 2


def triangulated(exterior: Ring, holes: list[Ring]) -> Mesh:
    """Cut one area into triangles."""
    if len(exterior) == 3 and not holes:
        return exterior, [0, 1, 2]
    if len(exterior) == 4 and not holes and _convex(exterior):
        return exterior, [0, 1, 2, 0, 2, 3]
    number: dict[Point, int] = {}
    points: list[Point] = []
    corners: list[int] = []
    for triangle in mapbox_earcut_2d(Vec2.list(exterior), [Vec2.list(h) for h in holes] or None):
        for v in triangle:
            key = (v.x, v.y)
            known = number.get(key)
            if known is None:
                known = number[key] = len(points)
                points.append(key)
            corners.append(known)
    return points, corners


def _convex(ring: Ring) -> bool:
    sign = 0.0
    for i in range(4):
        (x0, y0), (x1, y1), (x2, y2) = ring[i], ring[(i + 1) % 4], ring[(i + 2) % 4]
        cross = (x1 - x0) * (y2 - y1) - (y1 - y0) * (x2 - x1)
        if cross * sign < 0:
            return False
        sign = sign or cross
    return True
