"""Pictures of a finished sheet: overview, thumbnail, `render_sheet` (概览图). The same data that the browser gets, drawn with Pillow."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from drawings.cad import fonts
from drawings.cad.extents import Box, picture_corners
from drawings.cad.ink import FLAG_ADAPTIVE, FLAG_MASK
from drawings.cad.sheet import Sheet

LIGHT, DARK = (255, 255, 255), (33, 40, 48)
LIGHTNESS = (0.2126, 0.7152, 0.0722)
STRONG, LIGHTEST, DARKEST, LIGHTER = 128, 0.45, 0.12, 0.35
"""A colour is strong by the distance of its parts; how light one may be on light paper, how dark on dark, and how much white it then gets."""
OVERSAMPLE = 2
SMALL_TEXT = 2.5
"""Cap height in final pixels below which a text is a grey bar."""


def picture_size(box: Box, longest: int) -> tuple[int, int]:
    width, height = box[2] - box[0], box[3] - box[1]
    scale = longest / max(width, height)
    return max(16, round(width * scale)), max(16, round(height * scale))


def render(sheet: Sheet, box: Box, width: int, height: int, *, dark: bool = False) -> Image.Image:
    """The part `box` of the sheet as a picture of `width` by `height` pixels, layers as saved."""
    factor = OVERSAMPLE if width * height <= 6_000_000 else 1
    w, h = width * factor, height * factor
    scale = min(w / (box[2] - box[0]), h / (box[3] - box[1]))
    x_shift = (w - (box[2] - box[0]) * scale) / 2 - box[0] * scale
    y_shift = (h + (box[3] - box[1]) * scale) / 2 + box[1] * scale
    paper = Image.new("RGB", (w, h), DARK if dark else LIGHT)
    canvas = Canvas(paper, scale=scale, shift=(x_shift, y_shift), dark=dark, factor=factor)
    shown = sheet.visible_records()
    colors = colors_of(sheet, dark=dark)
    text_level = np.array([t.get("lv", 0) for t in sheet.texts], dtype=np.int32)
    levels = sorted(
        set(np.unique(sheet.stroke_level).tolist())
        | set(np.unique(sheet.fill_level).tolist())
        | set(text_level.tolist())
        | set(sheet.picture_level)
    )
    for level in levels:
        for number, picture in enumerate(sheet.pictures):
            if sheet.picture_level[number] == level and shown[picture.look]:
                canvas.picture(picture)
        canvas.fills(sheet, (sheet.fill_level == level) & shown[sheet.fills.look], colors)
        canvas.strokes(sheet, (sheet.stroke_level == level) & shown[sheet.strokes.look], colors)
        for i in np.flatnonzero(text_level == level):
            row = sheet.texts[int(i)]
            if not row.get("hide") and shown[row["e"]]:
                canvas.text(row, colors[row["e"]])
    return canvas.image.resize((width, height), Image.Resampling.BOX) if factor > 1 else canvas.image


def colors_of(sheet: Sheet, *, dark: bool) -> list[tuple[int, int, int]]:
    rgba = sheet.records.rgba
    rgb = np.column_stack((rgba & 255, (rgba >> 8) & 255, (rgba >> 16) & 255)).astype(np.float64)
    paper = np.array(DARK if dark else LIGHT, dtype=np.float64)
    rgb = legible(rgb, dark=dark)
    adaptive = (sheet.records.flags & FLAG_ADAPTIVE) > 0
    rgb[adaptive] = (255, 255, 255) if dark else (0, 0, 0)
    alpha = ((rgba >> 24) & 255)[:, None] / 255.0
    rgb = rgb * alpha + paper * (1 - alpha)
    rgb[(sheet.records.flags & FLAG_MASK) > 0] = paper
    return [tuple(row) for row in rgb.round().astype(int).tolist()]


def legible(rgb: NDArray[np.float64], *, dark: bool) -> NDArray[np.float64]:
    """Colours that the paper swallows made readable: yellow and cyan darker on white; on black blue lighter, and black, brown
    and dark grey as light as they must be. Pale fills on white stay. As the browser does.
    """
    strong = rgb.max(axis=1, initial=0.0) - rgb.min(axis=1, initial=255.0) >= STRONG
    light = (rgb / 255.0) ** 2 @ np.array(LIGHTNESS)
    out = rgb.copy()
    if dark:
        missing = 255.0 - rgb
        a = (missing / 255.0) ** 2 @ np.array(LIGHTNESS)
        b = (rgb * missing / 65_025.0) @ np.array(LIGHTNESS)
        lost = light < DARKEST
        share = np.full(len(rgb), LIGHTER)
        weak = lost & ~strong
        share[weak] = (np.sqrt(b[weak] ** 2 + a[weak] * (DARKEST - light[weak])) - b[weak]) / a[weak]
        out[lost] += missing[lost] * share[lost, None]
    else:
        lost = strong & (light > LIGHTEST)
        out[lost] *= np.sqrt(LIGHTEST / light[lost])[:, None]
    return out


class Canvas:
    def __init__(
        self,
        image: Image.Image,
        *,
        scale: float,
        shift: tuple[float, float],
        dark: bool,
        factor: int,
    ) -> None:
        self.image = image
        self.draw = ImageDraw.Draw(image)
        self.scale = scale
        self.x_shift, self.y_shift = shift
        self.dark, self.factor = dark, factor

    def pixels(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack((xy[:, 0] * self.scale + self.x_shift, self.y_shift - xy[:, 1] * self.scale))

    def fills(self, sheet: Sheet, chosen: NDArray[np.bool_], colors: list[tuple[int, int, int]]) -> None:
        numbers = np.flatnonzero(chosen)
        if not len(numbers):
            return
        corners = self.pixels(sheet.fills.xy)[sheet.fills.corner[numbers]]
        inside = self._inside(corners.min(axis=1), corners.max(axis=1))
        look = sheet.fills.look[numbers]
        for flat, k in zip(corners[inside].reshape(-1, 6).tolist(), look[inside].tolist(), strict=True):
            self.draw.polygon(flat, fill=colors[k], outline=colors[k])

    def strokes(self, sheet: Sheet, chosen: NDArray[np.bool_], colors: list[tuple[int, int, int]]) -> None:
        strokes = sheet.strokes.taken(chosen)
        if not len(strokes):
            return
        xy = self.pixels(strokes.xy)
        starts = strokes.starts
        low = np.minimum.reduceat(xy, starts[:-1], axis=0)
        high = np.maximum.reduceat(xy, starts[:-1], axis=0)
        inside = self._inside(low, high)
        weight = np.maximum(1, np.round(sheet.records.weight[strokes.look] / 100.0 * 3.0 * self.factor)).astype(int)
        weight = np.where(sheet.records.weight[strokes.look] <= 30, self.factor, np.minimum(weight, 4 * self.factor))
        xy = np.clip(xy, -1e7, 1e7)
        flat = xy.ravel().tolist()
        line, point = self.draw.line, self.draw.rectangle
        looks = strokes.look.tolist()
        ends = (starts * 2).tolist()
        for i in np.flatnonzero(inside).tolist():
            part = flat[ends[i] : ends[i + 1]]
            if len(part) == 2:
                r = 0.75 * self.factor
                point((part[0] - r, part[1] - r, part[0] + r, part[1] + r), fill=colors[looks[i]])
            else:
                line(part, fill=colors[looks[i]], width=int(weight[i]))

    def _inside(self, low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.bool_]:
        w, h = self.image.size
        return (high[:, 0] >= 0) & (low[:, 0] <= w) & (high[:, 1] >= 0) & (low[:, 1] <= h)

    def text(self, row: dict[str, Any], color: tuple[int, int, int]) -> None:
        cap = row["h"] * self.scale
        width = row["w"] * self.scale
        x = row["x"] * self.scale + self.x_shift
        y = self.y_shift - row["y"] * self.scale
        reach = abs(width) + cap * 2
        if x < -reach or y < -reach or x > self.image.width + reach or y > self.image.height + reach or width <= 0:
            return
        angle = math.radians(row.get("rot", 0.0))
        ux, uy = math.cos(angle), -math.sin(angle)
        if cap < SMALL_TEXT * self.factor:
            lift = cap * 0.4
            vx, vy = -uy, ux
            self.draw.line(
                (x - vx * lift, y - vy * lift, x + ux * width - vx * lift, y + uy * width - vy * lift),
                fill=_mixed(color, DARK if self.dark else LIGHT, 0.55),
                width=max(1, round(cap * 0.6)),
            )
            return
        size = min(400.0, cap / fonts.CAP_HEIGHT)
        font = _font(max(4, round(size)))
        mask, (left, top) = font.getmask2(row["s"], mode="L", anchor="ls")
        if mask.size[0] == 0 or mask.size[1] == 0:
            return
        glyphs = Image.frombytes("L", mask.size, bytes(mask))
        natural = max(1.0, font.getlength(row["s"]))
        sx = width / natural
        sy = cap / (font.size * fonts.CAP_HEIGHT)
        mirror = -1.0 if row.get("mx") else 1.0
        slant = math.tan(math.radians(row.get("ob", 0.0)))
        # local (right, down) in font pixels from the base line -> picture pixels
        m = np.array([[ux * sx, -uy * sy * mirror], [uy * sx, ux * sy * mirror]])
        m[:, 1] -= np.array([ux, uy]) * slant * sy
        self._paste(glyphs, m, np.array([x, y]), (left, top), color)

    def _paste(
        self,
        glyphs: Image.Image,
        m: NDArray[np.float64],
        origin: NDArray[np.float64],
        corner: tuple[float, float],
        color: Any,
    ) -> None:
        w, h = glyphs.size
        left, top = corner
        corners = np.array([[left, top], [left + w, top], [left + w, top + h], [left, top + h]]) @ m.T + origin
        low, high = np.floor(corners.min(axis=0)) - 1, np.ceil(corners.max(axis=0)) + 1
        low = np.maximum(low, 0)
        high = np.minimum(high, self.image.size)
        size = (high - low).astype(int)
        if size[0] <= 0 or size[1] <= 0 or abs(np.linalg.det(m)) < 1e-12:
            return
        inverse = np.linalg.inv(m)
        shift = inverse @ (low - origin) - np.array([left, top])
        data = (inverse[0, 0], inverse[0, 1], shift[0], inverse[1, 0], inverse[1, 1], shift[1])
        moved = glyphs.transform(
            (int(size[0]), int(size[1])), Image.Transform.AFFINE, data, resample=Image.Resampling.BILINEAR
        )
        self.image.paste(color, (int(low[0]), int(low[1])), moved)

    def picture(self, picture: Any) -> None:
        corners = self.pixels(np.array(picture_corners(picture)))
        source = Image.fromarray(picture.pixels)
        w, h = source.size
        m = np.column_stack(((corners[1] - corners[0]) / w, (corners[0] - corners[3]) / h))
        if abs(np.linalg.det(m)) < 1e-12:
            return
        low = np.maximum(np.floor(corners.min(axis=0)), 0)
        high = np.minimum(np.ceil(corners.max(axis=0)), self.image.size)
        size = (high - low).astype(int)
        if size[0] <= 0 or size[1] <= 0:
            return
        inverse = np.linalg.inv(m)
        shift = inverse @ (low - corners[3])
        data = (inverse[0, 0], inverse[0, 1], shift[0], inverse[1, 0], inverse[1, 1], shift[1])
        moved = source.transform((int(size[0]), int(size[1])), Image.Transform.AFFINE, data, Image.Resampling.BILINEAR)
        self.image.paste(moved, (int(low[0]), int(low[1])), moved.getchannel("A"))


def _mixed(color: tuple[int, int, int], paper: tuple[int, int, int], share: float) -> tuple[int, int, int]:
    mixed = [round(c * share + p * (1 - share)) for c, p in zip(color, paper, strict=True)]
    return mixed[0], mixed[1], mixed[2]


@functools.lru_cache(maxsize=64)
def _font(size: int) -> Any:
    return ImageFont.truetype(str(fonts.face_path()), size, layout_engine=ImageFont.Layout.BASIC)
