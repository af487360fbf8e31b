"""The overview on light and on dark paper (概览图), drawn once: every pixel keeps the number of its colour, and each paper has its own table.

The same picture as `raster.render` for sheets without levels and pictures, several times faster: lines are sampled with numpy.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from drawings.cad import raster
from drawings.cad.extents import Box
from drawings.cad.ink import Strokes
from drawings.cad.sheet import Sheet

SMOOTH = 100_000
"""Polylines up to which edges are smoothed."""
BATCH = 1_000_000
"""Samples of lines at a time."""
FAINT = 0.55
"""As `raster` draws a text that is too small to read."""
Colors = list[tuple[int, int, int]]


def pair(sheet: Sheet, box: Box, width: int, height: int) -> tuple[Image.Image, Image.Image]:
    """The part `box` on light and on dark paper."""
    papers = (False, True)
    if sheet.pictures or sheet.stroke_level.any() or sheet.fill_level.any() or any(t.get("lv") for t in sheet.texts):
        light, dark = (raster.render(sheet, box, width, height, dark=dark) for dark in papers)
        return light, dark
    factor = raster.OVERSAMPLE if width * height <= 6_000_000 and len(sheet.strokes) <= SMOOTH else 1
    canvas = _Numbers(sheet, box, (width * factor, height * factor), factor)
    canvas.fills()
    canvas.strokes()
    large = canvas.small_texts()
    light, dark = (canvas.colored(dark, large).resize((width, height), Image.Resampling.BOX) for dark in papers)
    return light, dark


class _Numbers:
    """A picture of record numbers + 1; 0 is the paper. Records of small texts come again, fainter."""

    def __init__(self, sheet: Sheet, box: Box, size: tuple[int, int], factor: int) -> None:
        self.sheet, self.size, self.factor = sheet, size, factor
        w, h = size
        self.scale = min(w / (box[2] - box[0]), h / (box[3] - box[1]))
        self.shift = (
            (w - (box[2] - box[0]) * self.scale) / 2 - box[0] * self.scale,
            (h + (box[3] - box[1]) * self.scale) / 2 + box[1] * self.scale,
        )
        self.shown = sheet.visible_records()
        self.numbers = np.zeros((h, w), dtype=np.int32)

    def pixels(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack((xy[:, 0] * self.scale + self.shift[0], self.shift[1] - xy[:, 1] * self.scale))

    def fills(self) -> None:
        fills = self.sheet.fills
        chosen = np.flatnonzero(self.shown[fills.look]) if len(fills) else np.zeros(0, np.int64)
        if not len(chosen):
            return
        corners = self.pixels(fills.xy)[fills.corner[chosen]]
        low, high = corners.min(axis=1), corners.max(axis=1)
        w, h = self.size
        inside = (high >= 0).all(axis=1) & (low[:, 0] <= w) & (low[:, 1] <= h)
        image = Image.fromarray(self.numbers)
        draw = ImageDraw.Draw(image)
        numbers = (fills.look[chosen].astype(np.int64) + 1)[inside].tolist()
        for flat, number in zip(corners[inside].reshape(-1, 6).tolist(), numbers, strict=True):
            draw.polygon(flat, fill=number, outline=number)
        self.numbers = np.array(image)

    def strokes(self) -> None:
        strokes = self.thinned(self.sheet.strokes.taken(self.shown[self.sheet.strokes.look]))
        if not len(strokes):
            return
        xy = self.pixels(strokes.xy)
        starts = strokes.starts
        weight = self.sheet.records.weight[strokes.look].astype(np.float64)
        wide = np.maximum(1, np.round(weight / 100.0 * 3.0 * self.factor))
        wide = np.where(weight <= 30, self.factor, np.minimum(wide, 4 * self.factor)).astype(np.int64)
        number = strokes.look.astype(np.int64) + 1
        dots = np.flatnonzero(strokes.n == 1)
        last = np.zeros(len(xy), dtype=bool)
        last[starts[1:] - 1] = True
        begins = np.flatnonzero(~last)
        owner = np.repeat(np.arange(len(strokes)), strokes.n)[begins]
        self.lines(xy[begins], xy[begins + 1], number[owner], wide[owner])
        radius = np.full(len(dots), 0.75 * self.factor)
        at = xy[starts[:-1][dots]]
        side = np.full(len(dots), math.ceil(1.5 * self.factor))
        across = np.column_stack((radius, np.zeros(len(dots))))
        self.lines(at - across, at + across, number[dots], side)

    def thinned(self, strokes: Strokes) -> Strokes:
        """Without vertices that fall onto one pixel: small circles need no 96 pieces."""
        if not len(strokes):
            return strokes
        boxes = strokes.boxes()
        size = (boxes[:, 2:] - boxes[:, :2]).max(axis=1) * self.scale
        stride = np.maximum(1, strokes.n // (3 * size + 3)).astype(np.int64)
        if (stride == 1).all():
            return strokes
        starts = strokes.starts
        place = np.arange(len(strokes.xy)) - np.repeat(starts[:-1], strokes.n)
        keep = place % np.repeat(stride, strokes.n) == 0
        keep[starts[1:] - 1] = True
        n = np.add.reduceat(keep, starts[:-1], dtype=np.uint32)
        return Strokes(strokes.xy[keep], n, strokes.look, strokes.seq)

    def small_texts(self) -> list[int]:
        """Texts too small to read as faint bars; the numbers of the others."""
        texts = [
            (i, row)
            for i, row in enumerate(self.sheet.texts)
            if not row.get("hide") and self.shown[row["e"]] and row["w"] > 0
        ]
        if not texts:
            return []
        cap = np.array([row["h"] for _, row in texts]) * self.scale
        small = cap < raster.SMALL_TEXT * self.factor
        rows = [row for (_, row), is_small in zip(texts, small.tolist(), strict=True) if is_small]
        if rows:
            at = self.pixels(np.array([(row["x"], row["y"]) for row in rows]))
            turn = np.radians([row.get("rot", 0.0) for row in rows])
            along = np.column_stack((np.cos(turn), -np.sin(turn)))
            lift = np.column_stack((along[:, 1], -along[:, 0])) * (cap[small] * 0.4)[:, None]
            end = at + along * (np.array([row["w"] for row in rows]) * self.scale)[:, None]
            number = np.array([row["e"] for row in rows]) + 1 + len(self.shown)
            self.lines(at + lift, end + lift, number, np.maximum(1, np.round(cap[small] * 0.6)).astype(np.int64))
        return [i for (i, _), is_small in zip(texts, small.tolist(), strict=True) if not is_small]

    def lines(
        self, a: NDArray[np.float64], b: NDArray[np.float64], number: NDArray[np.int64], wide: NDArray[np.int64]
    ) -> None:
        """Straight lines, later ones over earlier ones."""
        a, b, inside = _clipped(a, b, self.size)
        a, b, number, wide = a[inside], b[inside], number[inside], wide[inside]
        steps = np.maximum(1, np.ceil(np.abs(b - a).max(axis=1, initial=0))).astype(np.int64)
        total = np.cumsum(steps + 1)
        first = 0
        while first < len(a):
            reach = int(np.searchsorted(total, (total[first - 1] if first else 0) + BATCH, side="right"))
            end = max(first + 1, reach)
            part = slice(first, end)
            self._sampled(a[part], b[part], steps[part], number[part], wide[part])
            first = end

    def _sampled(self, a: NDArray[np.float64], b: NDArray[np.float64], *rest: NDArray[np.int64]) -> None:
        steps, number, wide = rest
        n = steps + 1
        row = np.repeat(np.arange(len(a)), n)
        k = np.arange(len(row)) - np.repeat(np.cumsum(n) - n, n)
        step = (b - a) / steps[:, None]
        x = np.floor(a[row, 0] + k * step[row, 0]).astype(np.int32)
        y = np.floor(a[row, 1] + k * step[row, 1]).astype(np.int32)
        steep = (np.abs(b - a)[:, 1] > np.abs(b - a)[:, 0])[row]
        number, wide = number[row].astype(np.int32), wide[row]
        w, h = self.size
        flat = self.numbers.reshape(-1)
        for j in range(int(wide.max(initial=0))):
            off = np.where(wide > j, j - (wide - 1) // 2, 0).astype(np.int32)
            px, py = np.where(steep, x + off, x), np.where(steep, y, y + off)
            good = (px >= 0) & (px < w) & (py >= 0) & (py < h) & (wide > j)
            flat[py[good].astype(np.int64) * w + px[good]] = number[good]

    def colored(self, dark: bool, large: list[int]) -> Image.Image:
        """The picture on one paper, with the texts that can be read."""
        colors = raster.colors_of(self.sheet, dark=dark)
        paper = raster.DARK if dark else raster.LIGHT
        plain = np.array(colors, dtype=np.float64).reshape(-1, 3)
        table = np.vstack([[paper], plain, np.round(plain * FAINT + np.array(paper) * (1 - FAINT))]).astype(np.uint32)
        packed = table[:, 0] | (table[:, 1] << 8) | (table[:, 2] << 16) | np.uint32(255 << 24)
        pixels = packed[self.numbers].view(np.uint8).reshape(*self.numbers.shape, 4)
        image = Image.fromarray(pixels).convert("RGB")
        canvas = raster.Canvas(image, scale=self.scale, shift=self.shift, dark=dark, factor=self.factor)
        for i in large:
            row = self.sheet.texts[i]
            canvas.text(row, colors[row["e"]])
        return image


def _clipped(
    a: NDArray[np.float64], b: NDArray[np.float64], size: tuple[int, int]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """The parts of lines near the picture, and which lines have one."""
    margin = 16.0
    start, end = np.zeros(len(a)), np.ones(len(a))
    d = b - a
    for axis in (0, 1):
        low, high = -margin, size[axis] + margin
        moves = d[:, axis] != 0
        safe = np.where(moves, d[:, axis], 1.0)
        t0, t1 = (low - a[:, axis]) / safe, (high - a[:, axis]) / safe
        near, far = np.minimum(t0, t1), np.maximum(t0, t1)
        still = (a[:, axis] >= low) & (a[:, axis] <= high)
        start = np.where(moves, np.maximum(start, near), np.where(still, start, 2.0))
        end = np.where(moves, np.minimum(end, far), end)
    inside = start <= end
    t0, t1 = np.clip(start, 0, 1)[:, None], np.clip(end, 0, 1)[:, None]
    return a + d * t0, a + d * t1, inside
