"""Ink that ezdxf's Frontend shows of a drawing and we do not (缺失图形), counted in pixels: the model, and every layout with its viewports.

Ours is painted from the prepared files, black as ezdxf is told to paint, so that no pale colour counts as missing. Words are left out: they are
drawn with another face on purpose. So are wipeouts, which ezdxf's painter would fill with black, and lines without end, which would leave few
pixels for all the rest.

`python -m drawings.bench.ink plan.dxf` prints one JSON object for the model; a process of its own, for a file may take all memory.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
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
NOT_CLOSED = 32
SHAPE, PLAIN_LINE = 4, frozenset({72, 73, 40, 49})
NOT_COMPARED = frozenset({"WIPEOUT", "XLINE", "RAY"})
Grey = np.ndarray[Any, np.dtype[np.uint8]]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class SheetInk:
    """One sheet of a file: dark pixels of ezdxf's picture, and those of them that ours leaves light."""

    key: str
    name: str
    missing: int
    dark: int
    made: bool
    """False when we have no such sheet: then all is missing."""

    @property
    def share(self) -> float:
        """Per cent."""
        return 100 * self.missing / max(self.dark, FEW)


def without_what_is_not_compared(doc: Any, states: dict[str, dict[str, Any]]) -> None:
    """Take wipeouts and lines without end out of a document, and give layers the states that the DWG itself has.

    So are boundary paths of hatches that the author's program found open: ezdxf fills between them and the closed ones, which nobody else does.
    """
    for hatch in doc.entitydb.query("HATCH MPOLYGON"):
        closed = [path for path in hatch.paths if not path.path_type_flags & NOT_CLOSED]
        hatch.paths.paths = closed or hatch.paths.paths
    for entry in doc.linetypes:  # ezdxf draws those with words solid, where dashes and words stand
        tags = getattr(entry.pattern_tags, "tags", None)
        if tags is not None and not any(tag.code == 74 and tag.value & SHAPE for tag in tags):
            entry.pattern_tags.tags = type(tags)(tag for tag in tags if tag.code in PLAIN_LINE)
    for block in doc.blocks:
        for entity in [entity for entity in block if entity.dxftype() in NOT_COMPARED]:
            block.unlink_entity(entity)
        record = block.block_record
        if record.has_extension_dict and isinstance(record.get_extension_dict().get("ACAD_SORTENTS"), str):
            record.get_extension_dict().discard("ACAD_SORTENTS")  # names a table that is not there: ezdxf fails
    for layer in doc.layers:
        state = states.get(str(layer.dxf.name).lower())
        if state is not None:
            (layer.on if state["on"] else layer.off)()
            (layer.freeze if state["frozen"] else layer.thaw)()


def theirs(layout: Any) -> tuple[Grey, Box] | None:
    """The layout as ezdxf paints it, and the box that the picture shows; None when it draws nothing.

    Lines of paper space are solid, as in `ours`: what a viewport shows, ezdxf divides into dashes by the scale twice.
    """
    dashes = LinePolicy.ACCURATE if layout.is_modelspace else LinePolicy.SOLID
    config = Configuration(
        background_policy=BackgroundPolicy.WHITE, color_policy=ColorPolicy.BLACK, line_policy=dashes,
        text_policy=TextPolicy.IGNORE, lineweight_scaling=0, min_lineweight=3, hatching_timeout=10,
    )  # fmt: skip
    recorder = Recorder()
    Frontend(RenderContext(layout.doc), recorder, config).draw_layout(layout)
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


def ours(sheet: Path, box: Box, width: int, height: int) -> Image.Image:
    """The same part of our prepared sheet, all in black."""
    from drawings.cad import cuttings

    manifest = json.loads((sheet / "manifest.json").read_text(encoding="utf-8"))
    if manifest["kind"] == "layout":
        for chunk in manifest["chunks"]:
            chunk["role"] = "draw"  # the whole lines under dashed ones, too
    table = sheet / manifest["entities"]["file"]
    data = bytearray(table.read_bytes())
    count = struct.unpack_from("<I", data)[0]
    data[8 + 8 * count : 8 + 12 * count] = b"\0\0\0\xff" * count
    table.write_bytes(data)
    factor = cuttings.OVERSAMPLING
    view = cuttings.View(box, factor * width / (box[2] - box[0]), factor * width, factor * height)
    picture = Image.new("RGB", (view.width, view.height), cuttings.PAPER)
    cuttings.paint_drawing(picture, sheet, manifest, view)
    return picture.resize((width, height), Image.Resampling.BOX).convert("L")


def missed(picture: Grey, mine: Image.Image, keep: str = "") -> tuple[int, int]:
    """Dark pixels of their picture round which ours is light, and all dark ones, the outermost left out.

    `keep`: name under which to keep both side by side, what is missing in red, where LIANSHEN_KEEP_INK names a folder.
    """
    near = np.asarray(mine.filter(ImageFilter.MinFilter(5)))[3:-3, 3:-3]
    dark = picture[3:-3, 3:-3] < DARK
    missing = dark & (near > LIGHT)
    if keep and os.environ.get("LIANSHEN_KEEP_INK"):
        red = Image.fromarray(missing.astype(np.uint8) * 255).filter(ImageFilter.MaxFilter(7))
        shown = np.asarray(mine.convert("RGB"))[3:-3, 3:-3].copy()
        shown[np.asarray(red) > 0] = (255, 0, 0)
        both = Image.new("RGB", (2 * mine.width + 4, mine.height), (120, 120, 255))
        both.paste(Image.fromarray(picture), (0, 0))
        both.paste(Image.fromarray(shown), (mine.width + 7, 3))
        both.save(Path(os.environ["LIANSHEN_KEEP_INK"]) / f"{keep}.png")
    return int(missing.sum()), int(dark.sum())


def compared(source: Path, *, model_only: bool = False) -> Iterator[SheetInk]:
    """Every sheet of a DWG or DXF of which ezdxf draws something. Raises Refusal."""
    from drawings.cad import dwg, dxf_layout, dxf_read, fonts, job, sniff

    with tempfile.TemporaryDirectory(prefix="lianshen-ink-") as scratch:
        folder = Path(scratch)
        fonts.prepare_environment(folder / "cache")
        name = f"plan{source.suffix.lower()}"
        copy = folder / "source"
        shutil.copyfile(source, copy)
        data = source.read_bytes()
        kind = sniff.sniff(data, name)
        answer = job.run("prepare", copy, folder / "out", name=name)
        made = {sheet["key"] for sheet in answer["sheets"]}
        loaded = dwg.read(data, copy, kind) if kind.format == "dwg" else dxf_read.read(data)
        without_what_is_not_compared(loaded.doc, loaded.layer_states)
        for position, layout in enumerate(dxf_layout.in_tab_order(loaded.doc)):
            if model_only and not layout.is_modelspace:
                return
            key = "model" if layout.is_modelspace else f"layout-{position}"
            painted = theirs(layout)
            if painted is None:
                continue
            picture, box = painted
            height, width = picture.shape
            blank = Image.new("L", (width, height), 255)
            mine = ours(folder / "out" / key, box, width, height) if key in made else blank
            missing, dark = missed(picture, mine, f"{source.name}.{key}")
            yield SheetInk(key, str(layout.name), missing, dark, key in made)


def missing_ink(source: Path) -> tuple[int, int] | None:
    """Dark pixels of ezdxf's picture of the model that ours leaves light, and all dark ones; None when ezdxf draws nothing."""
    for sheet in compared(source, model_only=True):
        return sheet.missing, sheet.dark
    return None


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
