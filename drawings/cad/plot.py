"""A part of a sheet on paper at scale, with the marks on it (按比例出图): a PDF whose page is exactly the paper.

Lines with their weights, fills and words that can be searched, all as vectors; only a PDF page is a picture, of 300 dots an inch where its tiles
have as many, and so is a part with more than MOST_POINTS points. Pure: no database, no network.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageColor

from drawings.cad.contents import Box
from drawings.cad.cuttings import MarkShape, View, outlines, page_picture, paint_drawing
from drawings.cad.marks_dxf import box_of
from drawings.cad.plot_ink import (
    PT,
    Commands,
    Sheet2Paper,
    TooMuch,
    draw_sheet,
    embed_picture,
    fonts_and_pictures,
    outlines_on_paper,
    rgb,
)
from drawings.cad.plot_letters import stream

# Millimetres, upright.
PAPERS = {"A4": (210.0, 297.0), "A3": (297.0, 420.0), "A2": (420.0, 594.0), "A1": (594.0, 841.0)}
MARGIN, FOOT = 10.0, 14.0
FINEST, PIXELS = 300.0, 22_000_000
PAGE_TILES = 600
# Millimetres: the pen of a mark, half the height of the sign of a mark that is a point, the height of its words.
MARK, SPOT, WORDS = 0.5, 1.8, 2.6
SCALES = (1, 2, 5, 10, 20, 25, 50, 100, 150, 200, 250, 300, 500, 1000, 2000, 5000, 10000)
MOST = 1_000_000


@dataclass(frozen=True)
class PlotMark:
    """A mark with its words and colour."""

    shape: MarkShape
    text: str = ""


@dataclass(frozen=True)
class Frame:
    """Where the picture is on the paper (millimetres from the upper left corner) and what part of the sheet it shows."""

    paper: tuple[float, float]
    at: tuple[float, float, float, float]
    box: Box
    scale: float | None
    """N of 1:N; None when the drawing names no unit."""


def frame_of(
    centre: tuple[float, float], paper: str, *, upright: bool, n: float | None, metres: float | None, fit: Box
) -> Frame:
    """The part of the sheet round `centre` that fits the paper at 1:N; without N, or without a unit, the box `fit` fills it."""
    short, long = PAPERS[paper]
    width, height = (short, long) if upright else (long, short)
    wide, high = width - 2 * MARGIN, height - 2 * MARGIN - FOOT
    if n is None or not metres:
        per_mm = max((fit[2] - fit[0]) / wide, (fit[3] - fit[1]) / high, 1e-12)
        centre = ((fit[0] + fit[2]) / 2, (fit[1] + fit[3]) / 2)
        n = per_mm * metres * 1000 if metres else None
    else:
        per_mm = n / 1000 / metres
    half = (wide * per_mm / 2, high * per_mm / 2)
    box = (centre[0] - half[0], centre[1] - half[1], centre[0] + half[0], centre[1] + half[1])
    return Frame((width, height), (MARGIN, MARGIN, MARGIN + wide, MARGIN + high), box, n)


def plot(folder: Path, frame: Frame, marks: Sequence[PlotMark], *, lines: Sequence[str], scale_text: str) -> bytes:
    """The PDF; `lines` stand in the foot at the left, `scale_text` over the bar. OSError or ValueError for bad files."""
    import pymupdf

    document = pymupdf.open()
    page = document.new_page(width=frame.paper[0] * PT, height=frame.paper[1] * PT)
    x0, top, x1, bottom = frame.at
    place = (x0 * PT, (frame.paper[1] - bottom) * PT, x1 * PT, (frame.paper[1] - top) * PT)
    view = Sheet2Paper.of(frame.box, place)
    commands = Commands()
    commands.write(f"q {place[0]:.2f} {place[1]:.2f} {place[2] - place[0]:.2f} {place[3] - place[1]:.2f} re W n")
    draw_inside(commands, document, folder, frame, view)
    draw_marks(commands, marks, view)
    commands.write(
        f"Q 0 0 0 RG 0.6 w {place[0]:.2f} {place[1]:.2f} {place[2] - place[0]:.2f} {place[3] - place[1]:.2f} re S"
    )
    draw_foot(commands, frame, lines, scale_text)
    page.set_contents(stream(document, b"\n".join(commands.said)))
    document.xref_set_key(page.xref, "Resources", fonts_and_pictures(commands, document))
    document.set_metadata({"title": lines[0] if lines else "", "creator": "Lianshen"})
    data: bytes = document.tobytes(garbage=1, deflate=True)
    document.close()
    return data


def draw_inside(commands: Commands, document: Any, folder: Path, frame: Frame, view: Sheet2Paper) -> None:
    """The drawing in the frame: as vectors, or as a picture for a PDF page and for too much ink."""
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    if manifest["kind"] != "page":
        said = len(commands.said)
        try:
            draw_sheet(commands, document, folder, view, scaled=frame.scale is not None)
        except TooMuch:
            del commands.said[said:]
        else:
            return
    picture = painted(folder, manifest, frame)
    name = embed_picture(commands, document, picture)
    (left, low), (right, high) = view.point(*frame.box[:2]), view.point(*frame.box[2:])
    commands.write(f"q {right - left:.3f} 0 0 {high - low:.3f} {left:.3f} {low:.3f} cm /{name} Do Q")


def painted(folder: Path, manifest: dict[str, Any], frame: Frame) -> Image.Image:
    """The picture in the frame, as fine as 22 megapixels allow and at most 300 dots an inch."""
    wide, high = frame.at[2] - frame.at[0], frame.at[3] - frame.at[1]
    dots = min(FINEST / 25.4, math.sqrt(PIXELS / (wide * high)))
    width, height = round(wide * dots), round(high * dots)
    view = View(frame.box, width / (frame.box[2] - frame.box[0]), width, height)
    if manifest["kind"] == "page":
        return page_picture(folder, manifest, view, most_tiles=PAGE_TILES)
    picture = Image.new("RGB", (width, height), (255, 255, 255))
    paint_drawing(picture, folder, manifest, view)
    return picture


def draw_marks(commands: Commands, marks: Sequence[PlotMark], view: Sheet2Paper) -> None:
    """The marks in their department's colour, their words on white beside them."""
    for mark in marks:
        color = ImageColor.getrgb(mark.shape.color)[:3]
        commands.pen(color, MARK * PT)
        for points, closed in outlines_on_paper(outlines(mark.shape.geometry), view):
            if len(points) == 1:
                x, y = points[0].tolist()
                r = SPOT * PT
                turns = np.linspace(0, 2 * math.pi, 25)
                commands.lines(np.column_stack((x + r * np.cos(turns), y + r * np.sin(turns))), closed=True)
            else:
                commands.lines(points, closed=closed)
    for mark in marks:
        place = box_of([mark.shape.geometry])
        if mark.text and place is not None:
            draw_label(commands, mark, view.point(place[0], place[3]))


def draw_label(commands: Commands, mark: PlotMark, at: tuple[float, float]) -> None:
    """The words of a mark above its upper left corner, at most four lines of forty characters."""
    rows = [line[:40] for line in mark.text.splitlines()[:4]]
    height, step, room = WORDS * PT * 0.733, WORDS * PT * 1.35, 1.2 * PT
    width = max(commands.letters.width(row) for row in rows) * WORDS * PT + 2 * room
    x, y = at[0], at[1] + 0.8 * PT
    color = ImageColor.getrgb(mark.shape.color)[:3]
    commands.pen(color, 0.25 * PT)
    commands.write(f"1 1 1 rg {x:.2f} {y:.2f} {width:.2f} {len(rows) * step + room:.2f} re B")
    for number, row in enumerate(reversed(rows)):
        commands.text(row, (x + room, y + room + number * step), height, color=color)


def draw_foot(commands: Commands, frame: Frame, lines: Sequence[str], scale_text: str) -> None:
    """What the print is of, and a scale bar of a round length, so that a copy at another size gives itself away."""
    left, high = frame.at[0] * PT, (frame.paper[1] - frame.at[3]) * PT
    wide = frame.at[2] - frame.at[0]
    start = max(wide - 62, wide * 0.55)

    def write(x: float, y: float, words: str, size: float) -> float:
        return commands.text(words, (left + x * PT, high - y * PT), size * PT * 0.733)

    for row, line in enumerate(lines[:3]):
        size = 3.4 if row == 0 else 2.7
        write(0, 4.2 + 4.2 * row, shortened(commands, line, (start - 3) / size), size)
    write(start, 4.2, scale_text, 3.4)
    if not frame.scale:
        return
    metres = 60 * frame.scale / 1000
    power = 10 ** math.floor(math.log10(metres))
    length = max(step * power for step in (1, 2, 5) if step * power <= metres)
    mm = length / frame.scale * 1000
    commands.pen((0, 0, 0), 0.2 * PT)
    for piece in range(2):
        x, y, w = left + (start + piece * mm / 2) * PT, high - 7 * PT, mm / 2 * PT
        commands.write(
            f"{rgb((0, 0, 0) if piece == 0 else (255, 255, 255))} rg {x:.2f} {y:.2f} {w:.2f} {1.4 * PT:.2f} re B"
        )
    write(start, 10.4, "0", 2.7)
    words = f"{length:g} m" if length >= 1 else f"{length * 1000:g} mm"
    write(start + mm - commands.letters.width(words) * 2.7, 10.4, words, 2.7)


def shortened(commands: Commands, line: str, ems: float) -> str:
    """As much of a line as fits, with dots where something was left out."""
    if commands.letters.width(line) <= ems:
        return line
    while line and commands.letters.width(line) + 1 > ems:
        line = line[:-1]
    return line + "…"
