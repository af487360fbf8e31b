"""Every real DXF shows the ink that ezdxf's Frontend shows, or names what it does not (promise: under 0.5 % missing). For the soak.

Words are left out: they are drawn with another face on purpose. So are wipeouts, which this painter would fill with black.
"""

from __future__ import annotations

import io
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ezdxf.addons.drawing.config import BackgroundPolicy, ColorPolicy, Configuration, LinePolicy, TextPolicy
from ezdxf.addons.drawing.frontend import Frontend
from ezdxf.addons.drawing.layout import Margins, Page, Settings, Units
from ezdxf.addons.drawing.properties import RenderContext
from ezdxf.addons.drawing.pymupdf import PyMuPdfBackend
from ezdxf.addons.drawing.recorder import Recorder
from PIL import Image, ImageFilter

from drawings.cad import dxf_read, fonts, job
from tests.cad import made

ALL = os.environ.get("LIANSHEN_ALL_FIXTURES") == "1"
# The samples of all versions hold lines without end, which leave a few pixels for all the rest.
SMALL = 200_000
SIDE, MISSING, FEW = 1000, 0.005, 200
Grey = np.ndarray[Any, np.dtype[np.uint8]]


def files() -> list[str]:
    if not made.FIXTURES.is_dir():
        return []
    strict = {"AC1003_LINE_Example.dxf", "nested-insert-layers.dxf", "recover01.dxf", "tc.dxf", "block.dxf"}
    paths = [path for path in made.FIXTURES.iterdir() if path.suffix.lower() == ".dxf"]
    small = [path.name for path in paths if ALL or path.stat().st_size < SMALL]
    return sorted(name for name in small if not name.endswith(tuple(strict)))


def theirs(doc: Any) -> tuple[Grey, tuple[float, float, float, float]] | None:
    """The model as ezdxf paints it, and the box that the picture shows; None when it draws nothing."""
    for block in doc.blocks:
        for wipeout in [entity for entity in block if entity.dxftype() == "WIPEOUT"]:
            block.unlink_entity(wipeout)
    config = Configuration(
        background_policy=BackgroundPolicy.WHITE, color_policy=ColorPolicy.BLACK, line_policy=LinePolicy.ACCURATE,
        text_policy=TextPolicy.IGNORE, lineweight_scaling=0, min_lineweight=3, hatching_timeout=10,
    )  # fmt: skip
    recorder = Recorder()
    Frontend(RenderContext(doc), recorder, config).draw_layout(doc.modelspace())
    player = recorder.player()
    box = player.bbox()
    if not box.has_data or min(box.size.x, box.size.y) <= 0:
        return None
    scale = SIDE / max(box.size.x, box.size.y)
    width, height = (max(16, round(side * scale)) for side in (box.size.x, box.size.y))
    backend = PyMuPdfBackend()
    player.replay(backend)
    page = Page(100 * width / SIDE, 100 * height / SIDE, Units.mm, Margins.all(0))
    settings = Settings(fit_page=True, content_rotation=0)
    png = backend.get_pixmap_bytes(page, fmt="png", settings=settings, dpi=round(SIDE / 100 * 25.4))
    picture = Image.open(io.BytesIO(png)).convert("L").resize((width, height), Image.Resampling.BOX)
    return np.asarray(picture), (box.extmin.x, box.extmin.y, box.extmax.x, box.extmax.y)


@pytest.mark.fixtures
@pytest.mark.skipif(not ALL, reason="NOT TESTED here: the ink of every real DXF; run.py soak drawings")
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", files())
def test_no_ink_of_a_real_drawing_is_missing(name: str, tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copyfile(made.FIXTURES / name, source)
    fonts.prepare_environment(tmp_path / "cache")
    painted = theirs(dxf_read.read(source.read_bytes()).doc)
    if painted is None:
        pytest.skip("NOT TESTED: ezdxf draws nothing of it")
    picture, box = painted
    options = {"width": picture.shape[1], "box": list(box), "sheet": "model"}
    job.run("render", source, tmp_path / "out", name="plan.dxf", options=options)
    ours = Image.open(tmp_path / "out" / "picture.png").convert("RGB").resize(picture.shape[::-1])
    near = np.asarray(ours.filter(ImageFilter.MinFilter(5))).min(axis=2)[3:-3, 3:-3]  # yellow is as light as paper
    dark = picture[3:-3, 3:-3] < 170
    missing = int((dark & (near > 225)).sum())
    print(f"{name[-40:]}: {100 * missing / max(1, dark.sum()):.2f} % of {int(dark.sum())} dark pixels missing")  # noqa: T201 - the figures of the soak
    assert missing <= MISSING * max(int(dark.sum()), FEW)
