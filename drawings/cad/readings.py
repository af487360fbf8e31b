"""What intake reads from a prepared sheet (入库读取): title blocks, drawing list, scale of its viewports, red line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from drawings.cad.contents import read_texts
from drawings.cad.red_line import read_red_line
from drawings.cad.title_block import SKETCH, tell

TITLES_KEPT = 200


def read_sheet(folder: Path, *, model_metres: float | None = None) -> dict[str, Any]:
    """JSON-able readings of the prepared sheet in `folder`; `model_metres`: metres in one model unit, where known.

    Keys: titles [{number, name, scale, ...}], list [{number, name}], has_list, viewport_scale (N of 1:N, when the layout's
    viewports agree), red_line (drawings.cad.red_line) or None, sketch (hashes that tell how alike two sheets' words are).
    """
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    texts = whole_runs(read_texts(folder, manifest))
    told = tell(texts)
    red_line = read_red_line(folder, manifest)
    return {
        "titles": [{**title.fields, "n": title.scale} for title in told.titles[:TITLES_KEPT]],
        "list": [{"number": row.number, "name": row.name} for row in told.rows],
        "has_list": told.has_list,
        "viewport_scale": viewport_scale(manifest, model_metres),
        "red_line": red_line.as_dict() if red_line else None,
        "sketch": sketch(record["s"] for record in texts),
    }


def whole_runs(records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Texts as they were written: a run drawn in pieces (p) has its whole as a hidden record besides."""
    return [record for record in records if not record.get("p")]


def sketch(words: Iterable[str]) -> list[int]:
    """The SKETCH smallest hashes of the different texts: two sheets share as many of them as they share words."""
    hashes = {int.from_bytes(hashlib.blake2b(word.encode(), digest_size=6).digest(), "big") for word in words}
    return sorted(hashes)[:SKETCH]


def viewport_scale(manifest: dict[str, Any], model_metres: float | None) -> int | None:
    """N of the 1:N at which a layout shows the model; None where units are unknown or viewports differ."""
    paper_metres = manifest["units"].get("metres_per_unit")
    scales = {round(view["scale"], 9) for view in manifest["viewports"] if view["scale"] > 0}
    if not model_metres or not paper_metres or len(scales) != 1:
        return None
    n = model_metres / (paper_metres * scales.pop())
    return round(n) if n >= 0.95 else None
