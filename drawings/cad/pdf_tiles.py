"""A PDF page as pictures: the parts of a pyramid, each as fine as a screen needs (PDF 瓦片)."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pymupdf
from PIL import Image

from drawings.cad import limits

TILE = 512
FINEST_DPI, COARSEST_DPI = 300.0, 96.0
PIXEL_BUDGET = 700e6
"""Pixels of the finest level over all pages of one file."""
LEAST_SIDE = 2048


def resolution(pages: list[tuple[float, float]]) -> float:
    """Dots per inch of the finest tiles, so that the whole file stays within the budget."""
    square_inches = sum(w * h for w, h in pages) / 72.0**2
    return max(COARSEST_DPI, min(FINEST_DPI, math.sqrt(PIXEL_BUDGET / max(square_inches, 1e-6))))


def pixels(display: Any, scale: float, box: tuple[float, float, float, float]) -> Image.Image:
    """The part `box` (page coordinates, y down) of a display list at `scale` pixels per point."""
    clip = pymupdf.Rect(*box)
    pixmap = display.get_pixmap(matrix=pymupdf.Matrix(scale, scale), alpha=False, clip=clip)
    return Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)


def write_tiles(display: Any, width: float, height: float, dpi: float, folder: Path) -> tuple[dict[str, Any], int]:
    """The pyramid: level 0 is the coarsest, each next one twice as fine."""
    finest = max(dpi / 72.0, LEAST_SIDE / max(width, height))
    steps = max(0, math.ceil(math.log2(max(width, height) * finest / (2 * TILE))))
    levels, total = [], 0
    for z in range(steps + 1):
        scale = finest / 2 ** (steps - z)
        w, h = max(1, math.ceil(width * scale)), max(1, math.ceil(height * scale))
        columns, rows = math.ceil(w / TILE), math.ceil(h / TILE)
        level = folder / "tiles" / str(z)
        level.mkdir(parents=True, exist_ok=True)
        for row in range(rows):
            band = _band(display, scale, row, w, h)
            for column in range(columns):
                left = column * TILE
                tile = band.crop((left, 0, min(left + TILE, w), band.height))
                path = level / f"{column}_{row}.webp"
                _save_tile(tile, path)
                total += path.stat().st_size
        levels.append({"z": z, "width": w, "height": h, "cols": columns, "rows": rows})
    tiles = {
        "size": TILE,
        "levels": levels,
        "bbox": [0.0, 0.0, width, height],
        "template": "tiles/{z}/{x}_{y}.webp",
    }
    return tiles, total


def _band(display: Any, scale: float, row: int, w: int, h: int) -> Image.Image:
    """One row of tiles, `w` pixels wide."""
    top, bottom = row * TILE, min((row + 1) * TILE, h)
    band = Image.new("RGB", (w, bottom - top), (255, 255, 255))
    step = max(TILE, int(limits.RASTER_PIXELS / 2 / TILE) // TILE * TILE)
    for left in range(0, w, step):
        right = min(left + step, w)
        clip = pymupdf.Rect(left / scale, top / scale, right / scale, bottom / scale)
        pixmap = display.get_pixmap(matrix=pymupdf.Matrix(scale, scale), alpha=False, clip=clip)
        if pixmap.width and pixmap.height:
            part = Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)
            band.paste(part, (pixmap.x, pixmap.y - top))
    return band


def _save_tile(tile: Image.Image, path: Path) -> None:
    """Line work without loss, pictures with: whichever suits the tile."""
    colors = tile.getcolors(256)
    if colors is not None:
        tile.save(path, "WEBP", lossless=True, quality=0, method=0)
    else:
        tile.save(path, "WEBP", quality=80, method=0)
