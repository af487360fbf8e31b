"""Large features whole and prepared (整体预备几何), for sites that lie inside: one look instead of an overlay.

`prepare` belongs to one Python object and is lost by copying or reading again, so the object itself is kept: the few
large features that this process met more than once, within a limit of vertices (about 20 MB).
"""

from __future__ import annotations

import threading
from collections import OrderedDict

import shapely
from shapely.geometry.base import BaseGeometry

from regional_eval.engine.prefilter import whole_of

MOST_CORNERS = 300_000
# Loading and preparing costs as much as dozens of overlays with tiles.
WORTH_KEEPING_AFTER = 3
MOST_COUNTED = 1_000


class Wholes:
    """Prepared wholes by feature id; a feature never changes, so nothing is ever invalidated."""

    def __init__(self) -> None:
        self.kept: OrderedDict[int, BaseGeometry] = OrderedDict()
        self.met: OrderedDict[int, int] = OrderedDict()
        self.corners = 0
        self.lock = threading.Lock()

    def contains(self, feature_id: int, site: BaseGeometry) -> bool:
        """Is the site inside for sure? False also means: not known here, look at the tiles."""
        with self.lock:
            whole = self.kept.get(feature_id)
            if whole is not None:
                self.kept.move_to_end(feature_id)
            else:
                count = self.met[feature_id] = self.met.pop(feature_id, 0) + 1
                if len(self.met) > MOST_COUNTED:
                    self.met.popitem(last=False)
                if count < WORTH_KEEPING_AFTER:
                    return False
        if whole is None:
            whole = self.load(feature_id)
        return bool(shapely.covers(whole, site))

    def load(self, feature_id: int) -> BaseGeometry:
        """Fetch, prepare and keep; the least used go when there are too many vertices."""
        whole = shapely.from_wkb(whole_of(feature_id))
        shapely.prepare(whole)
        with self.lock:
            if feature_id not in self.kept:
                self.kept[feature_id] = whole
                self.corners += int(shapely.get_num_coordinates(whole))
                self.met.pop(feature_id, None)
            while self.corners > MOST_CORNERS and len(self.kept) > 1:
                _oldest, gone = self.kept.popitem(last=False)
                self.corners -= int(shapely.get_num_coordinates(gone))
        return whole


WHOLES = Wholes()
