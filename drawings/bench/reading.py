"""Reading a DXF (读取对比): ours with every judgement and count, against ezdxf, dxf-parser in Node and pycadkit.

Every reader is a process of its own that tells its processor seconds; starting it is not counted.

`python -m drawings.bench.reading ours|pycadkit plan.dxf` prints one JSON object.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from drawings.bench.row import Row, absent, row

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]


def reading_rows(source: Path, label: str, runs: int, say: Callable[[str], None], *, ezdxf: float) -> list[Row]:
    """One row for each other reader. `ezdxf`: its processor seconds for reading this file, measured with the ingest."""
    say(f"reading {label}")
    script = "drawings.bench.reading"
    ours, count = timed([sys.executable, "-m", script, "ours", str(source)], runs)
    note = f"{count:,} entities of the model, judged and counted"
    name = f"read {label}, against"
    made = [row(f"{name} ezdxf", ours, unit="cpu s", peer=ezdxf, goal=None, met=None, note=note)]
    node, parser = shutil.which("node"), HERE / "peers" / "node_modules" / "dxf-parser"
    if node is None or not parser.is_dir():
        made.append(absent(f"{name} dxf-parser", ours, unit="cpu s", goal=None, why="npm ci in drawings/bench/peers"))
    else:
        peer, read = timed([node, "--max-old-space-size=6144", "parse.mjs", str(source)], runs, HERE / "peers")
        note = f"it knows {read:,} entities and judges nothing"
        made.append(row(f"{name} dxf-parser", ours, unit="cpu s", peer=peer, goal=None, met=None, note=note))
    if importlib.util.find_spec("cadkit") is None:
        made.append(absent(f"{name} pycadkit", ours, unit="cpu s", goal=None, why="pycadkit is not installed"))
    else:
        peer, _ = timed([sys.executable, "-m", script, "pycadkit", str(source)], runs)
        note = "compiled; it hands out no entity yet"
        made.append(row(f"{name} pycadkit", ours, unit="cpu s", peer=peer, goal=None, met=None, note=note))
    return made


def timed(command: list[str], runs: int, folder: Path = REPOSITORY) -> tuple[float, int]:
    """Median processor seconds of what the command tells, and the entities that it read."""
    spent, told = [], {}
    for _ in range(runs):
        done = subprocess.run(command, check=True, capture_output=True, cwd=folder)
        told = json.loads(done.stdout)
        spent.append(float(told["seconds"]))
    return median(spent), int(told["entities"])


def read_by_us(source: Path) -> int:
    """Entities of the model, read as for ingest."""
    from drawings.cad import dxf_read, fast_pick

    loaded = dxf_read.read(source.read_bytes(), fast_from=fast_pick.WORTH)
    return len(loaded.doc.modelspace()) + (loaded.picked.count if loaded.picked else 0)


def read_by_pycadkit(source: Path) -> int:
    """It has no way to count without writing another format."""
    import cadkit

    cadkit.read(source.read_bytes())
    return 0


def main() -> None:
    """Measure one reader and print."""
    from drawings.cad import fonts

    fonts.install()
    for name in ("ezdxf", "cadkit", "drawings.cad.dxf_read"):
        if importlib.util.find_spec(name) is not None:
            importlib.import_module(name)  # loading a parser is no reading

    reader = {"ours": read_by_us, "pycadkit": read_by_pycadkit}[sys.argv[1]]
    begun = time.process_time()
    entities = reader(Path(sys.argv[2]))
    sys.stdout.write(json.dumps({"seconds": time.process_time() - begun, "entities": entities}))


if __name__ == "__main__":
    main()
