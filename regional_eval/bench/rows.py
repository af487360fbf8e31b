"""The rows of `manage.py bench spatial`: one check, a batch, one huge polygon, memory; against memory and PostGIS."""

from __future__ import annotations

import gc
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from regional_eval.bench.land import TODAY, Land, sites, stored_land
from regional_eval.bench.peers import Found, Memory, Postgis, by_engine, same
from regional_eval.engine.boxes import BoxIndex
from regional_eval.engine.overlay import part_of
from regional_eval.engine.port import Wanted
from regional_eval.engine.trees import TREES
from regional_eval.geometry.tiles import tiles_of

# Of one check, ours against a tree in memory: at most twice its time.
MEMORY_GOAL = 0.5
POSTGIS_GOAL = 1.0
INSIDE_GOAL = 100.0
EDGE_GOAL = 10.0
GROWTH_GOAL_MB = 50.0
HUGE_CORNERS = 44_286
HUGE_SITES = 150
WARM = 20
RECHECKED = 2_000

Row = dict[str, Any]


@dataclass(frozen=True)
class Size:
    """How much is measured: polygons, and sites of single checks and of the batch (0: none)."""

    polygons: int
    checks: int
    batch: int


QUICK = [Size(1_000, 200, 0), Size(100_000, 300, 2_000)]
FULL = [Size(1_000, 1_000, 0), Size(100_000, 2_000, 10_000)]
LARGE = Size(1_000_000, 1_000, 10_000)


def rows(*, quick: bool, say: Callable[[str], None], large: bool = False, peers: bool = False) -> list[Row]:
    """Measure and return the rows; `say` hears what is going on. The database is read and left as it was."""
    made = huge_rows(say)
    for size in [*(QUICK if quick else FULL), *([LARGE] if large else [])]:
        say(f"laying out {size.polygons:,} polygons")
        with stored_land(size.polygons, say) as land:
            made += land_rows(land, size, say, peers=peers)
    return made


def row(
    name: str, ours: float, *, unit: str, goal: float | None, met: bool | None, peer: float | None = None, **more: Any
) -> Row:
    """One row; the ratio says how many times faster ours is."""
    ratio = round(peer / ours, 2) if peer is not None and ours else None
    return {"name": name, "ours": round(ours, 4), "peer": None if peer is None else round(peer, 4), "ratio": ratio,
            "unit": unit, "goal": goal, "met": met, **more}  # fmt: skip


def absent(name: str, ours: float, unit: str, goal: float) -> Row:
    """A row whose peer is not here: said, and not passed."""
    note = "peer absent: this PostgreSQL has no PostGIS (pg_available_extensions)"
    return row(name, ours, unit=unit, goal=goal, met=False, note=note)


# One check, a batch, memory


def land_rows(land: Land, size: Size, say: Callable[[str], None], *, peers: bool) -> list[Row]:
    """Every row of one amount of land."""
    index = BoxIndex()
    asked = sites(land, size.checks + WARM, seed=11)
    named = f"{land.polygons:,} polygons"
    for site in asked[:WARM]:
        by_engine(index, site)
    say("one check")
    grown, spent = growth(index, asked[WARM:])
    p50, p99 = percentiles(spent)
    made = [row(f"memory grown by {size.checks:,} checks at {named}", grown, unit="MB", goal=GROWTH_GOAL_MB,
                met=grown < GROWTH_GOAL_MB)]  # fmt: skip
    if land.shapes is not None:
        made.append(against_memory(index, land, asked[WARM:], named))
    else:
        made.append(row(f"one check, p50 at {named}", p50, unit="ms", goal=None, met=None, p99=round(p99, 3)))
    if size.batch:
        say(f"{size.batch:,} sites at once")
        batch_sites = sites(land, size.batch, seed=12)
        begun = time.perf_counter()
        pairs = index.join(batch_sites, land.plans)
        batch_s = time.perf_counter() - begun
        total = (len(pairs), float(sum(piece.area_m2 for _site, piece in pairs)))
        del pairs
        made.append(recheck_row(index, land, batch_sites[:RECHECKED], named))
    if not peers:
        if size.batch:
            made.append(row(f"batch of {size.batch:,} sites at {named}", batch_s, unit="s", goal=None, met=None))
        return made
    if not Postgis.is_there():
        if size.batch:
            made.append(absent(f"one check against PostGIS, p50 at {named}", p50, "ms", POSTGIS_GOAL))
            made.append(absent(f"batch of {size.batch:,} sites against PostGIS at {named}", batch_s, "s", POSTGIS_GOAL))
        return made
    say("PostGIS")
    peer = Postgis()
    for site in asked[:WARM]:
        peer.check(site)
    _ours, our_time, _theirs, their_time = in_turns(index, peer.check, asked[WARM:], "PostGIS")
    (p50, p99), (peer50, peer99) = percentiles(our_time), percentiles(their_time)
    made.append(
        row(f"one check against PostGIS, p50 at {named}", p50, unit="ms", peer=peer50,
            goal=POSTGIS_GOAL if size.batch else None, met=peer50 / p50 >= POSTGIS_GOAL if size.batch else None,
            p99=round(p99, 3), peer_p99=round(peer99, 3), note="same answers")
    )  # fmt: skip
    if size.batch:
        begun = time.perf_counter()
        hits, area = peer.batch(batch_sites, land.plans)
        peer_s = time.perf_counter() - begun
        if hits != total[0] or not np.isclose(area, total[1], rtol=1e-6):
            raise RuntimeError(f"the batches disagree: {total} and {(hits, area)}")
        made.append(
            row(f"batch of {size.batch:,} sites against PostGIS at {named}", batch_s, unit="s", peer=peer_s,
                goal=POSTGIS_GOAL, met=peer_s / batch_s >= POSTGIS_GOAL, note=f"{hits:,} hits, same area; ours cold")
        )  # fmt: skip
    return made


def recheck_row(index: BoxIndex, land: Land, asked: Sequence[Any], named: str) -> Row:
    """What follows a publication: the sites it touches against every plan layer, together and one by one."""
    TREES.kept.clear()
    begun = time.perf_counter()
    pairs = index.join(asked, land.plans)
    together_s = time.perf_counter() - begun
    wanted = Wanted(on=TODAY, purposes=("plan",))
    begun = time.perf_counter()
    pieces = sum(len(index.overlay(site, wanted)) for site in asked)
    alone_s = time.perf_counter() - begun
    if pieces != len(pairs):
        raise RuntimeError(f"together {len(pairs)} pieces, one by one {pieces}")
    return row(f"re-check of {len(asked):,} sites at {named}, together against one by one", together_s, unit="s",
               peer=alone_s, goal=None, met=None, note=f"{pieces:,} hits; nothing kept from before")  # fmt: skip


def measured(check: Callable[[Any], Found], asked: Sequence[Any]) -> tuple[list[Found], list[float]]:
    """Answers, and milliseconds of each."""
    answers, spent = [], []
    for site in asked:
        begun = time.perf_counter()
        answers.append(check(site))
        spent.append((time.perf_counter() - begun) * 1000)
    return answers, spent


def percentiles(spent: Sequence[float]) -> tuple[float, float]:
    """p50 and p99."""
    return float(np.percentile(spent, 50)), float(np.percentile(spent, 99))


def against_memory(index: BoxIndex, land: Land, asked: Sequence[Any], named: str) -> Row:
    """One check against the tree in memory."""
    ours, our_time, _theirs, their_time = in_turns(index, Memory(land).check, asked, "the tree in memory")
    (p50, p99), (peer50, peer99) = percentiles(our_time), percentiles(their_time)
    large = land.polygons >= 100_000
    return row(f"one check against a tree in memory, p50 at {named}", p50, unit="ms", peer=peer50,
               goal=MEMORY_GOAL if large else None, met=peer50 / p50 >= MEMORY_GOAL if large else None,
               p99=round(p99, 3), peer_p99=round(peer99, 3), hits=sum(one.hits for one in ours),
               covered=sum(one.covered for one in ours), note="same answers")  # fmt: skip


def in_turns(
    index: BoxIndex, peer: Callable[[Any], Found], asked: Sequence[Any], who: str
) -> tuple[list[Found], list[float], list[Found], list[float]]:
    """Ours and a peer's answers and times, site by site in turns: other work on the machine then meets both."""
    ours: list[Found] = []
    theirs: list[Found] = []
    our_time: list[float] = []
    their_time: list[float] = []
    for site in asked:
        answers, spent = measured(lambda one: by_engine(index, one), [site])
        ours += answers
        our_time += spent
        answers, spent = measured(peer, [site])
        theirs += answers
        their_time += spent
    must_agree(ours, theirs, who)
    return ours, our_time, theirs, their_time


def must_agree(ours: Sequence[Found], theirs: Sequence[Found], who: str) -> None:
    """A figure for two different answers would mean nothing."""
    if not same(ours, theirs):
        raise RuntimeError(f"the engine and {who} disagree")


def growth(index: BoxIndex, asked: Sequence[Any]) -> tuple[float, list[float]]:
    """Megabytes by which this process grew during the checks, and the time of each."""
    gc.collect()
    before = resident_mb()
    _answers, spent = measured(lambda site: by_engine(index, site), asked)
    gc.collect()
    return max(0.0, resident_mb() - before), spent


def resident_mb() -> float:
    """Resident memory of this process."""
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text(encoding="ascii").split()[1]) * resource.getpagesize() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# One huge polygon


def huge_rows(say: Callable[[str], None]) -> list[Row]:
    """A province's outline of 44,286 vertices: sites inside by the prepared whole, at its edge by tiles."""
    say(f"one polygon of {HUGE_CORNERS:,} vertices")
    chance = np.random.default_rng(5)
    outline = rough_outline(chance)
    tiles = np.array(tiles_of(outline), dtype=object)
    tree = shapely.STRtree(tiles)
    shapely.prepare(outline)
    border, middle = outline.exterior, outline.representative_point()
    inside: list[Any] = []
    edge: list[Any] = []
    while len(edge) < HUGE_SITES:
        spot = border.interpolate(chance.uniform(0, border.length))
        half = chance.uniform(100, 500)
        edge.append(shapely.box(spot.x - half, spot.y - half, spot.x + half, spot.y + half))
        away = chance.uniform(0.3, 0.8)
        x, y = middle.x + (spot.x - middle.x) * away, middle.y + (spot.y - middle.y) * away
        site = shapely.box(x - half, y - half, x + half, y + half)
        if outline.contains(site):
            inside.append(site)
    plain = shapely.from_wkb(shapely.to_wkb(outline))  # not prepared: the intersection as one would write it

    def direct(site: Any) -> float:
        return float(shapely.intersection(site, plain).area)

    def by_whole(site: Any) -> float:
        return float(site.area) if shapely.covers(outline, site) else direct(site)

    def by_tiles(site: Any) -> float:
        shapely.prepare(site)
        return float(part_of(site, tiles[tree.query(site)]).area)

    made = []
    for name, group, ours, goal in (
        ("inside", inside, by_whole, INSIDE_GOAL),
        ("at the edge", edge, by_tiles, EDGE_GOAL),
    ):
        quick, slow = mean_ms(ours, group), mean_ms(direct, group)
        if not np.allclose(quick[1], slow[1], rtol=1e-9, atol=1e-4):
            raise RuntimeError(f"{name}: the areas differ")
        made.append(
            row(f"polygon of {HUGE_CORNERS:,} vertices, site {name}", quick[0], unit="ms", peer=slow[0], goal=goal,
                met=slow[0] / quick[0] >= goal, note=f"peer: the direct intersection; {len(tiles)} tiles; same areas")
        )  # fmt: skip
    return made


def mean_ms(work: Callable[[Any], float], group: Sequence[Any]) -> tuple[float, list[float]]:
    """Mean milliseconds, the best of three rounds, and what came out."""
    best, out = float("inf"), []
    for _round in range(3):
        begun = time.perf_counter()
        out = [work(site) for site in group]
        best = min(best, (time.perf_counter() - begun) / len(group) * 1000)
    return best, out


def rough_outline(chance: np.random.Generator) -> Any:
    """A star of a province's size with a border as rough as a real one at every scale."""
    angle = np.linspace(0, 2 * np.pi, HUGE_CORNERS - 1, endpoint=False)
    radius = np.full(len(angle), 1.0)
    for wave in np.unique(np.geomspace(2, 9000, 40).astype(int)):
        radius += 0.25 * chance.normal() / wave**0.9 * np.cos(wave * angle + chance.uniform(0, 7))
    radius = np.clip(radius, 0.3, 3) * 240_000
    return shapely.Polygon(np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]))
