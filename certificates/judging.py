"""Judging a file from anybody in a process of its own: bounded time, memory, files; a kill is an answer too."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from certificates.verdict import LARGEST, Trust, Verdict, refused

# The child bounds its own work by CPU seconds; this only catches one that sleeps, or a machine that stands still.
PATIENCE = 90
PROJECT = Path(__file__).resolve().parent.parent
# More at once would let a crowd of strangers take the machine; who comes third waits.
_places = threading.BoundedSemaphore(2)


class JudgeBusy(RuntimeError):
    """The machine had no time to judge the file: nothing is said about it."""


def judge_file(path: Path, trust: Trust) -> Verdict:
    """Judge the PDF at `path` in a child process; at most 20 s of work and 1.5 GiB.

    Answers with a Verdict whatever the file does to its reader. Raises JudgeBusy when the machine is too busy to tell.
    """
    if path.stat().st_size > LARGEST:
        return refused("too_large")
    request = json.dumps({"path": str(path), "roots": list(trust.roots)})
    with _places:
        try:
            done = subprocess.run(
                [sys.executable, "-m", "certificates.verification"],
                input=request.encode(),
                capture_output=True,
                timeout=PATIENCE,
                cwd=PROJECT,
                env=environment(),
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise JudgeBusy from error
    if done.returncode != 0:
        return refused("too_costly" if done.returncode < 0 else "damaged", detail=f"exit {done.returncode}")
    try:
        return Verdict.from_json(json.loads(done.stdout))
    except (ValueError, TypeError, KeyError):
        return refused("damaged", detail="no answer")


def environment() -> dict[str, str]:
    """Nothing of the parent but the way to programs and to compiled modules: compiling anew each time costs seconds."""
    places = {"PYTHONPYCACHEPREFIX": sys.pycache_prefix} if sys.pycache_prefix else {}
    return {"PATH": os.environ.get("PATH", ""), "PYTHONIOENCODING": "utf-8", **places}


def judge_bytes(data: bytes, trust: Trust) -> Verdict:
    """Judge bytes by way of a private temporary file."""
    handle, name = tempfile.mkstemp(prefix="verify-", suffix=".pdf")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
        return judge_file(Path(name), trust)
    finally:
        Path(name).unlink()
