"""A part of a prepared sheet as PDF drawing commands (矢量出图): lines with their weights, fills, words and pictures, at true scale."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from drawings.cad.contents import Box, Floats, read_fills, read_lines, read_texts
from drawings.cad.cuttings import Looks, meets, read_looks
from drawings.cad.fonts import CAP_HEIGHT
from drawings.cad.plot_letters import Letters, stream

PT = 72 / 25.4
# Millimetres of paper: the thinnest line, and the thickest where the print is at no scale.
HAIR, UNSCALED = 0.1, 0.18
MOST_POINTS = 1_500_000
DOT = 0.35
LARGE = 2_000_000


class TooMuch(Exception):
    """More ink than a PDF of lines should hold; a picture serves better."""


@dataclass
class Sheet2Paper:
    """From sheet coordinates to points of the page: `x * k + dx`, `y * k + dy` (y up)."""

    box: Box
    k: float
    dx: float
    dy: float

    @classmethod
    def of(cls, box: Box, frame: tuple[float, float, float, float]) -> Sheet2Paper:
        """`frame` is the picture's place on the page in points, lower left and upper right corner, y up."""
        k = (frame[2] - frame[0]) / (box[2] - box[0])
        return cls(box, k, frame[0] - box[0] * k, frame[1] - box[1] * k)

    def points(self, xy: Floats) -> Floats:
        """Points of the page."""
        moved: Floats = xy * self.k + np.array((self.dx, self.dy))
        return moved

    def point(self, x: float, y: float) -> tuple[float, float]:
        """One point of the page."""
        return x * self.k + self.dx, y * self.k + self.dy


@dataclass
class Commands:
    """The content of a page, and what it needs."""

    letters: Letters = field(default_factory=Letters)
    said: list[bytes] = field(default_factory=list)
    pictures: dict[str, int] = field(default_factory=dict)
    points: int = 0
    _stroke: tuple[Any, ...] = ()

    def write(self, words: str) -> None:
        self.said.append(words.encode())

    def pen(self, color: Sequence[int], width: float) -> None:
        """Colour and width (points) of the next lines; nothing is said when they are as before."""
        if self._stroke != (*color, width):
            self._stroke = (*color, width)
            self.write(f"{rgb(color)} RG {width:.3f} w")

    def lines(self, xy: Floats, *, closed: bool = False) -> None:
        """One polyline in points of the page."""
        pairs = [f"{x:.2f} {y:.2f}" for x, y in xy.tolist()]
        self.said.append((pairs[0] + " m " + " l ".join(pairs[1:]) + (" l s" if closed else " l S")).encode())

    def text(self, words: str, at: tuple[float, float], height: float, *, color: Sequence[int] = (0, 0, 0)) -> float:
        """One upright line with cap height `height` (points); its width."""
        size = height / CAP_HEIGHT
        self.write(f"{rgb(color)} rg BT {size:.3f} 0 0 {size:.3f} {at[0]:.2f} {at[1]:.2f} Tm")
        self.said += [self.letters.shown(words), b"ET"]
        return self.letters.width(words) * size


def rgb(color: Sequence[int]) -> str:
    """A colour as PDF has it."""
    return " ".join(f"{value / 255:.3f}".rstrip("0").rstrip(".") or "0" for value in color[:3])


def draw_sheet(commands: Commands, document: Any, folder: Path, view: Sheet2Paper, *, scaled: bool) -> None:
    """All ink of a model or layout in the view's box, level by level. Raises TooMuch; OSError or ValueError for bad files."""
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    looks, weights = read_looks(folder, manifest), read_weights(folder, manifest)
    texts = read_texts(folder, manifest)
    levels = sorted(
        {chunk["level"] for chunk in manifest["chunks"]}
        | {image["level"] for image in manifest["images"]}
        | {record.get("lv", 0) for record in texts}
    )
    commands.write("1 J 1 j")
    for level in levels:
        for image in manifest["images"]:
            if image["level"] == level and looks.shown[image["entity"]]:
                draw_picture(commands, document, folder / image["file"], image["corners"], view)
        for kind in ("fill", "line"):
            for chunk in manifest["chunks"]:
                if (chunk["level"], chunk["kind"], chunk["role"]) != (level, kind, "draw"):
                    continue
                if meets(chunk["bbox"], view.box):
                    data = (folder / chunk["file"]).read_bytes()
                    if kind == "fill":
                        draw_fills(commands, read_fills(data, chunk["origin"]), looks, view)
                    else:
                        draw_lines(commands, read_lines(data, chunk["origin"]), looks, weights, view, scaled=scaled)
        for record in texts:
            if record.get("lv", 0) == level and not record.get("hide") and looks.shown[record["e"]]:
                draw_text(commands, record, looks.color(record["e"]), view)


def read_weights(folder: Path, manifest: dict[str, Any]) -> Floats:
    """Line weight of every record in millimetres of paper."""
    data = (folder / manifest["entities"]["file"]).read_bytes()
    count = int(np.frombuffer(data, "<u4", 1)[0])
    return np.asarray(np.frombuffer(data, "<u2", count, 8 + 18 * count) / 100.0)


def draw_lines(
    commands: Commands,
    pieces: tuple[Floats, Any, Any],
    looks: Looks,
    weights: Floats,
    view: Sheet2Paper,
    *,
    scaled: bool,
) -> None:
    """Polylines that meet the box, cut at a margin around it; a single vertex is a dot."""
    from drawings.cad.clip import Boundary, clip_strokes
    from drawings.cad.ink import Strokes

    points, starts, owners = pieces
    shown = looks.shown[owners]
    if not shown.any():
        return
    strokes = Strokes(points, np.diff(starts).astype(np.uint32), owners.astype(np.uint32), np.zeros(len(owners)))
    margin = 0.05 * max(view.box[2] - view.box[0], view.box[3] - view.box[1])
    x0, y0, x1, y1 = view.box
    boundary = Boundary.of_rect(x0 - margin, y0 - margin, x1 + margin, y1 + margin)
    strokes = clip_strokes(strokes.taken(shown), boundary)
    if not len(strokes):
        return
    commands.points += len(strokes.xy)
    if commands.points > MOST_POINTS:
        raise TooMuch
    xy, ends = view.points(strokes.xy), strokes.starts.tolist()
    for number, owner in enumerate(strokes.look.tolist()):
        mm = max(HAIR, float(weights[owner]) if scaled else min(float(weights[owner]), UNSCALED))
        part = xy[ends[number] : ends[number + 1]]
        if len(part) == 1:
            commands.pen(looks.color(owner), DOT * PT)
            commands.lines(np.vstack((part, part)))
        else:
            commands.pen(looks.color(owner), mm * PT)
            commands.lines(part)


def draw_fills(commands: Commands, pieces: tuple[Floats, Any, Any], looks: Looks, view: Sheet2Paper) -> None:
    """Triangles that meet the box; each with a hair of its own colour, or seams would show."""
    points, corners, owners = pieces
    triangles = points[corners]
    low, high = triangles.min(axis=1), triangles.max(axis=1)
    x0, y0, x1, y1 = view.box
    hit = (low[:, 0] <= x1) & (high[:, 0] >= x0) & (low[:, 1] <= y1) & (high[:, 1] >= y0) & looks.shown[owners]
    numbers = np.flatnonzero(hit)
    commands.points += 3 * len(numbers)
    if commands.points > MOST_POINTS:
        raise TooMuch
    placed = view.points(triangles[numbers].reshape(-1, 2)).reshape(-1, 6)
    last: tuple[int, ...] = ()
    for flat, owner in zip(placed.tolist(), owners[numbers].tolist(), strict=True):
        color = looks.color(owner)
        if color != last:
            commands.pen(color, 0.05)
            commands.write(f"{rgb(color)} rg")
            last = color
        a, b, c, d, e, f = flat
        commands.write(f"{a:.2f} {b:.2f} m {c:.2f} {d:.2f} l {e:.2f} {f:.2f} l b")


def draw_text(commands: Commands, record: dict[str, Any], color: Sequence[int], view: Sheet2Paper) -> None:
    """One run of text: stretched to its width, slanted, mirrored and turned about the left end of its base line."""
    words = "".join(char for char in str(record["s"]) if char.isprintable())
    height, width = record["h"] * view.k, record["w"] * view.k
    x, y = view.point(record["x"], record["y"])
    reach = math.hypot(2 * height, width)
    box = (*view.point(view.box[0], view.box[1]), *view.point(view.box[2], view.box[3]))
    if not words.strip() or not (box[0] - reach < x < box[2] + reach and box[1] - reach < y < box[3] + reach):
        return
    size = height / CAP_HEIGHT
    across = width / max(commands.letters.width(words), 1e-9)
    angle, slant = math.radians(record.get("rot", 0.0)), math.tan(math.radians(record.get("ob", 0.0)))
    cos, sin = math.cos(angle), math.sin(angle)
    mirror = -1.0 if record.get("mx") else 1.0
    a, b = mirror * across * cos, mirror * across * sin
    c, d = size * (mirror * slant * cos - sin), size * (mirror * slant * sin + cos)
    commands.write(f"{rgb(color)} rg BT {a:.4f} {b:.4f} {c:.4f} {d:.4f} {x:.2f} {y:.2f} Tm")
    commands.said += [commands.letters.shown(words), b"ET"]
    for mark, lift in (("u", -0.16), ("o", 1.16), ("s", 0.41)):
        if mark in record.get("dec", ""):
            from_ = (x - sin * lift * height, y + cos * lift * height)
            commands.pen(color, max(0.05 * height, HAIR))
            commands.lines(np.array((from_, (from_[0] + mirror * width * cos, from_[1] + mirror * width * sin))))


def draw_picture(
    commands: Commands, document: Any, path: Path, corners: Sequence[Sequence[float]], view: Sheet2Paper
) -> None:
    """A raster picture placed in the drawing: a parallelogram given by three of its corners."""
    with Image.open(path) as source:
        image = source.convert("RGBA")
    name = embed_picture(commands, document, image)
    (x, y), (rx, ry), _, (ux, uy) = (view.point(*corner) for corner in corners)
    commands.write(f"q {rx - x:.3f} {ry - y:.3f} {ux - x:.3f} {uy - y:.3f} {x:.3f} {y:.3f} cm /{name} Do Q")


def embed_picture(commands: Commands, document: Any, image: Image.Image) -> str:
    """A picture as an object of the PDF, with its transparency; its resource name."""
    size = f"/Type/XObject/Subtype/Image/Width {image.width}/Height {image.height}/BitsPerComponent 8"
    mask = ""
    if image.mode == "RGBA":
        alpha = stream(document, image.getchannel("A").tobytes(), f"{size}/ColorSpace/DeviceGray")
        mask = f"/SMask {alpha} 0 R"
    if image.width * image.height > LARGE and not mask:  # few colours are enough for a drawing
        few = image.quantize(128, method=Image.Quantize.FASTOCTREE)
        palette = bytes(few.getpalette() or b"")
        space = f"[/Indexed/DeviceRGB {len(palette) // 3 - 1}<{palette.hex()}>]"
        xref = stream(document, few.tobytes(), f"{size}/ColorSpace{space}")
    else:
        xref = stream(document, image.convert("RGB").tobytes(), f"{size}/ColorSpace/DeviceRGB{mask}")
    name = f"P{len(commands.pictures)}"
    commands.pictures[name] = xref
    return name


def fonts_and_pictures(commands: Commands, document: Any) -> str:
    """The resources of the page."""
    fonts = "".join(f"/{name} {xref} 0 R" for name, xref in commands.letters.embed(document).items())
    pictures = "".join(f"/{name} {xref} 0 R" for name, xref in commands.pictures.items())
    return f"<</Font<<{fonts}>>/XObject<<{pictures}>>>>"


def outlines_on_paper(
    lines: Iterable[tuple[list[tuple[float, float]], bool]], view: Sheet2Paper
) -> list[tuple[Floats, bool]]:
    """Lines of a mark in points of the page."""
    return [(view.points(np.array(line, dtype=np.float64).reshape(-1, 2)), closed) for line, closed in lines if line]
