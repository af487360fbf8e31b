"""The rows of `manage.py bench drawings` (drawings.md section 6): each against its peer in the same run, in turns.

Made plans of 10,000 and 200,000 entities (a million with --large), and the largest real drawings where they lie beside the project.

Times are processor seconds of the whole process where both sides are processes (other work on the machine then counts for neither), and
seconds on the clock where a person waits. A peer that is not here is said and the row is not passed.
"""

from __future__ import annotations

import json
import re
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
from drawings.bench.ink import ink_row
from drawings.bench.pages import tile_row
from drawings.bench.plan import plan
from drawings.bench.reading import reading_rows
from drawings.bench.responsive import responsive_row
from drawings.bench.row import Row, attempted, row
from drawings.cad import sandbox
from drawings.cad.compare import compare
from drawings.cad.contents import read_entities
from drawings.cad.dxf_binary import BINARY_SENTINEL
from drawings.cad.dxf_columns import hex_numbers
from drawings.cad.dxf_scan import scan
from drawings.cad.tables import read_table

INGEST_GOAL = 4.0
MEMORY_GOAL_MB = 2048.0
COMPARE_GOAL_S = 1.0
LARGE_FROM = 200_000
INK_UP_TO = 10_000
"""ezdxf's painter takes minutes for more."""
LARGEST = 4
REPOSITORY = Path(__file__).resolve().parents[2]
FIXTURES = REPOSITORY.parent / "shared" / "fixtures" / "drawings"
"""Real drawings, not part of the project."""


@dataclass(frozen=True)
class Size:
    """How much is measured: entities of the plans, and how often."""

    entities: tuple[int, ...]
    runs: int


QUICK = Size((10_000,), 1)
FULL = Size((10_000, 200_000), 3)
LARGE = 1_000_000


def rows(*, quick: bool, say: Callable[[str], None], large: bool = False, peers: bool = False) -> list[Row]:
    """Measure and return the rows; `say` hears what is going on. Needs no database.

    The browser's peer is asked when it is installed, in a quick run only with `peers`.
    """
    size = QUICK if quick else FULL
    made: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="lianshen-bench-") as scratch:
        folder = Path(scratch)
        for entities in (*size.entities, *((LARGE,) if large else ())):
            say(f"writing a plan of {entities:,} entities")
            source = folder / f"plan-{entities}.dxf"
            source.write_bytes(plan(entities))
            made += of_plan(source, entities, 1 if entities == LARGE else size.runs, say, peers=peers or not quick)
        if not quick:
            for source in largest():
                made += of_fixture(source, folder, say)
        made += attempted("deep PDF tile", say, lambda: [tile_row(folder, say)])
        busy = folder / f"plan-{size.entities[-1]}.dxf"
        made += attempted("web answer while two drawings are prepared", say, lambda: [responsive_row(busy, say)])
    return made


def of_plan(source: Path, entities: int, runs: int, say: Callable[[str], None], *, peers: bool) -> list[Row]:
    """All rows of one made plan."""
    label = f"{entities:,} entities"
    made = attempted(f"ingest {label}", say, lambda: ingest_rows(source, entities, runs, say))
    if entities == LARGE:
        return made
    made += attempted(f"compare {label}", say, lambda: [compare_row(source, entities, source.parent, say)])
    made += attempted(
        f"{label} in the browser", say, lambda: browser_rows(source, prepared(source), label, say, wanted=peers)
    )
    if entities <= INK_UP_TO:
        made += attempted(f"ink of {label}", say, lambda: [ink_row(source, label, say)])
    return made


def largest() -> list[Path]:
    """The largest real DXF beside the project that every peer can read (no binary ones), one of each kind of name."""
    if not FIXTURES.is_dir():
        return []
    kinds: dict[str, Path] = {}
    for path in sorted(FIXTURES.glob("*.dxf"), key=lambda path: -path.stat().st_size):
        if not path.read_bytes().startswith(BINARY_SENTINEL):
            kinds.setdefault(re.sub(r"\d+", "", path.name), path)
    return list(kinds.values())[:LARGEST]


def of_fixture(fixture: Path, folder: Path, say: Callable[[str], None]) -> list[Row]:
    """Rows of one real drawing: ingest and its memory, picture, bytes and frame, ink. Only the latter have goals at this size."""
    label = fixture.stem.rsplit("__", 1)[-1]
    source = folder / f"real-{label}.dxf"
    source.write_bytes(fixture.read_bytes())
    made = attempted(f"ingest {label}", say, lambda: real_rows(source, label, say))
    made += attempted(
        f"{label} in the browser", say,
        lambda: browser_rows(source, prepared(source), label, say, wanted=True, turns=1),
    )  # fmt: skip
    return made + attempted(f"ink of {label}", say, lambda: [ink_row(source, label, say)])


def real_rows(source: Path, label: str, say: Callable[[str], None]) -> list[Row]:
    """Ingest of one real drawing against ezdxf's reading and drawing of its model."""
    say(f"ingest of {label}")
    answer = sandbox.run("prepare", source, prepared(source), name=source.name)
    peer = null_frontend(source)
    name = f"ingest {label} to served files, against ezdxf's reading and null Frontend"
    theirs = peer["cpu"]["read"] + peer["cpu"]["draw"]
    note = f"{len(answer['sheets'])} sheets; ours with starting its process; {peer['entities']} entities in the model"
    made = [row(name, answer["cpu_seconds"], unit="cpu s", peer=theirs, goal=None, met=None, note=note)]
    return made + reading_rows(source, label, 1, say, ezdxf=peer["cpu"]["read"])


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
        *reading_rows(source, f"{entities:,} entities", runs, say, ezdxf=median(reading)),
    ]  # fmt: skip


def check_handles(source: Path, sheet: Path, entities: int) -> None:
    """A figure for a sheet that lost something would mean nothing."""
    scanned = scan(source.read_bytes())
    inside = scanned.in_sections(b"ENTITIES")
    wanted = set(hex_numbers(scanned, scanned.first_pairs(inside, 5))[0].tolist())
    found = set(read_entities(sheet / "entities.bin")[0].tolist())
    if wanted != found or len(found) != entities:
        raise RuntimeError(f"{len(wanted - found)} of {len(wanted)} entities are not on the sheet")


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
