"""Per-layer trees for batches (分层索引), kept by layer version: a version never changes, so a tree is only ever replaced.

Written for many sites at once: vectorised, one bulk query of the tree, one bulk overlay. A process keeps trees up to
a total of tiles; the least used go first. Trees are never pickled (rebuilding is a hundred times faster).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from regional_eval.engine.overlay import cut_meeting, cut_pairs
from regional_eval.engine.port import TOUCH_M2, Piece
from regional_eval.engine.prefilter import Row, tiles_of_layer, whole_of
from regional_eval.geometry.repair import polygons_only

LARGEST_TREE = 120_000
MOST_TILES = 240_000


class LayerTree:
    """The tiles of one layer version with their tree."""

    def __init__(self, layer_id: UUID) -> None:
        rows = list(tiles_of_layer(layer_id))
        self.layer_id = layer_id
        self.features = np.array([row[0] for row in rows], dtype=np.int64)
        self.about = {row[0]: (row[1], row[2]) for row in rows}
        self.is_cut = np.array([row[3] for row in rows], dtype=bool)
        self.tiles = shapely.from_wkb(np.array([row[4] for row in rows], dtype=object))
        self.tree = shapely.STRtree(self.tiles)
        self.wholes: dict[int, BaseGeometry] = {}

    def whole(self, feature_id: int) -> BaseGeometry:
        """A cut feature whole and prepared."""
        found = self.wholes.get(feature_id)
        if found is None:
            found = self.wholes[feature_id] = shapely.from_wkb(whole_of(feature_id))
            shapely.prepare(found)
        return found

    def join(self, sites: Sequence[BaseGeometry]) -> list[tuple[int, Piece]]:
        """Every piece of every site."""
        if not len(self.tiles):
            return []
        places = np.array(sites, dtype=object)
        left, right = self.tree.query(places, predicate="intersects")
        inside = self.inside(places, left, right)
        made = [
            (site, Piece(feature, self.layer_id, *self.about[feature], places[site]))
            for site, feature in sorted(inside)
        ]
        if inside:
            open_pairs = np.array(
                [(int(s), int(f)) not in inside for s, f in zip(left, self.features[right], strict=True)]
            )
            left, right = left[open_pairs], right[open_pairs]
        shapely.prepare(places)
        parts = cut_meeting(places[left], self.tiles[right])
        return made + self.pieces(left, self.features[right], parts)

    def inside(self, places: NDArray[Any], left: NDArray[Any], right: NDArray[Any]) -> set[tuple[int, int]]:
        """Pairs of a site and a cut feature that holds it whole: no overlay needed."""
        cut = self.is_cut[right]
        pairs = {(int(s), int(f)) for s, f in zip(left[cut], self.features[right[cut]], strict=True)}
        return {(s, f) for s, f in pairs if shapely.covers(self.whole(f), places[s])}

    def pieces(self, left: NDArray[Any], features: NDArray[Any], parts: NDArray[Any]) -> list[tuple[int, Piece]]:
        """One piece for each site and feature, of the parts of its tiles."""
        gathered = gather(left, features, parts)
        return [(site, Piece(feature, self.layer_id, *self.about[feature], part)) for (site, feature), part in gathered]


def gather(
    left: NDArray[Any], features: NDArray[Any], parts: NDArray[Any]
) -> list[tuple[tuple[int, int], BaseGeometry]]:
    """Parts of one site and one feature put together; what only touches is left out."""
    found: dict[tuple[int, int], list[BaseGeometry]] = {}
    real = shapely.area(parts) > TOUCH_M2
    for site, feature, part in zip(left[real].tolist(), features[real].tolist(), parts[real], strict=True):
        found.setdefault((site, feature), []).append(part)
    return [
        (pair, polygons_only(members[0] if len(members) == 1 else shapely.union_all(members)))
        for pair, members in found.items()
    ]


def join_cut(sites: Sequence[BaseGeometry], rows: Sequence[Row]) -> list[tuple[int, Piece]]:
    """The pieces of rows of `tiles_under_many`, whose positions begin at 1."""
    if not rows:
        return []
    places = np.array(sites, dtype=object)
    shapely.prepare(places)
    left = np.array([row[0] - 1 for row in rows], dtype=np.int64)
    features = np.array([row[1] for row in rows], dtype=np.int64)
    about = {row[1]: (row[2], row[3], row[4]) for row in rows}
    tiles = shapely.from_wkb(np.array([row[5] for row in rows], dtype=object))
    parts = cut_pairs(places[left], tiles)
    return [(site, Piece(feature, *about[feature], part)) for (site, feature), part in gather(left, features, parts)]


class Trees:
    """The trees of this process."""

    def __init__(self) -> None:
        self.kept: OrderedDict[UUID, LayerTree] = OrderedDict()
        self.lock = threading.Lock()

    def __contains__(self, layer_id: UUID) -> bool:
        return layer_id in self.kept

    def get(self, layer_id: UUID) -> LayerTree:
        """The tree of a version, built when it is not there."""
        with self.lock:
            found = self.kept.get(layer_id)
            if found is not None:
                self.kept.move_to_end(layer_id)
                return found
        made = LayerTree(layer_id)
        with self.lock:
            self.kept[layer_id] = made
            while sum(len(tree.tiles) for tree in self.kept.values()) > MOST_TILES and len(self.kept) > 1:
                self.kept.popitem(last=False)
        return made


TREES = Trees()


def tree_of(layer_id: UUID) -> LayerTree:
    """The tree of a version."""
    return TREES.get(layer_id)
