"""The default engine: PostgreSQL's native `box` with GiST finds the tiles, shapely cuts them. No extension needed.

A single check holds nothing in memory between two requests (but a few large features, see `wholes`), so a web process
does not grow with the land. A batch takes each layer version's tree, which never changes, or asks for many sites in
one statement where a layer is too large to hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from uuid import UUID

import shapely
from shapely.geometry.base import BaseGeometry

from regional_eval.engine.overlay import near, part_of
from regional_eval.engine.port import TOUCH_M2, Piece, Wanted
from regional_eval.engine.prefilter import Row, count_tiles, tiles_under, tiles_under_many
from regional_eval.engine.trees import LARGEST_TREE, TREES, join_cut, tree_of
from regional_eval.engine.wholes import WHOLES

# With fewer tiles under the site the overlay is as quick as the look at the whole.
MANY_TILES = 3
SITES_AT_ONCE = 500
# Reading a tile into a tree costs about a thirtieth of asking the database for one site.
WORTH_A_TREE = 30


class BoxIndex:
    """Native boxes and shapely."""

    name = "boxes"

    def overlay(self, site: BaseGeometry, wanted: Wanted) -> list[Piece]:
        """The pieces of one site."""
        minx, miny, maxx, maxy = site.bounds
        shapely.prepare(site)
        found: list[Piece] = []
        for _feature, members in groupby(tiles_under((minx, miny, maxx, maxy), wanted), key=lambda row: row[0]):
            piece = cut(site, list(members), wanted.reach_m)
            if piece is not None:
                found.append(piece)
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


def cut(site: BaseGeometry, rows: Sequence[Row], reach_m: float) -> Piece | None:
    """The piece of one feature, of the rows of its tiles; None when it only lies near."""
    feature_id, layer_id, assessment_id, role, is_cut, _tile = rows[0]
    if is_cut and len(rows) >= MANY_TILES and WHOLES.contains(feature_id, site):
        return Piece(feature_id, layer_id, assessment_id, role, site)
    tiles = [shapely.from_wkb(row[5]) for row in rows]
    if tiles[0].geom_type in {"LineString", "MultiLineString"}:
        line = near(site, tiles, reach_m)
        return None if line is None else Piece(feature_id, layer_id, assessment_id, role, *line)
    part = part_of(site, tiles)
    return None if part.area <= TOUCH_M2 else Piece(feature_id, layer_id, assessment_id, role, part)
