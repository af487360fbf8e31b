"""A deep tile of a PDF page from what was prepared (深层瓦片), against drawing it anew."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path
from statistics import quantiles
from typing import Any

import pymupdf

from drawings.bench.row import Row, row
from drawings.cad import sandbox

TILE_GOAL_MS = 60.0
PAGE = (3370.0, 2384.0)
"""A0 in points."""
LINES = 8_000


def dense_page(path: Path) -> None:
    """One A0 page of line work."""
    chance = random.Random(4)  # noqa: S311 - a drawing
    document: Any = pymupdf.open()
    page = document.new_page(width=PAGE[0], height=PAGE[1])
    shape = page.new_shape()
    for _ in range(LINES):
        x, y = chance.uniform(0, PAGE[0] - 60), chance.uniform(0, PAGE[1] - 60)
        shape.draw_line((x, y), (x + chance.uniform(0, 60), y + chance.uniform(0, 60)))
    shape.finish(width=0.2)
    shape.commit()
    document.save(path)


def tile_row(folder: Path, say: Callable[[str], None]) -> Row:
    """Deepest tiles, as the web process sends them, p95; the peer draws the same parts with PyMuPDF and no cache."""
    from django.test import RequestFactory

    from drawings.serving import send_prepared

    say("deep tiles of a PDF page")
    source, out = folder / "page.pdf", folder / "page.out"
    dense_page(source)
    sandbox.run("prepare", source, out, name=source.name)
    deepest = max((out / "page-1" / "tiles").iterdir(), key=lambda level: int(level.name))
    tiles = sorted(deepest.iterdir())
    chance = random.Random(5)  # noqa: S311 - a choice of tiles
    request = RequestFactory().get("/", headers={"accept-encoding": "gzip"})
    document: Any = pymupdf.open(source)
    rows_high = max(int(tile.stem.split("_")[1]) for tile in tiles) + 1
    columns = max(int(tile.stem.split("_")[0]) for tile in tiles) + 1
    ours: list[float] = []
    theirs: list[float] = []
    for tile in chance.sample(tiles, min(60, len(tiles))):
        begun = time.perf_counter()
        content = send_prepared(request, tile).content
        ours.append((time.perf_counter() - begun) * 1000)
        if not content.startswith(b"RIFF"):
            raise RuntimeError("not a tile")
        if len(theirs) < 20:
            x, y = (int(part) for part in tile.stem.split("_"))
            wide, high = PAGE[0] / columns, PAGE[1] / rows_high
            clip = pymupdf.Rect(x * wide, y * high, (x + 1) * wide, (y + 1) * high)
            begun = time.perf_counter()
            document.load_page(0).get_pixmap(matrix=pymupdf.Matrix(512 / wide, 512 / high), clip=clip, alpha=False)
            theirs.append((time.perf_counter() - begun) * 1000)
    p95, peer95 = quantiles(ours, n=20)[-1], quantiles(theirs, n=20)[-1]
    return row("deep PDF tile from the cache, p95, against PyMuPDF without one", p95, unit="ms", peer=peer95,
               goal=TILE_GOAL_MS, met=p95 < TILE_GOAL_MS, note=f"{len(ours)} tiles of an A0 page with {LINES:,} lines")  # fmt: skip
