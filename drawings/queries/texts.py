"""Words on the drawings of a whole revision (全套文字检索)."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from drawings.cad.contents import Box, read_texts
from drawings.cad.readings import whole_runs
from drawings.models import Sheet
from drawings.queries.sets import revision_for, sheets_of
from drawings.store import prepared_path
from ledger.actor import Actor

SHEETS_LISTED = 60
TEXTS_LISTED = 5


@dataclass(frozen=True)
class SheetHits:
    """One sheet on which the words stand: how often, and the first places."""

    sheet: Sheet
    count: int
    texts: list[tuple[str, Box]]


def search_texts(actor: Actor, revision_id: UUID, words: str) -> list[SheetHits]:
    """Sheets of a revision the actor may see that hold the words, in order; capitals do not matter."""
    revision_for(actor, revision_id)
    wanted = " ".join(words.split()).casefold()
    if not wanted:
        return []
    found = []
    for sheet in sheets_of(revision_id):
        low, records = texts_of_prepared(sheet.render_sha, sheet.key)
        if wanted not in low:
            continue
        hits = [record for record in records if wanted in record["s"].casefold()]
        if hits:
            found.append(SheetHits(sheet, len(hits), [(hit["s"], box_of(hit)) for hit in hits[:TEXTS_LISTED]]))
        if len(found) == SHEETS_LISTED:
            break
    return found


@lru_cache(maxsize=96)
def texts_of_prepared(render_sha: str, key: str) -> tuple[str, list[dict[str, Any]]]:
    """Every text of a prepared sheet in one folded string, and the records; prepared sheets never change."""
    folder = prepared_path(render_sha) / key
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        records = whole_runs(read_texts(folder, manifest))
    except OSError:
        return "", []
    return "\n".join(record["s"] for record in records).casefold(), records


def box_of(record: dict[str, Any]) -> Box:
    """The sheet box of one run of text."""
    angle = math.radians(record.get("rot", 0))
    along = record["w"] * (-1 if record.get("mx") else 1)
    corners = [
        (
            record["x"] + x * math.cos(angle) - y * math.sin(angle),
            record["y"] + x * math.sin(angle) + y * math.cos(angle),
        )
        for x in (0.0, along)
        for y in (-0.35 * record["h"], 1.15 * record["h"])
    ]
    xs, ys = [x for x, _y in corners], [y for _x, y in corners]
    return (min(xs), min(ys), max(xs), max(ys))
