"""The peer of ingest, in a process of its own: ezdxf reads a file, its Frontend draws into nothing, nothing is written.

`python -m drawings.bench.null_frontend plan.dxf` prints one JSON object: seconds and processor seconds of reading, drawing, and of
reading every entity's attributes into a signature.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from ezdxf.addons.drawing.backend import Backend
from ezdxf.addons.drawing.frontend import Frontend
from ezdxf.addons.drawing.properties import RenderContext
from ezdxf.filemanagement import readfile


class Nothing(Backend):
    """Takes everything and keeps nothing."""

    def set_background(self, color: Any) -> None:
        pass

    def draw_point(self, pos: Any, properties: Any) -> None:
        pass

    def draw_line(self, start: Any, end: Any, properties: Any) -> None:
        pass

    def draw_solid_lines(self, lines: Any, properties: Any) -> None:
        pass

    def draw_path(self, path: Any, properties: Any) -> None:
        pass

    def draw_filled_paths(self, paths: Any, properties: Any) -> None:
        pass

    def draw_filled_polygon(self, points: Any, properties: Any) -> None:
        pass

    def draw_image(self, image_data: Any, properties: Any) -> None:
        pass

    def clear(self) -> None:
        pass


def main() -> None:
    """Measure and print."""
    marks = [(time.perf_counter(), time.process_time())]
    doc = readfile(sys.argv[1])
    marks.append((time.perf_counter(), time.process_time()))
    Frontend(RenderContext(doc), Nothing()).draw_layout(doc.modelspace())
    marks.append((time.perf_counter(), time.process_time()))
    signatures = {
        entity.dxf.handle: hash(str(sorted(entity.dxfattribs().items(), key=str))) for entity in doc.modelspace()
    }
    marks.append((time.perf_counter(), time.process_time()))
    names = ("read", "draw", "signatures")
    wall = {name: marks[at + 1][0] - marks[at][0] for at, name in enumerate(names)}
    cpu = {name: marks[at + 1][1] - marks[at][1] for at, name in enumerate(names)}
    sys.stdout.write(json.dumps({"wall": wall, "cpu": cpu, "entities": len(signatures)}))


if __name__ == "__main__":
    main()
