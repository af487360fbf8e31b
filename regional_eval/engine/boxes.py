"""The default engine: PostgreSQL's native `box` with GiST finds the tiles, shapely cuts them. No extension needed.

A single check holds nothing in memory between two requests (but a few large features, see `wholes`), so a web process
does not grow with the land. A batch takes each layer version's tree, which never changes, or asks for many sites in
one statement where a layer is too large to hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from regional_eval.engine.overlay import cut_pairs, near, together
from regional_eval.engine.port import TOUCH_M2, Piece, Wanted
from regional_eval.engine.prefilter import Row, count_tiles, tiles_under, tiles_under_many
from regional_eval.engine.trees import LARGEST_TREE, TREES, join_cut, tree_of
from regional_eval.engine.wholes import WHOLES
from regional_eval.geometry.repair import polygons_only

# With fewer tiles under the site the overlay is as quick as the look at the whole.
MANY_TILES = 3
SITES_AT_ONCE = 500
LINES = frozenset({"LineString", "MultiLineString"})
POLYGONS = frozenset({shapely.GeometryType.POLYGON.value, shapely.GeometryType.MULTIPOLYGON.value})
# Reading a tile into a tree costs about a thirtieth of asking the database for one site.
WORTH_A_TREE = 30


class BoxIndex:
    """Native boxes and shapely."""

    name = "boxes"

    def overlay(self, site: BaseGeometry, wanted: Wanted) -> list[Piece]:
        """The pieces of one site: one statement, then arrays; the loop touches each row once."""
        minx, miny, maxx, maxy = site.bounds
        shapely.prepare(site)
        rows = tiles_under((minx, miny, maxx, maxy), wanted)
        if not rows:
            return []
        tiles = shapely.from_wkb([row[5] for row in rows])
        groups = groups_of(rows)
        parts = cut_but_known(site, rows, groups, tiles)
        areas, types = shapely.area(parts).tolist(), shapely.get_type_id(parts).tolist()
        found: list[Piece] = []
        for first, end in groups:
            feature_id, layer_id, assessment_id, role, _is_cut, _tile = rows[first]
            if tiles[first].geom_type in LINES:
                line = near(site, list(tiles[first:end]), wanted.reach_m)
                if line is not None:
                    found.append(Piece(feature_id, layer_id, assessment_id, role, *line))
            elif end - first > 1:
                part = together(site, parts[first:end])
                if not part.is_empty:
                    found.append(Piece(feature_id, layer_id, assessment_id, role, part))
            elif areas[first] > TOUCH_M2:
                part = parts[first] if types[first] in POLYGONS else polygons_only(parts[first])
                found.append(Piece(feature_id, layer_id, assessment_id, role, part))
        return found

    def join(self, sites: Sequence[BaseGeometry], layers: Sequence[UUID]) -> list[tuple[int, Piece]]:
        """The pieces of many sites with some layer versions."""
        sizes = {layer: size for layer, size in count_tiles(layers).items() if layer not in TREES}
        too_many = sum(sizes.values()) > WORTH_A_TREE * len(sites)
        large = [layer for layer, size in sizes.items() if too_many or size > LARGEST_TREE]
        found = [pair for layer in layers if layer not in large for pair in tree_of(layer).join(sites)]
        if large:
            for start in range(0, len(sites), SITES_AT_ONCE):
                chunk = sites[start : start + SITES_AT_ONCE]
                rows = tiles_under_many([site.bounds for site in chunk], large)
                found += [(start + position, piece) for position, piece in join_cut(chunk, rows)]
        found.sort(key=lambda pair: (pair[0], pair[1].feature_id))
        return found


def groups_of(rows: Sequence[Row]) -> list[tuple[int, int]]:
    """Where the rows of each feature begin and end."""
    starts = [0, *(at for at in range(1, len(rows)) if rows[at][0] != rows[at - 1][0])]
    return list(zip(starts, [*starts[1:], len(rows)], strict=True))


def cut_but_known(
    site: BaseGeometry, rows: Sequence[Row], groups: Sequence[tuple[int, int]], tiles: NDArray[Any]
) -> NDArray[Any]:
    """What each tile takes; the tiles of a large feature that holds the site for sure need no overlay."""
    sites: NDArray[Any] = np.full(len(rows), site, dtype=object)
    known = [
        at
        for first, end in groups
        if end - first >= MANY_TILES and rows[first][4] and WHOLES.contains(rows[first][0], site)
        for at in range(first, end)
    ]
    if not known:
        return cut_pairs(sites, tiles)
    open_ = np.ones(len(rows), dtype=bool)
    open_[known] = False
    sites[open_] = cut_pairs(sites[open_], tiles[open_])
    return sites
