"""Is the site's red line closed on the drawing (用地红线闭合)? Read from the lines of a prepared sheet.

All strokes on layers that are named as the site's boundary are put together by their ends; where an odd number of ends
meet, the line is open. Dashed lines are judged by their true path (the snap chunks), not by their dashes.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from drawings.cad.contents import read_lines

# The site's own boundary; road, building and green lines are other lines.
SITE = re.compile(
    r"用地红线|用地界|用地边界|建设用地范围|规划用地|征地红线|宗地|地界红线|^(?:\W|[\w]{1,3}-)?红线$|RED.?LINE|PROPERTY.?LINE|SITE.?BOUND",
    re.IGNORECASE,
)
OTHER = re.compile(r"道路红线|建筑红线|道路中线|标注|文字|坐标|TEXT|DIM|ROAD", re.IGNORECASE)
DASHED = 8
# Ends meet when they lie closer than this share of the line's extent.
MEET = 2e-5
ENDS_SAID = 4


@dataclass(frozen=True)
class RedLine:
    """What was found: the layers, the number of closed rings, their areas in square drawing units, and open ends."""

    layers: tuple[str, ...]
    closed: int
    areas: tuple[float, ...]
    open_ends: tuple[tuple[float, float], ...]
    gap: float | None
    loose: float
    """Length of what belongs to no ring, as a share of all."""

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "layers": list(self.layers),
            "closed": self.closed,
            "areas": list(self.areas),
            "open_ends": [list(end) for end in self.open_ends],
            "gap": self.gap,
            "loose": self.loose,
        }


def is_site_layer(name: str) -> bool:
    """Does a layer of this name hold the site's boundary?"""
    return bool(SITE.search(name)) and not OTHER.search(name)


def read_red_line(folder: Path, manifest: dict[str, Any]) -> RedLine | None:
    """The red line of a prepared sheet; None when no layer is named as one, or nothing lies on it."""
    layers = {layer["id"]: layer["name"] for layer in manifest["layers"] if is_site_layer(str(layer["name"]))}
    if not layers or manifest["kind"] == "page":
        return None
    data = (folder / manifest["entities"]["file"]).read_bytes()
    count = int(np.frombuffer(data, "<u4", 1)[0])
    layer_of = np.frombuffer(data, "<u2", count, 8 + 12 * count)
    flags = np.frombuffer(data, "u1", count, 8 + 20 * count)
    on_it = np.isin(layer_of, list(layers))
    if not on_it.any():
        return None
    dashed = (flags & DASHED) != 0
    paths: list[list[tuple[float, float]]] = []
    for chunk in manifest["chunks"]:
        if chunk["kind"] != "line":
            continue
        points, starts, owners = read_lines((folder / chunk["file"]).read_bytes(), chunk["origin"])
        wanted = on_it[owners] & (dashed[owners] if chunk["role"] == "snap" else ~dashed[owners])
        for number in np.flatnonzero(wanted).tolist():
            path = points[starts[number] : starts[number + 1]].tolist()
            if len(path) > 1:
                paths.append([(float(x), float(y)) for x, y in path])
    if not paths:
        return None
    found = judge(paths)
    names = sorted({layers[int(layer_of[number])] for number in np.flatnonzero(on_it).tolist()})
    return RedLine(tuple(names), *found)


def judge(
    paths: list[list[tuple[float, float]]],
) -> tuple[int, tuple[float, ...], tuple[tuple[float, float], ...], float | None, float]:
    """Closed rings, their areas, open ends, the smallest gap between two of those, and the share that is in no ring."""
    xs = [x for path in paths for x, _y in path]
    ys = [y for path in paths for _x, y in path]
    reach = max(max(xs) - min(xs), max(ys) - min(ys), 1e-9) * MEET
    places = Places(reach)
    joined: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for number, path in enumerate(paths):
        first, last = places.number(path[0]), places.number(path[-1])
        joined[first].append((number, last))
        joined[last].append((number, first))
    ends = [place for place, met in joined.items() if len(met) % 2 == 1]
    areas = []
    in_rings = 0.0
    used: set[int] = set()
    for number in range(len(paths)):
        if number in used:
            continue
        ring = walk(number, paths, joined, places, used)
        if ring is not None and len(ring) > 3:
            areas.append(abs(shoelace(ring)))
            in_rings += length_of(ring)
    open_ends = tuple(places.points[place] for place in ends[: 2 * ENDS_SAID])
    gap = min(
        (math.dist(a, b) for at, a in enumerate(open_ends) for b in open_ends[at + 1 :]),
        default=None,
    )
    whole = sum(map(length_of, paths))
    loose = max(0.0, 1 - in_rings / whole) if whole > 0 else 0.0
    return len(areas), tuple(sorted(areas, reverse=True)[:20]), open_ends[:ENDS_SAID], gap, round(loose, 6)


def length_of(path: list[tuple[float, float]]) -> float:
    """How long a path is."""
    return sum(math.dist(a, b) for a, b in pairwise(path))


def walk(
    start: int,
    paths: list[list[tuple[float, float]]],
    joined: dict[int, list[tuple[int, int]]],
    places: Places,
    used: set[int],
) -> list[tuple[float, float]] | None:
    """Follow the line from path to path; the ring when it comes back to where it began, else None."""
    begin = places.number(paths[start][0])
    ring = list(paths[start])
    here, number = places.number(paths[start][-1]), start
    used.add(start)
    while here != begin:
        following = next(((n, end) for n, end in joined[here] if n not in used), None)
        if following is None:
            return None
        number, there = following
        used.add(number)
        path = paths[number] if places.number(paths[number][0]) == here else paths[number][::-1]
        ring += path[1:]
        here = there
    return ring


class Places:
    """Ends of strokes, numbered; those closer than `reach` are one place."""

    def __init__(self, reach: float) -> None:
        self.reach = reach
        self.points: list[tuple[float, float]] = []
        self.cells: dict[tuple[int, int], list[int]] = defaultdict(list)

    def number(self, point: tuple[float, float]) -> int:
        """The number of the place at this point."""
        col, row = math.floor(point[0] / self.reach), math.floor(point[1] / self.reach)
        for dx in (0, -1, 1):
            for dy in (0, -1, 1):
                for known in self.cells.get((col + dx, row + dy), ()):
                    if math.dist(self.points[known], point) <= self.reach:
                        return known
        self.points.append(point)
        self.cells[col, row].append(len(self.points) - 1)
        return len(self.points) - 1


def shoelace(ring: list[tuple[float, float]]) -> float:
    """Signed area, about the first corner for precision."""
    ox, oy = ring[0]
    return sum(
        ((ax - ox) * (by - oy) - (bx - ox) * (ay - oy)) / 2
        for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True)
    )
