"""What the engine is measured against: a tree in memory without any database, and PostGIS in the same server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from django.db import connection

from regional_eval.bench.land import EVERY, TODAY, Land
from regional_eval.engine.port import TOUCH_M2, SpatialIndex, Wanted
from regional_eval.engine.postgis import available
from regional_eval.engine.prefilter import JOINS, condition, parameters, rows_of
from regional_eval.geometry.covered import cover_of
from regional_eval.geometry.repair import polygons_only

WANTED = Wanted(on=TODAY, industry=EVERY, strict=True)


@dataclass(frozen=True)
class Found:
    """One check: hits, their area, is the site covered by the assessments in force, and what is left."""

    hits: int
    area_m2: float
    covered: bool
    left_m2: float


def found(site: Any, hits: Sequence[tuple[bool, Any]]) -> Found:
    """The answer of a check from (is an assessment, part of the site)."""
    cover = cover_of(site, [part for is_area, part in hits if is_area])
    return Found(len(hits), float(sum(part.area for _is_area, part in hits)), cover.covered, cover.remainder_m2)


def by_engine(index: SpatialIndex, site: Any) -> Found:
    """One check by an engine of the product."""
    return found(site, [(piece.assessment_id is not None, piece.part) for piece in index.overlay(site, WANTED)])


class Memory:
    """Every polygon of one process in one tree: nothing can be quicker, and nothing else fits in the process."""

    def __init__(self, land: Land) -> None:
        if land.shapes is None:
            raise ValueError("too many polygons to hold")
        self.shapes = land.shapes
        self.tree = shapely.STRtree(land.shapes)
        self.is_area = land.layer_of == 0
        self.usable = land.usable

    def check(self, site: Any) -> Found:
        """One check: the tree with its predicate, a plain loop over the hits."""
        hits = []
        for at in self.tree.query(site, predicate="intersects").tolist():
            if self.usable[at]:
                part = shapely.intersection(self.shapes[at], site)
                if part.area > TOUCH_M2:
                    hits.append((bool(self.is_area[at]), polygons_only(part)))
        return found(site, hits)


class Postgis:
    """PostGIS with a geometry column and its GiST index, the same filters in the same statement."""

    @staticmethod
    def is_there() -> bool:
        """Has this server PostGIS?"""
        return available()

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS postgis")
            cursor.execute(
                "CREATE TEMP TABLE bench_postgis ON COMMIT DROP AS SELECT f.id, f.id AS feature_id, f.layer_id, "
                "ST_GeomFromWKB(coalesce(f.plane, t.plane)) AS geom FROM regional_eval_feature f "
                "JOIN regional_eval_tile t ON t.id = f.id * 16"
            )
            cursor.execute("CREATE INDEX ON bench_postgis USING gist (geom)")
            cursor.execute("CREATE INDEX ON bench_postgis (id)")
            cursor.execute("ANALYZE bench_postgis")

    def check(self, site: Any) -> Found:
        """One check: it intersects and cuts in the database, which sends nothing where the site is taken whole."""
        sql = f"""
            SELECT f.assessment_id IS NOT NULL,
                CASE WHEN NOT ST_Covers(t.geom, s.site) THEN ST_AsBinary(ST_Intersection(t.geom, s.site)) END
            FROM (SELECT ST_GeomFromWKB(%(site)s) AS site OFFSET 0) s
            JOIN bench_postgis t ON ST_Intersects(t.geom, s.site)
            {JOINS}
            WHERE {condition(WANTED)}"""  # noqa: S608 - constants
        rows = rows_of(sql, parameters(WANTED, site.bounds) | {"site": shapely.to_wkb(site)})
        parts = [(is_area, site if data is None else polygons_only(shapely.from_wkb(data))) for is_area, data in rows]
        return found(site, [(is_area, part) for is_area, part in parts if part.area > TOUCH_M2])

    def batch(self, sites: Sequence[Any], layers: Sequence[Any]) -> tuple[int, float]:
        """Hits and area of many sites with the plan layers: one set join; the geometry stays in the database."""
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE bench_sites (geom geometry) ON COMMIT DROP")
            cursor.execute(
                "INSERT INTO bench_sites SELECT ST_GeomFromWKB(w) FROM unnest(%s::bytea[]) w",
                [[shapely.to_wkb(site) for site in sites]],
            )
            cursor.execute("ANALYZE bench_sites")
            cursor.execute(
                "SELECT count(*), sum(area) FROM (SELECT ST_Area(ST_Intersection(t.geom, s.geom)) AS area "
                "FROM bench_sites s JOIN bench_postgis t ON ST_Intersects(t.geom, s.geom) "
                "WHERE t.layer_id = ANY(%s)) AS each WHERE area > %s",
                [list(layers), TOUCH_M2],
            )
            hits, area = cursor.fetchone()
            cursor.execute("DROP TABLE bench_sites")
        return int(hits), float(area)


def same(ours: Sequence[Found], theirs: Sequence[Found]) -> bool:
    """Do two engines say the same of the same sites?"""
    return (
        [one.hits for one in ours] == [one.hits for one in theirs]
        and [one.covered for one in ours] == [one.covered for one in theirs]
        and bool(np.allclose([one.area_m2 for one in ours], [one.area_m2 for one in theirs], rtol=1e-6, atol=0.01))
        and bool(np.allclose([one.left_m2 for one in ours], [one.left_m2 for one in theirs], rtol=1e-6, atol=0.01))
    )
