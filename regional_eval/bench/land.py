"""Land to measure on (测试用地): 13 layers clustered round towns, as dense as a province, made from a seed.

The polygons lie in temporary tables that shadow the product's own (`pg_temp` comes first in the search path), so the
engines run on them unchanged, and all is gone when the transaction is taken back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
import psycopg
import shapely
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction
from numpy.typing import NDArray
from psycopg.types.json import Jsonb

from regional_eval.domain import plan_layers
from regional_eval.geometry.tiles import MOST_CORNERS, tiles_of
from regional_eval.models import Assessment, Feature, LayerVersion, Tile

TODAY = date(2026, 6, 10)
ASSESSMENT_SHARE = 0.02
PLAN_KINDS = [code for code, layer in plan_layers().items() if layer["geometry"] == "MultiPolygon"][:12]
MOST_HELD = 100_000
KM2_PER_POLYGON = 0.185
CHUNK = 20_000
INDUSTRIES = ("C", "D", "I")
EVERY = "C39"


class Undo(Exception):
    """Take everything back."""


@dataclass(frozen=True)
class Land:
    """What lies in the tables, and the means to make sites on it."""

    polygons: int
    width_m: float
    towns: NDArray[np.float64]
    plans: list[UUID]
    layers: list[UUID]
    # Position of each polygon's layer in `layers`, valid on the day and for the industry: what a peer needs to filter.
    layer_of: NDArray[np.int64]
    usable: NDArray[np.bool_]
    # The polygons themselves, for a peer that holds them in memory; None where they would be too many.
    shapes: NDArray[Any] | None


def polygons(chance: np.random.Generator, centres: NDArray[Any], radii: NDArray[Any]) -> NDArray[Any]:
    """Stars with smooth random borders, 20 to 500 vertices (mean about 74): never invalid."""
    counts = np.clip(chance.lognormal(4.1, 0.62, len(radii)), 20, 500).astype(int)
    owner = np.repeat(np.arange(len(radii)), counts + 1)
    starts = np.concatenate([[0], np.cumsum(counts + 1)])
    step = np.arange(len(owner)) - starts[:-1][owner]
    angle = 2 * np.pi * step / counts[owner]
    radius = np.ones(len(owner))
    for wave in (2, 3, 5, 8, 13):
        size, turn = chance.normal(0, 0.14, len(radii)), chance.uniform(0, 7, len(radii))
        radius += size[owner] * np.cos(wave * angle + turn[owner]) / np.sqrt(wave)
    radius = np.clip(radius, 0.2, 2.5) * radii[owner]
    corners = np.column_stack([centres[owner, 0] + radius * np.cos(angle), centres[owner, 1] + radius * np.sin(angle)])
    corners[starts[1:] - 1] = corners[starts[:-1]]
    rings = shapely.linearrings(corners, indices=owner)
    made: NDArray[Any] = shapely.polygons(rings)
    return made


def places(chance: np.random.Generator, count: int, towns: NDArray[Any], width: float) -> NDArray[Any]:
    """Round towns, half of them; the others anywhere."""
    near = towns[chance.integers(0, len(towns), count)] + chance.normal(0, 6000, (count, 2))
    anywhere = chance.uniform(0, width, (count, 2))
    chosen: NDArray[Any] = np.where(chance.random((count, 1)) < 0.5, near, anywhere)
    return chosen


def sites(land: Land, count: int, seed: int) -> list[Any]:
    """Sites of 1 to 110 ha where the polygons are."""
    chance = np.random.default_rng(seed)
    radii = np.sqrt(np.exp(chance.uniform(np.log(1e4), np.log(1.1e6), count)) / np.pi)
    return list(polygons(chance, places(chance, count, land.towns, land.width_m), radii))


@contextmanager
def stored_land(count: int, say: Callable[[str], None]) -> Iterator[Land]:
    """Temporary tables with this many polygons; the transaction is taken back at the end."""
    if connection.vendor != "postgresql":
        raise CommandError("bench spatial needs PostgreSQL")
    with suppress(DatabaseError), connection.cursor() as cursor:
        cursor.execute("SET temp_buffers = '2500MB'")
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                shadow(cursor)
            land = fill(count, say)
            with connection.cursor() as cursor:
                index(cursor)
            yield land
            raise Undo
    except Undo:
        pass


def shadow(cursor: Any) -> None:
    """Empty twins of the tables, with what the database computes in them."""
    for model in (LayerVersion, Assessment, Feature, Tile):
        table = model._meta.db_table
        cursor.execute(
            f'CREATE TEMP TABLE "{table}" (LIKE public."{table}" INCLUDING DEFAULTS INCLUDING GENERATED) ON COMMIT DROP'
        )


def index(cursor: Any) -> None:
    """The product's own indexes on the twins, made after the rows."""
    for model in (LayerVersion, Assessment, Feature, Tile):
        table = model._meta.db_table
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = %s "
            "AND indexname NOT LIKE '%%sha256%%'",
            [table],
        )
        for (text,) in cursor.fetchall():
            cursor.execute(text.replace(f"ON public.{table}", f'ON pg_temp."{table}"'))
        cursor.execute(f'ANALYZE pg_temp."{table}"')


def fill(count: int, say: Callable[[str], None]) -> Land:
    """Layers, assessments, polygons and tiles by binary COPY, in pieces that fit in memory."""
    chance = np.random.default_rng(20261122)
    width = float(np.sqrt(count * KM2_PER_POLYGON)) * 1000
    towns = chance.uniform(0, width, (max(3, count // 2000), 2))
    layers = [UUID(int=number) for number in range(1, len(PLAN_KINDS) + 2)]
    is_area = chance.random(count) < ASSESSMENT_SHARE
    layer_of = np.where(is_area, 0, chance.integers(1, len(layers), count))
    # One assessment in ten is over, one in three asks for an industry that is another.
    over, other = chance.random(count) < 0.1, chance.random(count) < 0.33
    usable = ~is_area | ~(over | other)
    areas = [UUID(int=2**64 + number) if is_area[number] else None for number in range(count)]
    with connection.cursor() as cursor:
        write_terms(cursor, layers, areas, over, other)
    held: list[NDArray[Any]] = []
    for start in range(0, count, CHUNK):
        part = slice(start, min(start + CHUNK, count))
        size = part.stop - part.start
        radii = np.where(is_area[part], chance.uniform(900, 4500, size), chance.uniform(50, 900, size))
        made = polygons(chance, places(chance, size, towns, width), radii)
        write_land(start, made, [layers[number] for number in layer_of[part]], areas[part])
        if count <= MOST_HELD:
            held.append(made)
        if start and start % 200_000 == 0:
            say(f"  {start:,} polygons")
    return Land(count, width, towns, layers[1:], layers, layer_of, usable, np.concatenate(held) if held else None)


def write_terms(
    cursor: Any, layers: list[UUID], areas: list[UUID | None], over: NDArray[Any], other: NDArray[Any]
) -> None:
    """The 13 versions and the assessments with their terms."""
    for number, layer in enumerate(layers):
        cursor.execute(
            "INSERT INTO regional_eval_layerversion (id, purpose, kind, code, version, state, effective_from, "
            "owner_department_code, severity, attributes, crs_epsg, repairs, rejections, source_id, features, sha256, "
            "minx, miny, maxx, maxy, drafted_at) VALUES (%s, %s, %s, %s, '1', 'published', '2025-01-01', '', '', '{}', "
            "4490, '[]', '[]', %s, 0, '', 0, 0, 0, 0, now())",
            [layer, "plan" if number else "assessment", PLAN_KINDS[number - 1] if number else "GEO_HAZARD",
             f"layer {number}", layer],
        )  # fmt: skip
    rows = [
        (area, layers[0], date(2025, 12, 31) if over[number] else date(2028, 12, 31),
         json.dumps(["A01"] if other[number] else list(INDUSTRIES)))
        for number, area in enumerate(areas) if area is not None
    ]  # fmt: skip
    cursor.executemany(
        "INSERT INTO regional_eval_assessment (id, layer_id, region_id, kind, number, holder, report_document, "
        "expert_opinion, approval_document_no, valid_from, valid_to, plan_version, parameter_limits, industries, "
        "negative_list, exceptions, effect, not_needed, state, revoked_reason) SELECT a, l, l, 'GEO_HAZARD', '', '', '', "
        "'', '', '2025-01-01', d, '', '[]', i::jsonb, '[]', '[]', 'EXEMPT', false, 'published', '' "
        "FROM (VALUES (%s::uuid, %s::uuid, %s::date, %s)) AS given(a, l, d, i)",
        rows,
    )


def write_land(start: int, made: NDArray[Any], layers: list[UUID], areas: list[UUID | None]) -> None:
    """Features and tiles of one piece; the number of a polygon is its feature's id."""
    raw = connection.connection
    wkb = shapely.to_wkb(made)
    counts = shapely.get_num_coordinates(made)
    boxes = shapely.bounds(made).tolist()
    with psycopg.Cursor(raw) as cursor:
        names = "id, layer_id, assessment_id, index, role, attributes, lonlat, plane, area_m2, sha256"
        with cursor.copy(f"COPY regional_eval_feature ({names}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["int8", "uuid", "uuid", "int4", "text", "jsonb", "bytea", "bytea", "float8", "text"])
            for at, data in enumerate(wkb):
                whole = data if counts[at] > MOST_CORNERS else None
                copy.write_row(
                    (
                        start + at,
                        layers[at],
                        areas[at],
                        start + at,
                        "area",
                        Jsonb({}),
                        b"",
                        whole,
                        0.0,
                        "",
                    )
                )
        names = "id, feature_id, layer_id, plane, minx, miny, maxx, maxy"
        with cursor.copy(f"COPY regional_eval_tile ({names}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["int8", "int8", "uuid", "bytea", "float8", "float8", "float8", "float8"])
            for at, data in enumerate(wkb):
                number = start + at
                if counts[at] <= MOST_CORNERS:
                    copy.write_row((number * 16, number, layers[at], data, *boxes[at]))
                    continue
                for no, tile in enumerate(tiles_of(made[at])):
                    copy.write_row((number * 16 + no, number, layers[at], shapely.to_wkb(tile), *tile.bounds))
