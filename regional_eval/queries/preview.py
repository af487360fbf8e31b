"""A file before it is kept, as shapes for the map (预览)."""

from __future__ import annotations

import json
from typing import Any

import shapely

from regional_eval.importing.examine import Examined
from regional_eval.queries.shapes import COARSE, DIGITS, FINE, MANY, MOST_SHAPES


def preview_shapes(examined: Examined) -> list[dict[str, Any]]:
    """What an import would store; repaired polygons stand out."""
    repaired = {int(entry["index"]) for entry in examined.repaired}
    tolerance = COARSE if len(examined.pieces) > MANY else FINE
    return [
        {
            "id": f"feature:{piece.index}",
            "group": "repaired" if piece.index in repaired else "area",
            "label": f"#{piece.index + 1}",
            "geometry": json.loads(
                shapely.to_geojson(
                    shapely.transform(shapely.simplify(piece.land.lonlat, tolerance), lambda xy: xy.round(DIGITS))
                )
            ),
        }
        for piece in examined.pieces[:MOST_SHAPES]
    ]
