"""The prepared sheet shows the ink that ezdxf's own Frontend and another painter show: a picture test."""

from __future__ import annotations

import io
from pathlib import Path

import ezdxf
import numpy as np
from ezdxf.addons.drawing import Frontend, RenderContext, layout
from ezdxf.addons.drawing.config import BackgroundPolicy, ColorPolicy, Configuration, LinePolicy, TextPolicy
from ezdxf.addons.drawing.pymupdf import PyMuPdfBackend
from PIL import Image, ImageFilter

from drawings.cad import job
from tests.cad import made

SIDE = 900


def busy_drawing() -> ezdxf.document.Drawing:
    """Most kinds of geometry once, without texts (their faces differ on purpose)."""
    doc = ezdxf.new("R2010")
    model = doc.modelspace()
    model.add_lwpolyline([(0, 0), (100, 0), (100, 100), (0, 100)], close=True)
    model.add_lwpolyline([(5, 12, 0, 0, 0.6), (25, 12, 0, 0, -0.3), (25, 32, 0, 0, 0)], close=True)
    model.add_circle((40, 20), 10)
    model.add_arc((60, 20), 10, 30, 250)
    model.add_ellipse((85, 20), (8, 4), 0.4, 0.3, 5)
    model.add_spline([(5, 40), (15, 50), (25, 35), (35, 48)])
    model.add_solid([(45, 40), (55, 40), (45, 50), (58, 52)])
    hatch = model.add_hatch(color=1)
    hatch.paths.add_polyline_path([(65, 40), (95, 40), (80, 55)], is_closed=True)
    pattern = model.add_hatch(color=3)
    pattern.set_pattern_fill("ANSI31", scale=0.7)
    pattern.paths.add_polyline_path([(5, 60), (35, 60), (35, 80), (5, 80)], is_closed=True)
    block = doc.blocks.new("STAIR")
    for i in range(8):
        block.add_line((i, 0), (i, 5))
    model.add_blockref("STAIR", (45, 60), dxfattribs={"rotation": 25, "xscale": 1.5, "yscale": 2})
    model.add_blockref("STAIR", (80, 62), dxfattribs={"xscale": -1.5})
    model.add_lwpolyline([(45, 85), (90, 90)], dxfattribs={"const_width": 2})
    model.add_point((20, 90))
    return doc


def by_ezdxf(doc: ezdxf.document.Drawing) -> np.ndarray:
    backend = PyMuPdfBackend()
    config = Configuration(
        background_policy=BackgroundPolicy.WHITE, color_policy=ColorPolicy.BLACK, line_policy=LinePolicy.SOLID,
        text_policy=TextPolicy.IGNORE, lineweight_scaling=1, min_lineweight=3,
    )  # fmt: skip
    Frontend(RenderContext(doc), backend, config).draw_layout(doc.modelspace())
    page = layout.Page(100, 100, layout.Units.mm, layout.Margins.all(0))
    settings = layout.Settings(fit_page=True, content_rotation=0)
    png = backend.get_pixmap_bytes(page, fmt="png", settings=settings, dpi=round(SIDE / 100 * 25.4))
    return np.asarray(Image.open(io.BytesIO(png)).convert("L").resize((SIDE, SIDE), Image.Resampling.BOX))


def by_us(doc: ezdxf.document.Drawing, folder: Path) -> np.ndarray:
    source = folder / "source"
    source.write_text(made.written(doc), encoding="utf-8")
    job.run("render", source, folder / "out", name="x.dxf", options={"width": SIDE, "box": [0, 0, 100, 100]})
    return np.asarray(Image.open(folder / "out" / "picture.png").convert("L"))


def missing_ink(theirs: np.ndarray, ours: np.ndarray) -> float:
    """Share of their dark pixels that have none of ours within two pixels; a line on the very edge may fall to either side."""
    near = np.asarray(Image.fromarray(ours).filter(ImageFilter.MinFilter(5)))[3:-3, 3:-3]
    dark = theirs[3:-3, 3:-3] < 128
    return float((dark & (near > 200)).sum() / dark.sum())


def test_no_ink_is_missing(tmp_path: Path) -> None:
    doc = busy_drawing()
    theirs, ours = by_ezdxf(doc), by_us(doc, tmp_path)
    assert (theirs < 128).sum() > 40_000  # their lines are dark, not only their fills
    assert missing_ink(theirs, ours) < 0.005


def test_the_measure_sees_a_missing_entity(tmp_path: Path) -> None:
    doc = busy_drawing()
    theirs = by_ezdxf(doc)
    model = doc.modelspace()
    model.delete_entity(model.query("CIRCLE")[0])
    assert missing_ink(theirs, by_us(doc, tmp_path)) > 0.005
