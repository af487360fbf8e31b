"""The rows of `manage.py bench drawings` (drawings.md section 6): each against its peer in the same run, in turns.

Times are processor seconds of the whole process where both sides are processes (other work on the machine then counts for neither), and
seconds on the clock where a person waits. A peer that is not here is said and the row is not passed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from drawings.bench.browser import browser_rows
from drawings.bench.pages import tile_row
from drawings.bench.plan import plan
from drawings.bench.responsive import responsive_row
from drawings.bench.row import Row, row
from drawings.cad import sandbox
from drawings.cad.compare import compare
from drawings.cad.contents import read_entities
from drawings.cad.dxf_columns import hex_numbers
from drawings.cad.dxf_scan import scan
from drawings.cad.tables import read_table

INGEST_GOAL = 4.0
MEMORY_GOAL_MB = 2048.0
COMPARE_GOAL_S = 1.0
LARGE_FROM = 200_000
REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Size:
    """How much is measured: entities of the plans, and how often."""

    entities: tuple[int, ...]
    runs: int


QUICK = Size((10_000,), 1)
FULL = Size((10_000, 200_000), 3)
LARGE = 1_000_000


def rows(*, quick: bool, say: Callable[[str], None], large: bool = False, peers: bool = False) -> list[Row]:
    """Measure and return the rows; `say` hears what is going on. Needs no database."""
    size = QUICK if quick else FULL
    made: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="lianshen-bench-") as scratch:
        folder = Path(scratch)
        for entities in (*size.entities, *((LARGE,) if large else ())):
            say(f"writing a plan of {entities:,} entities")
            source = folder / f"plan-{entities}.dxf"
            source.write_bytes(plan(entities))
            made += ingest_rows(source, entities, 1 if entities == LARGE else size.runs, say)
            if entities != LARGE:
                made.append(compare_row(source, entities, folder, say))
                made += browser_rows(source, prepared(source), entities, say, wanted=peers)
        made.append(tile_row(folder, say))
        made.append(responsive_row(folder / f"plan-{size.entities[-1]}.dxf", say))
    return made


def prepared(source: Path) -> Path:
    """Where the last ingest of this file left its sheets."""
    return source.with_suffix(".out")


def null_frontend(source: Path) -> dict[str, Any]:
    """ezdxf reads and draws into nothing, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "drawings.bench.null_frontend", str(source)],
        check=True, capture_output=True, cwd=REPOSITORY,
    )  # fmt: skip
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def ingest_rows(source: Path, entities: int, runs: int, say: Callable[[str], None]) -> list[Row]:
    """From the uploaded file to served files, in the sandbox, against ezdxf's reading and drawing alone; and its memory."""
    ours: list[float] = []
    theirs: list[float] = []
    walls: list[tuple[float, float]] = []
    peak = 0.0
    reading: list[float] = []
    for turn in range(runs):
        say(f"ingest of {entities:,} entities, run {turn + 1} of {runs}")
        begun = time.perf_counter()
        answer = sandbox.run("prepare", source, prepared(source), name=source.name)
        wall = time.perf_counter() - begun
        peer = null_frontend(source)
        ours.append(answer["cpu_seconds"])
        theirs.append(peer["cpu"]["read"] + peer["cpu"]["draw"])
        walls.append((wall, peer["wall"]["read"] + peer["wall"]["draw"]))
        reading.append(peer["cpu"]["read"])
        peak = max(peak, answer["peak_bytes"] / 2**20)
    check_handles(source, prepared(source) / "model", entities)
    goal = INGEST_GOAL if entities >= LARGE_FROM else None
    ratio = median(theirs) / median(ours)
    note = (
        f"clock {median(w for w, _ in walls):.1f} s against {median(w for _, w in walls):.1f} s; every handle is there"
    )
    return [
        row(f"ingest {entities:,} entities to served files, against ezdxf's reading and null Frontend", median(ours),
            unit="cpu s", peer=median(theirs), goal=goal, met=None if goal is None else ratio >= goal, note=note),
        row(f"memory of ingest, {entities:,} entities", peak, unit="MB", goal=MEMORY_GOAL_MB, met=peak < MEMORY_GOAL_MB),
        row(f"scan and judge {entities:,} entities, against ezdxf's reading", scan_seconds(source), unit="cpu s",
            peer=median(reading), goal=None, met=None),
    ]  # fmt: skip


def check_handles(source: Path, sheet: Path, entities: int) -> None:
    """A figure for a sheet that lost something would mean nothing."""
    scanned = scan(source.read_bytes())
    inside = scanned.in_sections(b"ENTITIES")
    wanted = set(hex_numbers(scanned, scanned.first_pairs(inside, 5))[0].tolist())
    found = set(read_entities(sheet / "entities.bin")[0].tolist())
    if wanted != found or len(found) != entities:
        raise RuntimeError(f"{len(wanted - found)} of {len(wanted)} entities are not on the sheet")


def scan_seconds(source: Path) -> float:
    data = source.read_bytes()
    begun = time.process_time()
    scan(data)
    return time.process_time() - begun


def compare_row(source: Path, entities: int, folder: Path, say: Callable[[str], None]) -> Row:
    """Two revisions, one per cent moved, after ingest; against signatures from ezdxf's attributes."""
    say(f"comparing {entities:,} entities")
    changed = folder / f"revised-{entities}.dxf"
    changed.write_bytes(plan(entities, moved=0.01))
    sandbox.run("prepare", changed, prepared(changed), name=changed.name)
    spent = []
    for _ in range(3):
        begun = time.process_time()
        told = compare(read_table(prepared(source) / "model"), read_table(prepared(changed) / "model"))
        spent.append(time.process_time() - begun)
    if not 0.005 * entities < len(told.changed) < 0.02 * entities or told.added or told.removed:
        raise RuntimeError(f"{len(told.changed)} changed, {len(told.added)} added, {len(told.removed)} removed")
    peer = null_frontend(source)["cpu"]["signatures"] * 2
    return row(f"compare {entities:,} entities after ingest, against signatures of ezdxf's attributes", median(spent),
               unit="cpu s", peer=peer, goal=COMPARE_GOAL_S, met=median(spent) < COMPARE_GOAL_S,
               note=f"{len(told.changed)} changed, {told.same} the same")  # fmt: skip
