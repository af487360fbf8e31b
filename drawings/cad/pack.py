"""A finished sheet as the files of docs/drawing-format.md (写入图幅)."""

from __future__ import annotations

import gzip
import io
import itertools
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from drawings.cad import fonts, overview, raster
from drawings.cad.arcs import find_arcs
from drawings.cad.chunk_code import pack_handles, pack_lines
from drawings.cad.extents import Box, picture_corners
from drawings.cad.ink import Fills, Strokes
from drawings.cad.sheet import Sheet

CHUNK_VERTICES = 12_000
ARC_WEIGHT = 4
"""An arc takes the bytes of so many vertices."""
LONGEST = 16_000
OVERVIEWS = ((1600, 80), (1000, 80), (1000, 40), (640, 50), (640, 20))
"""Longest side and quality of the overview, the best first: it only stands until the chunks are there."""
OVERVIEW_SHARE, OVERVIEW_LEAST, OVERVIEW_MOST = 0.2, 40_000, 150_000
"""Bytes of the overview on its paper: a share of the sheet's other bytes, within bounds."""
DENSE = 100_000
"""Polylines from which on the largest overview is not tried: it never stays within its bytes."""
COMPRESS_ABOVE = 1024
PICTURE_QUALITY = 80
COMPRESS_LEVEL = 6


def write(
    sheet: Sheet, folder: Path, *, head: dict[str, Any], fidelity: dict[str, Any], dark: bool = True
) -> dict[str, Any]:
    """Write all files of one sheet under `folder` and return the manifest. `head` holds name, kind, format, units, …"""
    (folder / "geom").mkdir(parents=True, exist_ok=True)
    files = _Files(folder)
    chunks = [*_fill_chunks(sheet, files), *_line_chunks(sheet.strokes, sheet.stroke_level, "draw", files)]
    chunks.sort(key=lambda c: (c["level"], c["kind"] != "fill"))
    if len(sheet.snaps):
        level = np.zeros(len(sheet.snaps), np.uint8)
        chunks += _line_chunks(sheet.snaps, level, "snap", files)
    _entities(sheet, files)
    files.json("text.json", {"v": 1, "texts": sheet.texts})
    files.json("fidelity.json", fidelity)
    images = _images(sheet, files)
    first_picture = head.pop("overview", None) or _overview(sheet, files, dark=dark)
    manifest = {
        "v": 1,
        "name": head["name"],
        "number": head.get("number"),
        "kind": head["kind"],
        "format": head["format"],
        "units": head["units"],
        "bbox": _box(sheet.bbox),
        "fit": _box(sheet.fit),
        "paper": head.get("paper", "light"),
        "layers": _layers(sheet),
        "layer_states": head.get("layer_states", []),
        "north": head.get("north"),
        "types": sheet.types,
        "fonts": [fonts.FAMILY],
        "chunks": chunks,
        "entities": {"file": "entities.bin", "count": len(sheet.records)},
        "texts": {"file": "text.json", "count": len(sheet.texts)},
        "images": images,
        "overview": first_picture,
        "tiles": head.get("tiles"),
        "viewports": head.get("viewports", []),
        "fidelity": "fidelity.json",
        "bytes": files.total + int(head.get("tile_bytes", 0)),
    }
    files.json("manifest.json", manifest)
    return manifest


class _Files:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.total = 0
        self.sent = 0
        """Bytes on the wire so far."""
        self.geometry = 0

    def write(self, name: str, data: bytes, *, compress: bool = True) -> int:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        packed = data
        if compress and len(data) > COMPRESS_ABOVE:
            packed = gzip.compress(data, COMPRESS_LEVEL, mtime=0)
            path.with_name(path.name + ".gz").write_bytes(packed)
        self.total += len(data)
        self.sent += len(packed)
        return len(data)

    def json(self, name: str, value: Any) -> None:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        self.write(name, text.encode("utf-8", "replace"))

    def next_geometry(self) -> str:
        name = f"geom/{self.geometry}.bin"
        self.geometry += 1
        return name


def _box(box: Box) -> list[float]:
    return [float(v) for v in box]


# ---------------------------------------------------------------- geometry


def _curve_order(boxes: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Place of each box on a Morton curve over all of them: near things come near in the files."""
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    low, high = middle.min(axis=0), middle.max(axis=0)
    size = np.maximum(high - low, 1e-30)
    cell = np.minimum(((middle - low) / size * 65535).astype(np.uint64), np.uint64(65535))
    return _spread(cell[:, 0]) | (_spread(cell[:, 1]) << np.uint64(1))


def _spread(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        value = (value | (value << np.uint64(shift))) & np.uint64(mask)
    return value


def _cut_long(strokes: Strokes, level: NDArray[np.uint8]) -> tuple[Strokes, NDArray[np.uint8]]:
    """Polylines longer than a chunk go on in a next one with the same vertex at the cut."""
    long = strokes.n > LONGEST
    if not long.any():
        return strokes, level
    starts = strokes.starts
    xy, n, look, seq, levels = [], [], [], [], []
    for i in range(len(strokes)):
        begin, end = int(starts[i]), int(starts[i + 1])
        while True:
            stop = min(end, begin + LONGEST)
            xy.append(strokes.xy[begin:stop])
            n.append(stop - begin)
            look.append(strokes.look[i])
            seq.append(strokes.seq[i])
            levels.append(level[i])
            if stop == end:
                break
            begin = stop - 1
    return (
        Strokes(np.concatenate(xy), np.array(n, np.uint32), np.array(look, np.uint32), np.array(seq)),
        np.array(levels, np.uint8),
    )


def _line_chunks(strokes: Strokes, level: NDArray[np.uint8], role: str, files: _Files) -> list[dict[str, Any]]:
    if not len(strokes):
        return []
    strokes, level = _cut_long(strokes, level)
    boxes = strokes.boxes()
    order = np.lexsort((_curve_order(boxes), level))
    starts = strokes.starts[:-1]
    arcs = find_arcs(strokes.xy, strokes.starts)
    bounds = _bounds(np.where(arcs.found, ARC_WEIGHT, strokes.n)[order].astype(np.int64), level[order])
    out = []
    for begin, end in bounds:
        own = order[begin:end]
        own = own[np.argsort(strokes.look[own], kind="stable")]  # small steps from number to number take few bytes
        counts = strokes.n[own].astype(np.int64)
        offsets = np.concatenate([[0], np.cumsum(counts)])
        take = np.arange(offsets[-1]) + np.repeat(starts[own] - offsets[:-1], counts)
        xy = strokes.xy[take]
        box = (boxes[own, 0].min(), boxes[own, 1].min(), boxes[own, 2].max(), boxes[own, 3].max())
        origin = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        data = pack_lines(xy, counts, strokes.look[own], arcs.taken(own), origin)
        name = files.next_geometry()
        out.append(
            {
                "file": name, "kind": "line", "role": role, "level": int(level[own[0]]), "bbox": [float(v) for v in box],
                "origin": [float(origin[0]), float(origin[1])], "vertices": len(xy), "prims": len(own),
                "bytes": files.write(name, data),
            }
        )  # fmt: skip
    return out


def _bounds(sizes: NDArray[np.int64], level: NDArray[np.uint8]) -> list[tuple[int, int]]:
    """Cut an ordered list into runs of one level and about CHUNK_VERTICES each."""
    total = np.cumsum(sizes)
    out = []
    for value in np.unique(level):
        members = np.flatnonzero(level == value)
        first, last = int(members[0]), int(members[-1]) + 1
        base = int(total[first - 1]) if first else 0
        part = (total[first:last] - 1 - base) // CHUNK_VERTICES
        cuts = [0, *(np.flatnonzero(np.diff(part)) + 1).tolist(), last - first]
        out += [(first + a, first + b) for a, b in itertools.pairwise(cuts) if b > a]
    return out


def _fill_chunks(sheet: Sheet, files: _Files) -> list[dict[str, Any]]:
    fills: Fills = sheet.fills
    if not len(fills):
        return []
    boxes = fills.boxes()
    # As they were drawn and not along a curve: a later fill covers an earlier one (trees on a lawn, a roof on the ground).
    order = np.lexsort((fills.seq, sheet.fill_level))
    bounds = _bounds(np.full(len(order), 3, np.int64), sheet.fill_level[order])
    out = []
    for begin, end in bounds:
        own = order[begin:end]
        numbers, corner = np.unique(fills.corner[own].ravel(), return_inverse=True)
        xy = fills.xy[numbers]
        box = (boxes[own, 0].min(), boxes[own, 1].min(), boxes[own, 2].max(), boxes[own, 3].max())
        origin = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        data = b"".join(
            (
                struct.pack("<II", len(xy), len(own)),
                (xy - origin).astype("<f4").tobytes(),
                corner.astype("<u4").tobytes(),
                fills.look[own].astype("<u4").tobytes(),
            )
        )
        name = files.next_geometry()
        out.append(
            {
                "file": name, "kind": "fill", "role": "draw", "level": int(sheet.fill_level[own[0]]),
                "bbox": [float(v) for v in box], "origin": [float(origin[0]), float(origin[1])], "vertices": len(xy),
                "prims": len(own), "bytes": files.write(name, data),
            }
        )  # fmt: skip
    return out


def _entities(sheet: Sheet, files: _Files) -> None:
    r = sheet.records
    data = b"".join(
        (
            struct.pack("<II", len(r), 1),
            pack_handles(r.handle),
            r.rgba.astype("<u4").tobytes(),
            r.layer.astype("<u2").tobytes(),
            r.via.astype("<u2").tobytes(),
            r.type.astype("<u2").tobytes(),
            r.weight.astype("<u2").tobytes(),
            r.flags.astype("u1").tobytes(),
        )
    )
    files.write("entities.bin", data)


def _layers(sheet: Sheet) -> list[dict[str, Any]]:
    out = []
    for number, layer in enumerate(sheet.layers.by_key.values()):
        color = layer.color
        out.append(
            {
                "id": number,
                "name": layer.name.encode("utf-8", "replace").decode(),
                "color": f"#{color & 255:02x}{(color >> 8) & 255:02x}{(color >> 16) & 255:02x}",
                "adaptive": layer.adaptive,
                "on": layer.on,
                "frozen": layer.frozen,
                "locked": layer.locked,
                "plot": layer.plot,
                "entities": int(sheet.layer_use.get(number, 0)),
            }
        )
    return out


# ---------------------------------------------------------------- pictures


def _images(sheet: Sheet, files: _Files) -> list[dict[str, Any]]:
    out = []
    for number, picture in enumerate(sheet.pictures):
        name = f"images/{number}.webp"
        files.write(name, _webp(Image.fromarray(picture.pixels), PICTURE_QUALITY), compress=False)
        out.append(
            {
                "file": name,
                "corners": [[float(x), float(y)] for x, y in picture_corners(picture)],
                "entity": picture.look,
                "level": sheet.picture_level[number],
            }
        )
    return out


def _webp(image: Image.Image, quality: int) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "WEBP", lossless=False, quality=quality, method=0)
    return stream.getvalue()


def _overview(sheet: Sheet, files: _Files, *, dark: bool) -> dict[str, Any]:
    """The best of `OVERVIEWS` that stays within its bytes, else the last."""
    tries = OVERVIEWS[1:] if len(sheet.strokes) > DENSE else OVERVIEWS
    width, height = raster.picture_size(sheet.fit, tries[0][0])
    on_light, on_dark = overview.pair(sheet, sheet.fit, width, height)
    most = min(max(OVERVIEW_SHARE * files.sent, OVERVIEW_LEAST), OVERVIEW_MOST)
    for longest, quality in tries:
        width, height = raster.picture_size(sheet.fit, longest)
        seen = on_dark if dark else on_light
        data = _webp(seen.resize((width, height), Image.Resampling.BOX), quality)
        if len(data) <= most:
            break
    if dark:
        files.write("overview-dark.webp", data, compress=False)
        data = _webp(on_light.resize((width, height), Image.Resampling.BOX), quality)
    files.write("overview.webp", data, compress=False)
    return {
        "file": "overview.webp",
        "dark": "overview-dark.webp" if dark else None,
        "width": width,
        "height": height,
        "bbox": _box(sheet.fit),
    }
