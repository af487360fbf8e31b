"""The fenced child: `python -m drawings.cad.worker --job prepare --name plan.dwg --size 123` in a scratch folder.

Reads `source`, writes `out/` and `result.json` in its working folder, and tells its progress on standard output, one JSON line each:
{"p": percent, "s": step}, {"seconds": n} (give me n seconds more), {"judged": true} (the content is within the limits), {"done": true}.
Whatever else a library prints goes to standard error.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any


class Line:
    """The progress line to the supervisor."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._last = (-1, "")

    def say(self, **message: Any) -> None:
        self._stream.write(json.dumps(message) + "\n")
        self._stream.flush()

    def progress(self, percent: int, step: str) -> None:
        if (percent, step) != self._last:
            self._last = (percent, step)
            self.say(p=percent, s=step)

    def judged(self) -> None:
        """The content is read and within the limits: from here the longer limit of time holds."""
        self.say(judged=True)

    def allow(self, seconds: float) -> None:
        """The next piece of work must end within `seconds`."""
        self.say(seconds=seconds)


def main() -> int:
    parser = argparse.ArgumentParser(prog="drawings.cad.worker")
    parser.add_argument("--job", required=True, choices=["hello", "probe", "inspect", "prepare", "render"])
    parser.add_argument("--name", required=True)
    parser.add_argument("--size", type=int, default=0)
    options = parser.parse_args()
    line = Line(os.fdopen(os.dup(1), "w", encoding="utf-8"))
    os.dup2(2, 1)
    scratch = Path.cwd()

    from drawings.cad import confine

    confine.die_with_parent()
    if options.job == "hello":
        if options.name == "compile":
            _import_everything(scratch)
        line.say(hello=_where_python_is())
        return 0
    confine.no_new_privileges()
    confine.set_limits(options.size)
    fences = confine.landlock(scratch)
    os.nice(5)
    gc.set_threshold(
        200_000, 20, 100
    )  # a drawing is millions of objects that all stay: looking for rubbish costs a fifth of the time
    if options.job == "probe":
        answer: dict[str, Any] = {"result": {**confine.measured(scratch), "landlock": fences}}
    else:
        answer = _answer(options.job, scratch, options.name, line)
    (scratch / "result.json").write_text(json.dumps(answer, ensure_ascii=False, allow_nan=False), encoding="utf-8")
    line.progress(100, "done")
    line.say(done=True)
    return 0


def _import_everything(scratch: Path) -> None:
    """Load all that a job may need, so that the compiled modules exist (see `sandbox.bytecode_folder`)."""
    import importlib

    from drawings.cad import fonts

    fonts.prepare_environment(scratch / "cache")
    fonts.install()
    fonts.advances()
    for name in ("cad_file", "pdf", "dwg", "dxf_draw", "dxf_read", "raster", "pack", "clip", "job"):
        importlib.import_module(f"drawings.cad.{name}")
    from PIL import Image

    Image.init()


def _where_python_is() -> list[str]:
    """Standard library and packages as this process sees them: under another user they may be others, or none."""
    import numpy

    return [os.__file__, numpy.__file__]


def _answer(job: str, scratch: Path, name: str, line: Line) -> dict[str, Any]:
    from drawings.cad.errors import Refusal

    try:
        from drawings.cad import job as jobs

        options = json.loads((scratch / "options.json").read_text(encoding="utf-8"))
        return {"result": jobs.run(job, scratch / "source", scratch / "out", name=name, line=line, options=options)}
    except Refusal as refusal:
        return {"refused": refusal.as_dict()}
    except MemoryError:
        return {"refused": Refusal("E_MEMORY").as_dict()}
    except RecursionError:
        return {"refused": Refusal("E_DEPTH", "数据嵌套过深", "data nested too deeply").as_dict()}
    except Exception as error:  # noqa: BLE001 - the last resort of a process that must answer; logged by the parent
        traceback.print_exc(limit=-12, file=sys.stderr)
        detail = f"{type(error).__name__}"
        return {"refused": Refusal("E_INTERNAL", detail, detail).as_dict()}


if __name__ == "__main__":
    sys.exit(main())
