"""Prints at scale: the page is the paper, and a length on it is the length divided by the scale."""

from __future__ import annotations

from pathlib import Path

import ezdxf
import numpy as np
import pymupdf
import pytest

from drawings.cad import job
from drawings.cad.cuttings import MarkShape
from drawings.cad.plot import FOOT, MARGIN, PlotMark, frame_of, plot

FIT = (0.0, 0.0, 20_000.0, 10_000.0)


@pytest.mark.parametrize(
    ("paper", "upright", "n", "metres", "wide"),
    [("A4", False, 100, 0.001, 27_700), ("A3", True, 200, 0.001, 55_400), ("A1", False, 500, 1.0, 410.5)],
)
def test_the_frame_holds_what_the_scale_says(paper: str, upright: bool, n: float, metres: float, wide: float) -> None:
    frame = frame_of((5000, 5000), paper, upright=upright, n=n, metres=metres, fit=FIT)
    assert frame.box[2] - frame.box[0] == pytest.approx(wide)
    assert (frame.box[0] + frame.box[2]) / 2 == pytest.approx(5000)
    assert frame.scale == n


def test_without_a_unit_what_was_shown_fills_the_paper() -> None:
    frame = frame_of((0, 0), "A4", upright=False, n=100, metres=None, fit=FIT)
    assert frame.scale is None
    assert frame.box[0] <= 0 < 20_000 <= frame.box[2]


def test_ten_metres_at_one_to_a_hundred_are_ten_centimetres(tmp_path: Path) -> None:
    doc = ezdxf.new("R2018", setup=True)
    doc.header["$INSUNITS"] = 4
    doc.modelspace().add_line((0, 0), (10_000, 0))
    doc.modelspace().add_text("一层平面图", height=500).set_placement((0, 2000))
    doc.saveas(tmp_path / "a.dxf")
    job.run("prepare", tmp_path / "a.dxf", tmp_path / "out", name="a.dxf")
    frame = frame_of((5000, 0), "A4", upright=False, n=100, metres=0.001, fit=FIT)
    cloud = MarkShape(
        {"type": "Polygon", "coordinates": [[[0, -3000], [4000, -3000], [4000, -2000], [0, -3000]]]}, "#dc6600"
    )
    folder = tmp_path / "out" / "model"
    data = plot(
        folder,
        frame,
        [PlotMark(cloud, "车道不足")],
        lines=["建施-02 一层平面图", "项目", "谁"],
        scale_text="比例 1:100",
    )
    document = pymupdf.open(stream=data, filetype="pdf")
    page = document[0]
    assert (page.rect.width * 25.4 / 72, page.rect.height * 25.4 / 72) == (
        pytest.approx(297, abs=0.1),
        pytest.approx(210, abs=0.1),
    )
    dots = 300
    pixels = page.get_pixmap(dpi=dots, colorspace=pymupdf.csGRAY)
    grey = np.frombuffer(pixels.samples, np.uint8).reshape(pixels.height, pixels.stride)[:, : pixels.width]
    middle = round((MARGIN + (210 - 2 * MARGIN - FOOT) / 2) / 25.4 * dots)
    band = grey[middle - 4 : middle + 5, round(12 / 25.4 * dots) : round(285 / 25.4 * dots)].min(axis=0)
    dark = np.flatnonzero(band < 100)
    assert (dark[-1] - dark[0] + 1) / dots * 25.4 == pytest.approx(100, abs=0.4)
    below = grey[round(200 / 25.4 * dots) - 60 : round(206 / 25.4 * dots)]
    assert (below < 100).any(), "the foot says what it is"
    picture = page.get_pixmap(dpi=60)
    colours = np.frombuffer(picture.samples, np.uint8).reshape(-1, 3).astype(int)
    orange = (colours[:, 0] > 190) & (colours[:, 2] < 110) & (colours[:, 1] < 190)
    assert orange.sum() > 20, "the mark is on the print"
    assert len(data) < 100_000
    assert "一层平面图" in page.get_text()  # words, not a picture of them
    assert "车道不足" in page.get_text()
    assert not page.get_images()
    line = next(path for path in page.get_drawings() if abs(path["rect"].width - 100 * 72 / 25.4) < 1)
    assert line["width"] == pytest.approx(0.25 * 72 / 25.4, abs=0.01)  # the pen of the file, in millimetres of paper
