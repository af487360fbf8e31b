"""Ink that ezdxf's Frontend shows of a drawing and we do not (缺失图形), counted in pixels.

Words are left out: they are drawn with another face on purpose. So are wipeouts, which ezdxf's painter would fill with black.

`python -m drawings.bench.ink plan.dxf` prints one JSON object; a process of its own, for a file may take all memory.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from ezdxf.addons.drawing.config import BackgroundPolicy, ColorPolicy, Configuration, LinePolicy, TextPolicy
from ezdxf.addons.drawing.frontend import Frontend
from ezdxf.addons.drawing.layout import Margins, Page, Settings, Units
from ezdxf.addons.drawing.properties import RenderContext
from ezdxf.addons.drawing.pymupdf import PyMuPdfBackend
from ezdxf.addons.drawing.recorder import Recorder
from PIL import Image, ImageFilter

from drawings.bench.row import Row, row

SIDE = 1000
MISSING_GOAL = 0.5
"""Per cent."""
FEW = 200
"""Dark pixels below which a share means nothing: their number is taken for it."""
DARK, LIGHT = 170, 225
REPOSITORY = Path(__file__).resolve().parents[2]
Grey = np.ndarray[Any, np.dtype[np.uint8]]


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


def missing_ink(source: Path) -> tuple[int, int] | None:
    """Dark pixels of ezdxf's picture of the model that ours leaves light, and all dark ones; None when ezdxf draws nothing."""
    from drawings.cad import dxf_read, fonts, job

    with tempfile.TemporaryDirectory(prefix="lianshen-ink-") as scratch:
        folder = Path(scratch)
        fonts.prepare_environment(folder / "cache")
        painted = theirs(dxf_read.read(source.read_bytes()).doc)
        if painted is None:
            return None
        picture, box = painted
        options = {"width": picture.shape[1], "box": list(box), "sheet": "model"}
        shutil.copyfile(source, folder / "source")
        job.run("render", folder / "source", folder / "out", name="plan.dxf", options=options)
        with Image.open(folder / "out" / "picture.png") as png:
            ours = png.convert("RGB").resize(picture.shape[::-1])
    near = np.asarray(ours.filter(ImageFilter.MinFilter(5))).min(axis=2)[3:-3, 3:-3]  # yellow is as light as paper
    dark = picture[3:-3, 3:-3] < DARK
    return int((dark & (near > LIGHT)).sum()), int(dark.sum())


def ink_row(source: Path, label: str, say: Callable[[str], None]) -> Row:
    """Missing ink of one file, as a share of what ezdxf shows."""
    say(f"ink of {label}")
    command = [sys.executable, "-m", "drawings.bench.ink", str(source)]
    done = subprocess.run(command, check=True, capture_output=True, cwd=REPOSITORY)
    told = json.loads(done.stdout)
    name = f"ink missing of {label}, against ezdxf's Frontend"
    if told is None:
        return row(name, 0.0, unit="%", goal=MISSING_GOAL, met=None, note="ezdxf draws nothing of it")
    missing, dark = told
    share = 100 * missing / max(dark, FEW)
    return row(
        name, share, unit="%", goal=MISSING_GOAL, met=share <= MISSING_GOAL, note=f"{missing} of {dark} dark pixels"
    )


if __name__ == "__main__":
    sys.stdout.write(json.dumps(missing_ink(Path(sys.argv[1]))))
