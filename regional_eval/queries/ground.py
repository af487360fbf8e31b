"""What changed on the ground (变更范围) when a layer version took the place of another, for the reverse query."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from regional_eval.engine.prefilter import rows_of
from regional_eval.geometry.planes import box_in_lonlat
from regional_eval.models import LayerVersion

Box = tuple[float, float, float, float]
# More boxes than this are put together by cells of five kilometres: whoever asks joins them with his sites.
MOST_BOXES = 2_000
CELL_M = 5_000.0
BOXES = """
SELECT f.sha256, f.role, md5(f.attributes::text), min(t.minx), min(t.miny), max(t.maxx), max(t.maxy)
FROM regional_eval_feature f JOIN regional_eval_tile t ON t.feature_id = f.id
WHERE f.layer_id = %s GROUP BY f.id"""


def changed_ground(layer_id: UUID) -> list[Box]:
    """Longitude and latitude boxes of the features in which a version differs from the one that it superseded.

    Land that went counts as well as land that came, and a feature with other attributes; all features when there is no
    earlier version, or when what holds for the whole layer (severity, kind, attributes) changed.
    """
    layer = LayerVersion.objects.select_related("supersedes").get(pk=layer_id)
    ours = features_with_boxes(layer.pk)
    earlier = layer.supersedes
    theirs = features_with_boxes(earlier.pk) if earlier is not None else {}
    if earlier is not None and same_for_all(layer, earlier):
        differing = set(ours) ^ set(theirs)
        boxes = [(ours.get(key) or theirs[key]) for key in differing]
    else:
        boxes = [*ours.values(), *theirs.values()]
    return [box_in_lonlat(box) for box in fewer(boxes)]


def features_with_boxes(layer_id: UUID) -> dict[tuple[str, str, str], Box]:
    """What makes a feature the same -> its box in the plane."""
    return {
        (sha256, role, attributes): (minx, miny, maxx, maxy)
        for sha256, role, attributes, minx, miny, maxx, maxy in rows_of(BOXES, [layer_id])
    }


def same_for_all(layer: LayerVersion, earlier: LayerVersion) -> bool:
    """Does everything that holds for the whole layer still hold?"""
    return (layer.kind, layer.severity, layer.attributes) == (earlier.kind, earlier.severity, earlier.attributes)


def fewer(boxes: Iterable[Box]) -> list[Box]:
    """The boxes themselves, or the boxes of the cells that their middles lie in."""
    found = list(boxes)
    if len(found) <= MOST_BOXES:
        return found
    cells: dict[tuple[int, int], Box] = {}
    for minx, miny, maxx, maxy in found:
        cell = (int((minx + maxx) / 2 // CELL_M), int((miny + maxy) / 2 // CELL_M))
        old = cells.get(cell, (minx, miny, maxx, maxy))
        cells[cell] = (min(old[0], minx), min(old[1], miny), max(old[2], maxx), max(old[3], maxy))
    return list(cells.values())
