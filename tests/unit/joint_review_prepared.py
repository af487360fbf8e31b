"""A prepared sheet written by hand, byte by byte after docs/drawing-format.md, for tests that need no renderer."""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

Point = tuple[float, float]


@dataclass
class Piece:
    """One entity: polylines, triangles and texts under one handle."""

    handle: int
    layer: int = 0
    lines: list[list[Point]] = field(default_factory=list)
    triangles: list[tuple[Point, Point, Point]] = field(default_factory=list)
    texts: list[tuple[float, float, float, float, str]] = field(default_factory=list)
    color: int = 0xFF0000FF

    def moved(self, dx: float, dy: float) -> Piece:
        """The same entity elsewhere."""

        def shift(point: Point) -> Point:
            return (point[0] + dx, point[1] + dy)

        return Piece(
            self.handle,
            self.layer,
            [[shift(point) for point in line] for line in self.lines],
            [(shift(a), shift(b), shift(c)) for a, b, c in self.triangles],
            [(x + dx, y + dy, h, w, s) for x, y, h, w, s in self.texts],
            self.color,
        )


def rectangle(x: float, y: float, width: float, height: float) -> list[Point]:
    """A closed polyline."""
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]


def circle(x: float, y: float, radius: float) -> list[Point]:
    """A flattened circle: coordinates that are no round numbers."""
    return [
        (x + radius * math.cos(2 * math.pi * step / 32), y + radius * math.sin(2 * math.pi * step / 32))
        for step in range(33)
    ]


def write_sheet(
    folder: Path, pieces: list[Piece], *, origin: Point = (0.0, 0.0), layers: tuple[str, ...] = ("A-WALL", "F-HYDR")
) -> Path:
    """Write the folder of one sheet of the model space, 0..1000 by 0..1000."""
    folder.mkdir(parents=True)
    lines = [(number, line) for number, piece in enumerate(pieces) for line in piece.lines]
    fills = [(number, triangle) for number, piece in enumerate(pieces) for triangle in piece.triangles]
    chunks = []
    (folder / "geom").mkdir()
    if fills:
        points = [point for _, triangle in fills for point in triangle]
        data = struct.pack("<II", len(points), len(fills)) + floats(points, origin)
        data += struct.pack(f"<{3 * len(fills)}I", *range(3 * len(fills)))
        data += struct.pack(f"<{len(fills)}I", *(number for number, _ in fills))
        chunks.append(write_chunk(folder, "geom/0.bin", "fill", data, origin, len(points)))
    if lines:
        points = [point for _, line in lines for point in line]
        starts = [0]
        for _, line in lines:
            starts.append(starts[-1] + len(line))
        data = struct.pack("<II", len(points), len(lines)) + floats(points, origin)
        data += struct.pack(f"<{len(starts)}I", *starts)
        data += struct.pack(f"<{len(lines)}I", *(number for number, _ in lines))
        chunks.append(write_chunk(folder, "geom/1.bin", "line", data, origin, len(points)))
    count = len(pieces)
    entities = struct.pack("<II", count, 0)
    entities += struct.pack(f"<{count}Q", *(piece.handle for piece in pieces))
    entities += struct.pack(f"<{count}I", *(piece.color for piece in pieces))
    entities += struct.pack(f"<{count}H", *(piece.layer for piece in pieces))
    entities += struct.pack(f"<{count}H", *(65535 for _ in pieces))
    entities += struct.pack(f"<{count}H", *(0 for _ in pieces))
    entities += struct.pack(f"<{count}H", *(0 for _ in pieces))
    entities += bytes(count)
    (folder / "entities.bin").write_bytes(entities)
    texts = [
        {"e": number, "x": x, "y": y, "h": h, "w": w, "s": s}
        for number, piece in enumerate(pieces)
        for x, y, h, w, s in piece.texts
    ]
    (folder / "text.json").write_text(json.dumps({"v": 1, "texts": texts}), encoding="utf-8")
    manifest = {
        "v": 1,
        "kind": "model",
        "bbox": [0, 0, 1000, 1000],
        "fit": [0, 0, 1000, 1000],
        "layers": [{"id": number, "name": name, "on": True, "frozen": False} for number, name in enumerate(layers)],
        "types": ["LWPOLYLINE"],
        "chunks": chunks,
        "entities": {"file": "entities.bin", "count": count},
        "texts": {"file": "text.json", "count": len(texts)},
        "images": [],
        "overview": None,
        "tiles": None,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def floats(points: list[Point], origin: Point) -> bytes:
    """f32 relative to the chunk's origin."""
    return b"".join(struct.pack("<ff", x - origin[0], y - origin[1]) for x, y in points)


def write_chunk(folder: Path, name: str, kind: str, data: bytes, origin: Point, vertices: int) -> dict[str, object]:
    """One chunk file and its line of the manifest."""
    (folder / name).write_bytes(data)
    return {
        "file": name,
        "kind": kind,
        "role": "draw",
        "level": 0,
        "bbox": [0, 0, 1000, 1000],
        "origin": list(origin),
        "vertices": vertices,
        "prims": 0,
        "bytes": len(data),
    }


def write_page(folder: Path, words: list[tuple[float, float, str]], *, stain: tuple[int, int] | None = None) -> Path:
    """Write the folder of one PDF page of 1000 by 1000 points: a picture, words, no entities."""
    folder.mkdir(parents=True)
    picture = Image.new("L", (1600, 1600), 255)
    for x in range(100, 1500):
        picture.putpixel((x, 800), 0)
    if stain:
        for dx in range(60):
            for dy in range(60):
                picture.putpixel((stain[0] + dx, stain[1] + dy), 0)
    picture.save(folder / "overview.webp", quality=80)
    texts = [{"x": x, "y": y, "h": 10, "w": 100, "s": s, "hide": 1} for x, y, s in words]
    (folder / "text.json").write_text(json.dumps({"v": 1, "texts": texts}), encoding="utf-8")
    manifest = {
        "v": 1,
        "kind": "page",
        "bbox": [0, 0, 1000, 1000],
        "fit": [0, 0, 1000, 1000],
        "layers": [],
        "types": [],
        "chunks": [],
        "entities": {"file": "entities.bin", "count": 0},
        "texts": {"file": "text.json", "count": len(texts)},
        "images": [],
        "overview": {"file": "overview.webp", "width": 1600, "height": 1600, "bbox": [0, 0, 1000, 1000]},
        "tiles": None,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder
