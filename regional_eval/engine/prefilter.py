"""The SQL of the prefilter: box against box by GiST, with date, kind and industry in the same statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection
from psycopg.rows import tuple_row

from regional_eval.engine.port import Wanted

# PostgreSQL takes every box search for half a percent of the table and would hash whole tables to join it with; LIMIT in
# a lateral look-up keeps it to one index look-up a tile (45 ms against 0.5 ms at 100,000 polygons).
JOINS = """
CROSS JOIN LATERAL (
    SELECT id, role, assessment_id, plane IS NOT NULL AS cut FROM regional_eval_feature WHERE id = t.feature_id LIMIT 1) f
CROSS JOIN LATERAL (
    SELECT purpose, kind, state, effective_from, effective_to, district_id
    FROM regional_eval_layerversion WHERE id = t.layer_id LIMIT 1) l
LEFT JOIN LATERAL (
    SELECT kind, state, valid_from, valid_to, industries
    FROM regional_eval_assessment WHERE id = f.assessment_id LIMIT 1) a ON true
"""
FROM = f"FROM regional_eval_tile t {JOINS}"
# A plan in force on the day, also one that was superseded since; or one that ran out without a successor, which is said.
PLAN = """(l.purpose = 'plan' AND l.effective_from <= %(on)s AND (
    l.state IN ('published', 'expired')
    OR l.state = 'superseded' AND l.effective_to IS NOT NULL AND l.effective_to >= %(on)s))"""
# Every assessment that was ever in force and was not replaced: the answer says why it does not count.
ASSESSMENT = """(l.purpose = 'assessment' AND l.state IN ('published', 'expired', 'revoked')
    AND a.state IN ('published', 'expired', 'revoked'))"""
STRICT_PLAN = """(l.purpose = 'plan' AND l.effective_from <= %(on)s AND (l.effective_to IS NULL OR l.effective_to >= %(on)s)
    AND l.state = 'published')"""
STRICT_ASSESSMENT = """(l.purpose = 'assessment' AND l.state = 'published' AND a.state = 'published'
    AND a.valid_from <= %(on)s AND (a.valid_to IS NULL OR a.valid_to >= %(on)s)
    AND (a.industries = '[]' OR %(industry)s = '' OR EXISTS (
        SELECT 1 FROM jsonb_array_elements_text(a.industries) AS one
        WHERE starts_with(%(industry)s, one) OR starts_with(one, %(industry)s))))"""
COLUMNS = "f.id, t.layer_id, f.assessment_id, f.role, f.cut"

Row = tuple[Any, ...]


def condition(wanted: Wanted) -> str:
    """The WHERE clause without the box."""
    parts = []
    if "plan" in wanted.purposes:
        parts.append(STRICT_PLAN if wanted.strict else PLAN)
    if "assessment" in wanted.purposes:
        parts.append(STRICT_ASSESSMENT if wanted.strict else ASSESSMENT)
    clauses = [f"({' OR '.join(parts)})"]
    if wanted.district_id is not None:
        clauses.append("(l.district_id IS NULL OR l.district_id = %(district)s)")
    if wanted.kinds:
        clauses.append("coalesce(a.kind, l.kind) = ANY(%(kinds)s)")
    return " AND ".join(clauses)


def parameters(wanted: Wanted, bounds: tuple[float, float, float, float]) -> dict[str, Any]:
    """The values of the placeholders."""
    reach = wanted.reach_m
    return {
        "minx": bounds[0] - reach, "miny": bounds[1] - reach, "maxx": bounds[2] + reach, "maxy": bounds[3] + reach,
        "on": wanted.on, "district": wanted.district_id, "kinds": list(wanted.kinds), "industry": wanted.industry,
    }  # fmt: skip


def tiles_under(bounds: tuple[float, float, float, float], wanted: Wanted) -> list[Row]:
    """(feature, layer, assessment, role, is cut, WKB of the tile) of every tile whose box meets the site's."""
    box = "t.ground && box(point(%(minx)s, %(miny)s), point(%(maxx)s, %(maxy)s))"
    sql = f"SELECT {COLUMNS}, t.plane {FROM} WHERE {box} AND {condition(wanted)} ORDER BY f.id"
    return rows_of(sql, parameters(wanted, bounds))


def rows_of(sql: str, values: dict[str, Any] | Sequence[Any]) -> list[Row]:
    """Run a prepared statement with binary results: bytea is then copied, not decoded from text."""
    connection.ensure_connection()
    raw = connection.connection
    if raw.prepare_threshold is None:
        # Django turns preparing off for poolers that hand a session to many; here planning would cost more than the search.
        raw.prepare_threshold = 1
    with psycopg.Cursor(raw, row_factory=tuple_row) as cursor:
        cursor.execute(sql, values, prepare=True, binary=True)
        return cursor.fetchall()


def whole_of(feature_id: int) -> bytes:
    """The WKB of a whole feature that is cut into tiles."""
    ((data,),) = rows_of("SELECT plane FROM regional_eval_feature WHERE id = %s", [feature_id])
    return bytes(data)


def tiles_of_layer(layer_id: UUID) -> Iterable[Row]:
    """(feature, assessment, role, is cut, WKB) of every tile of a layer version."""
    return rows_of(
        "SELECT f.id, f.assessment_id, f.role, f.plane IS NOT NULL, t.plane FROM regional_eval_tile t "
        "JOIN regional_eval_feature f ON f.id = t.feature_id WHERE t.layer_id = %s ORDER BY f.id",
        [layer_id],
    )


def count_tiles(layers: Sequence[UUID]) -> dict[UUID, int]:
    """Tiles of each layer version."""
    found = rows_of(
        "SELECT layer_id, count(*) FROM regional_eval_tile WHERE layer_id = ANY(%s) GROUP BY layer_id", [list(layers)]
    )
    return {layer: int(count) for layer, count in found}


def tiles_under_many(boxes: Sequence[tuple[float, float, float, float]], layers: Sequence[UUID]) -> list[Row]:
    """(position, feature, layer, assessment, role, WKB) for many boxes at once, in no order."""
    columns = list(zip(*boxes, strict=True))
    sql = (
        "SELECT s.no, t.feature_id, t.layer_id, f.assessment_id, f.role, t.plane "
        "FROM unnest(%s::float8[], %s::float8[], %s::float8[], %s::float8[]) "
        "WITH ORDINALITY AS s(minx, miny, maxx, maxy, no) "
        "CROSS JOIN LATERAL (SELECT feature_id, layer_id, plane FROM regional_eval_tile "
        "WHERE ground && box(point(s.minx, s.miny), point(s.maxx, s.maxy)) OFFSET 0) t "
        "CROSS JOIN LATERAL (SELECT assessment_id, role FROM regional_eval_feature WHERE id = t.feature_id LIMIT 1) f "
        # Outside, or the planner takes the layers' index instead of the box: minutes at a million polygons.
        "WHERE t.layer_id = ANY(%s)"
    )
    return rows_of(sql, [*(list(column) for column in columns), list(layers)])
