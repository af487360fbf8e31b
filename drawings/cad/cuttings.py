"""A picture of one place on a prepared sheet, with the marks that point at it (图面截图), made on the server.

The picture goes on official papers, so it is painted from the prepared sheet itself (docs/drawing-format.md) and not taken from
a browser, which could send anything. Light paper, layers as the file shows them, nothing left out but text under three pixels.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from drawings.cad.contents import Box, Floats, Whole, read_fills, read_lines, read_texts
from drawings.cad.fonts import CAP_HEIGHT, face_path

PAPER = (255, 255, 255)
INK = (0, 0, 0)
FLAG_ADAPTIVE, FLAG_MASK = 1, 2
NO_LAYER = 65535
# Painted twice as large and then reduced, which smooths lines.
OVERSAMPLING = 2
SMALLEST_TEXT = 3.0
# Room around the place, as a share of its longer side.
ROOM = 0.15
TILE_LIMIT = 64


@dataclass(frozen=True)
class MarkShape:
    """A mark to draw: its GeoJSON geometry in sheet coordinates and its colour."""

    geometry: dict[str, Any]
    color: str = "#c8161d"


@dataclass(frozen=True)
class View:
    """From sheet coordinates to pixels of the large picture."""

    region: Box
    scale: float
    width: int
    height: int

    def pixels(self, points: Floats) -> Floats:
        """Pixel positions, y down."""
        x0, _y0, _x1, y1 = self.region
        return np.column_stack(((points[:, 0] - x0) * self.scale, (y1 - points[:, 1]) * self.scale))

    def pixel(self, x: float, y: float) -> tuple[float, float]:
        """One position."""
        return ((x - self.region[0]) * self.scale, (self.region[3] - y) * self.scale)


def cut(folder: Path, region: Box | None, *, marks: Sequence[MarkShape] = (), longest: int = 1100) -> bytes:
    """PNG of `region` (None: the whole sheet) and a little around it, `longest` pixels along its longer side.

    Raises OSError or ValueError when the prepared files are not as documented.
    """
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    view = view_of(region, manifest["fit"], longest)
    if manifest["kind"] == "page":
        picture = page_picture(folder, manifest, view)
    else:
        picture = Image.new("RGB", (view.width, view.height), PAPER)
        paint_drawing(picture, folder, manifest, view)
    paint_marks(picture, marks, region, view)
    small = picture.resize((view.width // OVERSAMPLING, view.height // OVERSAMPLING), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.quantize(128).save(out, "PNG", optimize=True)
    return out.getvalue()


def view_of(region: Box | None, fit: Sequence[float], longest: int) -> View:
    """The part to show: the place with room around it, never thinner than one to three."""
    x0, y0, x1, y1 = region or tuple(fit)
    sheet_side = max(fit[2] - fit[0], fit[3] - fit[1], 1e-9)
    room = 0.0 if region is None else max(ROOM * max(x1 - x0, y1 - y0), sheet_side / 100)
    width, height = x1 - x0 + 2 * room, y1 - y0 + 2 * room
    least = max(width, height) / 3
    middle_x, middle_y = (x0 + x1) / 2, (y0 + y1) / 2
    width, height = max(width, least), max(height, least)
    box = (middle_x - width / 2, middle_y - height / 2, middle_x + width / 2, middle_y + height / 2)
    scale = longest * OVERSAMPLING / max(width, height)
    return View(box, scale, max(OVERSAMPLING, round(width * scale)), max(OVERSAMPLING, round(height * scale)))


def paint_drawing(picture: Image.Image, folder: Path, manifest: dict[str, Any], view: View) -> None:
    """A model or layout: level by level, images, fills, lines, texts."""
    looks = read_looks(folder, manifest)
    draw = ImageDraw.Draw(picture)
    texts = read_texts(folder, manifest)
    levels = sorted(
        {chunk["level"] for chunk in manifest["chunks"]}
        | {image["level"] for image in manifest["images"]}
        | {record.get("lv", 0) for record in texts}
    )
    for level in levels:
        for image in manifest["images"]:
            if image["level"] == level and looks.shown[image["entity"]]:
                paint_image(picture, folder / image["file"], image["corners"], view)
        for kind in ("fill", "line"):
            for chunk in manifest["chunks"]:
                if (chunk["level"], chunk["kind"], chunk["role"]) == (level, kind, "draw") and meets(
                    chunk["bbox"], view.region
                ):
                    data = (folder / chunk["file"]).read_bytes()
                    if kind == "fill":
                        paint_fills(draw, read_fills(data, chunk["origin"]), looks, view)
                    else:
                        paint_lines(draw, read_lines(data, chunk["origin"]), looks, view)
        for record in texts:
            if record.get("lv", 0) == level and not record.get("hide") and looks.shown[record["e"]]:
                paint_text(picture, record, looks.color(record["e"]), view)


@dataclass(frozen=True)
class Looks:
    """Colour and visibility of every record."""

    rgba: np.ndarray[Any, np.dtype[np.uint8]]
    flags: np.ndarray[Any, np.dtype[np.uint8]]
    shown: np.ndarray[Any, np.dtype[np.bool_]]

    def color(self, record: int) -> tuple[int, int, int]:
        """The colour on light paper."""
        flags = int(self.flags[record])
        if flags & FLAG_MASK:
            return PAPER
        if flags & FLAG_ADAPTIVE:
            return INK
        red, green, blue = (int(value) for value in self.rgba[record][:3])
        light = 0.299 * red + 0.587 * green + 0.114 * blue
        # Yellow and cyan were chosen for black screens; on paper they must still be seen.
        dim = 1.0 if light <= 150 else 150 / light
        return (round(red * dim), round(green * dim), round(blue * dim))


def read_looks(folder: Path, manifest: dict[str, Any]) -> Looks:
    """Colours, flags, and which records are drawn: layer on and thawed, and the block's layer thawed."""
    data = (folder / manifest["entities"]["file"]).read_bytes()
    count = int(np.frombuffer(data, "<u4", 1)[0])
    rgba = np.frombuffer(data, "u1", 4 * count, 8 + 8 * count).reshape(-1, 4)
    layer = np.frombuffer(data, "<u2", count, 8 + 12 * count).astype(np.int64)
    via = np.frombuffer(data, "<u2", count, 8 + 14 * count).astype(np.int64)
    flags = np.frombuffer(data, "u1", count, 8 + 20 * count)
    visible = np.array([entry["on"] and not entry["frozen"] for entry in manifest["layers"]] + [True], dtype=bool)
    thawed = np.array([not entry["frozen"] for entry in manifest["layers"]] + [True], dtype=bool)
    none = len(manifest["layers"])
    shown = visible[np.where(layer == NO_LAYER, none, layer)] & thawed[np.where(via == NO_LAYER, none, via)]
    return Looks(rgba=rgba, flags=flags, shown=shown)


def meets(box: Sequence[float], region: Box) -> bool:
    """Does the box touch the region?"""
    return bool(box[0] <= region[2] and region[0] <= box[2] and box[1] <= region[3] and region[1] <= box[3])


def inside(low: Floats, high: Floats, region: Box) -> Whole:
    """Numbers of the pieces whose box meets the region."""
    hit = (low[:, 0] <= region[2]) & (high[:, 0] >= region[0]) & (low[:, 1] <= region[3]) & (high[:, 1] >= region[1])
    return np.flatnonzero(hit)


def paint_fills(draw: ImageDraw.ImageDraw, pieces: tuple[Floats, Whole, Whole], looks: Looks, view: View) -> None:
    """Triangles."""
    points, corners, owners = pieces
    triangles = points[corners]
    pixels = view.pixels(points)[corners]
    for number in inside(triangles.min(axis=1), triangles.max(axis=1), view.region).tolist():
        owner = int(owners[number])
        if looks.shown[owner]:
            draw.polygon([tuple(corner) for corner in pixels[number].tolist()], fill=looks.color(owner))


def paint_lines(draw: ImageDraw.ImageDraw, pieces: tuple[Floats, Whole, Whole], looks: Looks, view: View) -> None:
    """Polylines; a single vertex is a dot."""
    points, starts, owners = pieces
    if not len(owners):
        return
    low = np.minimum.reduceat(points, starts[:-1], axis=0)
    high = np.maximum.reduceat(points, starts[:-1], axis=0)
    pixels = view.pixels(points)
    for number in inside(low, high, view.region).tolist():
        owner = int(owners[number])
        if not looks.shown[owner]:
            continue
        line = [tuple(point) for point in clipped(pixels[starts[number] : starts[number + 1]], view).tolist()]
        if len(line) == 1:
            x, y = line[0]
            draw.ellipse((x - 1.5, y - 1.5, x + 1.5, y + 1.5), fill=looks.color(owner))
        else:
            draw.line(line, fill=looks.color(owner), width=OVERSAMPLING)


def clipped(pixels: Floats, view: View) -> Floats:
    """Keep coordinates within what the painter takes; lines far outside bend only where nobody sees them."""
    far = 20 * max(view.width, view.height)
    return np.clip(pixels, -far, far)


@lru_cache(maxsize=64)
def face(size: int) -> ImageFont.FreeTypeFont:
    """The face that every drawing text is painted with."""
    return ImageFont.truetype(str(face_path()), size)


def paint_text(picture: Image.Image, record: dict[str, Any], color: tuple[int, int, int], view: View) -> None:
    """One run of text: stretched to its width, slanted text upright, turned about the left end of its base line."""
    height, width = record["h"] * view.scale, record["w"] * view.scale
    x, y = view.pixel(record["x"], record["y"])
    reach = math.hypot(height * 2, width)
    if height < SMALLEST_TEXT or x + reach < 0 or y + reach < 0 or x - reach > view.width or y - reach > view.height:
        return
    font = face(max(4, min(200, round(height / CAP_HEIGHT))))
    box = font.getbbox(record["s"], anchor="ls")
    ascent, descent = math.ceil(-box[1]) + 2, math.ceil(box[3]) + 2
    advance = max(1, math.ceil(font.getlength(record["s"])))
    stencil = Image.new("L", (advance, ascent + descent), 0)
    ImageDraw.Draw(stencil).text((0, ascent), record["s"], fill=255, font=font, anchor="ls")
    stretch_y = height / (font.size * CAP_HEIGHT)
    size = (max(1, min(8000, round(width))), max(1, round((ascent + descent) * stretch_y)))
    stencil = stencil.resize(size)
    if record.get("mx"):
        stencil = stencil.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    base = ascent * stretch_y
    angle = record.get("rot", 0)
    turned = stencil.rotate(angle, expand=True, resample=Image.Resampling.BILINEAR) if angle else stencil
    radians = math.radians(angle)
    # Where the left end of the base line lands inside the turned stencil.
    from_middle = ((size[0] if record.get("mx") else 0) - size[0] / 2, base - size[1] / 2)
    at_x = turned.width / 2 + from_middle[0] * math.cos(radians) + from_middle[1] * math.sin(radians)
    at_y = turned.height / 2 - from_middle[0] * math.sin(radians) + from_middle[1] * math.cos(radians)
    picture.paste(Image.new("RGB", turned.size, color), (round(x - at_x), round(y - at_y)), turned)


def paint_image(picture: Image.Image, path: Path, corners: Sequence[Sequence[float]], view: View) -> None:
    """A raster picture placed in the drawing: a parallelogram given by three of its corners."""
    with Image.open(path) as source:
        image = source.convert("RGBA")
    lower_left, lower_right, _upper_right, upper_left = (view.pixel(*corner) for corner in corners)
    across = ((lower_right[0] - lower_left[0]) / image.width, (lower_right[1] - lower_left[1]) / image.width)
    down = ((lower_left[0] - upper_left[0]) / image.height, (lower_left[1] - upper_left[1]) / image.height)
    size = across[0] * down[1] - across[1] * down[0]
    if abs(size) < 1e-12:
        return
    inverse = (
        down[1] / size,
        -down[0] / size,
        (down[0] * upper_left[1] - down[1] * upper_left[0]) / size,
        -across[1] / size,
        across[0] / size,
        (across[1] * upper_left[0] - across[0] * upper_left[1]) / size,
    )
    placed = image.transform((view.width, view.height), Image.Transform.AFFINE, inverse, Image.Resampling.BILINEAR)
    picture.paste(placed, (0, 0), placed)


def page_picture(folder: Path, manifest: dict[str, Any], view: View, *, most_tiles: int = TILE_LIMIT) -> Image.Image:
    """A PDF page: from its tiles where the needed ones are there and not more than `most_tiles`, else from its overview."""
    overview = manifest["overview"]
    with Image.open(folder / overview["file"]) as source:
        picture = resampled(source.convert("RGB"), overview["bbox"], view)
    tiles = manifest.get("tiles")
    if tiles:
        paint_tiles(picture, folder, tiles, view, most_tiles)
    return picture


def resampled(source: Image.Image, bbox: Sequence[float], view: View) -> Image.Image:
    """The part of a picture of `bbox` that the view shows; white beyond its edges."""
    per_x, per_y = (bbox[2] - bbox[0]) / source.width, (bbox[3] - bbox[1]) / source.height
    data = (
        1 / (view.scale * per_x),
        0,
        (view.region[0] - bbox[0]) / per_x,
        0,
        1 / (view.scale * per_y),
        (bbox[3] - view.region[3]) / per_y,
    )
    return source.transform(
        (view.width, view.height), Image.Transform.AFFINE, data, Image.Resampling.BICUBIC, fillcolor=PAPER
    )


def paint_tiles(picture: Image.Image, folder: Path, tiles: dict[str, Any], view: View, most: int) -> None:
    """Sharper parts from the first level that is as fine as needed, or the finest; none when they are more than `most`."""
    x0, y0, x1, y1 = tiles["bbox"]
    level = next((level for level in tiles["levels"] if level["width"] / (x1 - x0) >= view.scale), tiles["levels"][-1])
    per_x, per_y = level["width"] / (x1 - x0), level["height"] / (y1 - y0)
    size = tiles["size"]
    first_x, last_x = (math.floor((value - x0) * per_x / size) for value in (view.region[0], view.region[2]))
    first_y, last_y = (math.floor((y1 - value) * per_y / size) for value in (view.region[3], view.region[1]))
    wanted = [
        (column, row)
        for row in range(max(0, first_y), min(level["rows"] - 1, last_y) + 1)
        for column in range(max(0, first_x), min(level["cols"] - 1, last_x) + 1)
    ]
    if len(wanted) > most:
        return
    for column, row in wanted:
        path = folder / tiles["template"].format(z=level["z"], x=column, y=row)
        if not path.is_file():
            continue
        with Image.open(path) as source:
            tile = source.convert("RGB")
        left, top = view.pixel(x0 + column * size / per_x, y1 - row * size / per_y)
        right = left + tile.width / per_x * view.scale
        bottom = top + tile.height / per_y * view.scale
        at = (round(left), round(top))
        picture.paste(tile.resize((max(1, round(right) - at[0]), max(1, round(bottom) - at[1]))), at)


def paint_marks(picture: Image.Image, marks: Sequence[MarkShape], region: Box | None, view: View) -> None:
    """The marks in their department's colour; without any, a frame around the place."""
    draw = ImageDraw.Draw(picture)
    width = 3 * OVERSAMPLING
    if not marks and region is not None:
        left, bottom = view.pixel(region[0], region[1])
        right, top = view.pixel(region[2], region[3])
        draw.rectangle((left, top, max(left, right), max(top, bottom)), outline="#c8161d", width=width)
    for mark in marks:
        for line, closed in outlines(mark.geometry):
            pixels = [view.pixel(x, y) for x, y in line]
            if len(pixels) == 1:
                x, y = pixels[0]
                draw.ellipse((x - 12, y - 12, x + 12, y + 12), outline=mark.color, width=width)
            else:
                draw.line(pixels + pixels[:1] if closed else pixels, fill=mark.color, width=width, joint="curve")


def outlines(geometry: dict[str, Any]) -> Iterable[tuple[list[tuple[float, float]], bool]]:
    """The lines of a GeoJSON geometry, each with whether it is closed."""
    kind, coordinates = geometry.get("type"), geometry.get("coordinates") or []
    if kind == "Point":
        return [([tuple(coordinates)], False)]
    if kind == "MultiPoint":
        return [([tuple(point)], False) for point in coordinates]
    if kind == "LineString":
        return [([tuple(point) for point in coordinates], False)]
    if kind == "MultiLineString":
        return [([tuple(point) for point in line], False) for line in coordinates]
    if kind == "Polygon":
        return [([tuple(point) for point in ring], True) for ring in coordinates]
    return [([tuple(point) for point in ring], True) for part in coordinates for ring in part]
