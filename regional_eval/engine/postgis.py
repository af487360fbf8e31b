"""The PostGIS engine behind the same port: the database cuts, only pieces travel.

Worth it beyond some five million polygons, where candidates are many megabytes a check, or where several services share
the land (design/spatial.md section 0.4). It needs the extension and one expression index, both made by `prepare`.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import shapely
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from shapely.geometry.base import BaseGeometry

from regional_eval.engine.port import TOUCH_M2, Piece, Wanted
from regional_eval.engine.prefilter import JOINS, condition, parameters, rows_of
from regional_eval.geometry.repair import flat, polygons_only

INDEX = "tile_plane_gist"
# What a site takes of a feature, put together from its tiles; a site inside a tile is not cut.
PART = "ST_AsBinary(ST_Union(CASE WHEN ST_Covers(g.tile, g.site) THEN g.site ELSE ST_Intersection(g.tile, g.site) END))"


def available() -> bool:
    """Can this database have PostGIS?"""
    return bool(rows_of("SELECT 1 FROM pg_available_extensions WHERE name = 'postgis'", []))


def is_prepared() -> bool:
    """Are the extension and the index there?"""
    found = rows_of(
        "SELECT (SELECT count(*) FROM pg_extension WHERE extname = 'postgis'), "
        "(SELECT count(*) FROM pg_class WHERE relname = %s)",
        [INDEX],
    )
    return found[0] == (1, 1)


def prepare() -> None:
    """Make extension and index. Raises ImproperlyConfigured where the database has no PostGIS."""
    if not available():
        raise ImproperlyConfigured("LIANSHEN_SPATIAL_ENGINE=postgis, but this PostgreSQL has no PostGIS to install")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # rows that wait for their foreign keys would bar the index
        cursor.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        cursor.execute(f"CREATE INDEX IF NOT EXISTS {INDEX} ON regional_eval_tile USING gist (ST_GeomFromWKB(plane))")
        cursor.execute("ANALYZE regional_eval_tile")


class PostgisIndex:
    """PostGIS."""

    name = "postgis"
    is_ready = False

    def make_ready(self) -> None:
        """Look once in a process whether extension and index are there, and make them where they are not."""
        if not self.is_ready:
            if not is_prepared():
                prepare()
            self.is_ready = True

    def overlay(self, site: BaseGeometry, wanted: Wanted) -> list[Piece]:
        """The pieces of one site. Lines come with their distance."""
        self.make_ready()
        values = parameters(wanted, (0, 0, 0, 0)) | {"site": shapely.to_wkb(site), "reach": wanted.reach_m}
        sql = f"""
            WITH one AS MATERIALIZED (SELECT ST_GeomFromWKB(%(site)s) AS site), g AS (
                SELECT f.id, t.layer_id, f.assessment_id, f.role, ST_GeomFromWKB(t.plane) AS tile, one.site
                FROM one JOIN regional_eval_tile t ON ST_DWithin(ST_GeomFromWKB(t.plane), one.site, %(reach)s) {JOINS}
                WHERE {condition(wanted)})
            SELECT g.id, g.layer_id, g.assessment_id, g.role, {PART}, min(ST_Distance(g.tile, g.site)),
                ST_AsBinary(ST_Collect(g.tile) FILTER (WHERE ST_Dimension(g.tile) = 1))
            FROM g GROUP BY 1, 2, 3, 4 ORDER BY 1"""  # noqa: S608 - constants
        found = []
        for feature, layer, assessment, role, part, distance, lines in rows_of(sql, values):
            shape = shapely.from_wkb(part)
            if lines is not None:
                nearest = shape if distance == 0 else nearest_line(site, shapely.from_wkb(lines))
                found.append(Piece(feature, layer, assessment, role, nearest, distance))
            elif shape.area > TOUCH_M2:
                found.append(Piece(feature, layer, assessment, role, polygons_only(shape)))
        return found

    def join(self, sites: Sequence[BaseGeometry], layers: Sequence[UUID]) -> list[tuple[int, Piece]]:
        """The pieces of many sites with some layer versions, in one statement."""
        self.make_ready()
        sql = f"""
            WITH g AS (
                SELECT s.no, f.id, f.layer_id, f.assessment_id, f.role, ST_GeomFromWKB(t.plane) AS tile, s.site
                FROM (SELECT ordinality AS no, ST_GeomFromWKB(wkb) AS site
                      FROM unnest(%s::bytea[]) WITH ORDINALITY AS given(wkb)) AS s
                JOIN regional_eval_tile t ON ST_Intersects(ST_GeomFromWKB(t.plane), s.site)
                JOIN regional_eval_feature f ON f.id = t.feature_id
                WHERE t.layer_id = ANY(%s))
            SELECT g.no - 1, g.id, g.layer_id, g.assessment_id, g.role, {PART}
            FROM g GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2"""  # noqa: S608 - constants
        rows = rows_of(sql, [[shapely.to_wkb(site) for site in sites], list(layers)])
        made = []
        for position, feature, layer, assessment, role, part in rows:
            shape = polygons_only(shapely.from_wkb(part))
            if shape.area > TOUCH_M2:
                made.append((int(position), Piece(feature, layer, assessment, role, shape)))
        return made


def nearest_line(site: BaseGeometry, lines: BaseGeometry) -> BaseGeometry:
    """Of several the one nearest to the site."""
    return min(flat(lines), key=lambda line: float(shapely.distance(site, line)))
