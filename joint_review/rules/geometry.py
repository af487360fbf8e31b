"""Boxes in drawing units: what opinions, marks and entities have in common (图上位置)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Box = tuple[float, float, float, float]


def box_of(values: Iterable[float]) -> Box:
    """[x0, y0, x1, y1] in any corner order, as a box."""
    x0, y0, x1, y1 = values
    return (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def joined(boxes: Iterable[Box]) -> Box | None:
    """The smallest box around all; None of none."""
    found = list(boxes)
    if not found:
        return None
    return (min(b[0] for b in found), min(b[1] for b in found), max(b[2] for b in found), max(b[3] for b in found))


def touch(a: Box, b: Box) -> bool:
    """Do they share a point?"""
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]


def overlap(a: Box, b: Box) -> float:
    """Shared area over the area of the smaller box, 0..1; a box without area counts as inside when it touches."""
    if not touch(a, b):
        return 0.0
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    smaller = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
    return 1.0 if smaller <= 0 else (width * height) / smaller


def shifted(box: Box, dx: float, dy: float) -> Box:
    """The box moved."""
    return (box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy)


def padded(box: Box, share: float, least: float = 0.0) -> Box:
    """The box grown on every side by a share of its longer side, at least `least`."""
    grow = max(share * max(box[2] - box[0], box[3] - box[1]), least)
    return (box[0] - grow, box[1] - grow, box[2] + grow, box[3] + grow)


def box_of_geometry(geometry: dict[str, Any]) -> Box | None:
    """The box of a GeoJSON geometry in drawing units."""
    return joined((x, y, x, y) for x, y in positions(geometry.get("coordinates")))


def positions(coordinates: Any) -> list[tuple[float, float]]:
    """Every position of a GeoJSON coordinate list."""
    if not isinstance(coordinates, list) or not coordinates:
        return []
    if isinstance(coordinates[0], int | float):
        return [(float(coordinates[0]), float(coordinates[1]))]
    return [position for part in coordinates for position in positions(part)]
