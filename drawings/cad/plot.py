"""A part of a sheet on paper at scale, with the marks on it (按比例出图): a PDF whose page is exactly the paper.

One picture of the prepared sheet in the frame, words and scale bar as text. Pure: no database, no network.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from drawings.cad.contents import Box
from drawings.cad.cuttings import (
    MarkShape,
    View,
    face,
    page_picture,
    paint_drawing,
    paint_marks,
)
from drawings.cad.marks_dxf import box_of

# Millimetres, upright.
PAPERS = {"A4": (210.0, 297.0), "A3": (297.0, 420.0), "A2": (420.0, 594.0), "A1": (594.0, 841.0)}
MARGIN, FOOT = 10.0, 14.0
PT = 72 / 25.4
FINEST, PIXELS = 300.0, 22_000_000
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
    x0, y0, x1, y1 = (value * PT for value in frame.at)
    page.insert_image(pymupdf.Rect(x0, y0, x1, y1), stream=png(paint(folder, frame, marks)), keep_proportion=False)
    page.draw_rect(pymupdf.Rect(x0, y0, x1, y1), color=(0, 0, 0), width=0.6)
    # The face holds 30,000 characters; taking out the few that are needed costs more than a picture of them.
    below = pymupdf.Rect(x0, y1 + 0.3 * PT, x1, y1 + FOOT * PT)
    page.insert_image(below, stream=png(foot(frame, lines, scale_text)), keep_proportion=False)
    data: bytes = document.tobytes(garbage=3, deflate=True)
    document.close()
    return data


def png(picture: Image.Image) -> bytes:
    """Few colours are enough for a drawing."""
    stream = io.BytesIO()
    picture.quantize(128, method=Image.Quantize.FASTOCTREE).save(stream, "PNG")
    return stream.getvalue()


def foot(frame: Frame, lines: Sequence[str], scale_text: str) -> Image.Image:
    """What the print is of, and a scale bar of a round length, so that a copy at another size gives itself away."""
    dots = FINEST / 25.4
    wide = frame.at[2] - frame.at[0]
    picture = Image.new("RGB", (round(wide * dots), round((FOOT - 0.3) * dots)), (255, 255, 255))
    draw = ImageDraw.Draw(picture)

    def write(x: float, y: float, words: str, height: float) -> None:
        draw.text((x * dots, y * dots), words, font=face(round(height * dots)), fill=(0, 0, 0), anchor="ls")

    for row, line in enumerate(lines[:3]):
        write(0, 4.2 + 4.2 * row, line, 3.4 if row == 0 else 2.7)
    start = max(wide - 62, wide * 0.55)
    write(start, 4.2, scale_text, 3.4)
    if frame.scale:
        metres = 60 * frame.scale / 1000
        power = 10 ** math.floor(math.log10(metres))
        length = max(step * power for step in (1, 2, 5) if step * power <= metres)
        mm = length / frame.scale * 1000
        for piece in range(2):
            left = (start + piece * mm / 2) * dots
            draw.rectangle(
                (left, 5.6 * dots, left + mm / 2 * dots, 7 * dots),
                outline=(0, 0, 0),
                fill=(0, 0, 0) if piece == 0 else None,
                width=2,
            )
        write(start, 10.4, "0", 2.7)
        words = f"{length:g} m" if length >= 1 else f"{length * 1000:g} mm"
        write(start + mm - 0.55 * len(words) * 2.7, 10.4, words, 2.7)
    return picture


def paint(folder: Path, frame: Frame, marks: Sequence[PlotMark]) -> Image.Image:
    """The picture in the frame, as fine as 22 megapixels allow and at most 300 dots an inch."""
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    wide, high = frame.at[2] - frame.at[0], frame.at[3] - frame.at[1]
    dots = min(FINEST / 25.4, math.sqrt(PIXELS / (wide * high)))
    width, height = round(wide * dots), round(high * dots)
    view = View(frame.box, width / (frame.box[2] - frame.box[0]), width, height)
    if manifest["kind"] == "page":
        picture = page_picture(folder, manifest, view)
    else:
        picture = Image.new("RGB", (width, height), (255, 255, 255))
        paint_drawing(picture, folder, manifest, view)
    paint_marks(picture, [mark.shape for mark in marks], None, view)
    draw = ImageDraw.Draw(picture)
    font = face(max(8, round(3.2 * dots)))
    for mark in marks:
        place = box_of([mark.shape.geometry])
        if not mark.text or place is None:
            continue
        x, y = view.pixel(place[0], place[3])
        words = "\n".join(line[:40] for line in mark.text.splitlines()[:4])
        left, top, right, low = draw.multiline_textbbox((x, y), words, font=font, anchor="ld")
        draw.rectangle((left - 4, top - 3, right + 4, low + 3), fill=(255, 255, 255), outline=mark.shape.color, width=2)
        draw.multiline_text((x, y), words, font=font, fill=mark.shape.color, anchor="ld")
    return picture
