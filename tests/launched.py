"""A demo started as a person starts it, and a finished demo city to copy: seeding takes a minute, so a run does it once."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

from config.launcher.valkey import free_port
from tests.databases import ROOT, RUN

READY_SECONDS = 300.0
DELIVERED_SECONDS = 120.0
# The data of a demo that became ready before the tests began, from whoever runs them.
GIVEN = "LIANSHEN_SEEDED_VAR"


class Launched:
    """A demo started as a person starts it."""

    def __init__(self, var: Path, port: int) -> None:
        self.var, self.port = var, port
        outside = {name: value for name, value in os.environ.items() if name not in {"LIANSHEN_MODE", "PUBLIC_ORIGINS"}}
        self.output = var.parent / f"output-{time.monotonic_ns()}.txt"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "demo", "--port", str(port)],
                cwd=ROOT,
                env={**outside, "LIANSHEN_VAR": str(var)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def wait_until_ready(self) -> float:
        """Seconds until it said that it is ready."""
        started = time.monotonic()
        while time.monotonic() - started < READY_SECONDS:
            if "Ctrl-C" in self.said():
                return time.monotonic() - started
            if self.process.poll() is not None:
                pytest.fail(f"the demo ended with {self.process.returncode}:\n{self.said()}")
            time.sleep(0.1)
        pytest.fail(f"not ready after {READY_SECONDS} s:\n{self.said()}")

    def wait_until_delivered(self) -> None:
        """Until its outbox is empty, or for a while: copies of its data need not do that work, each once more."""
        until = time.monotonic() + DELIVERED_SECONDS
        while time.monotonic() < until:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as answer:
                if b"\nlianshen_outbox_waiting 0.0\n" in answer.read():
                    return
            time.sleep(0.5)

    def family(self) -> list[psutil.Process]:
        """Every process started by it, by what is in its environment or command: sessions of their own hide no one."""
        found = psutil.Process(self.process.pid).children(recursive=True)
        assert len(found) >= 6
        return found


def all_gone(processes: list[psutil.Process], seconds: float) -> list[str]:
    """The commands of those that still live after `seconds`."""
    _gone, alive = psutil.wait_procs(processes, timeout=seconds)
    return [" ".join(process.cmdline()) for process in alive if process.status() != psutil.STATUS_ZOMBIE]


def seeded_copy(var: Path) -> None:
    """The data of a finished demo city at `var`, which is not there yet; owners and modes as they were."""
    subprocess.run(["cp", "-a", str(seeded()), str(var)], check=True)
    shutil.rmtree(var / "log", ignore_errors=True)
    (var / "log").mkdir()


def seeded() -> Path:
    """A data folder that a demo has filled and left; made under a lock by the first of this run who asks."""
    if os.environ.get(GIVEN):
        return Path(os.environ[GIVEN])
    folder = Path(os.environ["LIANSHEN_VAR"])
    var, whole = folder / f"seeded-{os.environ[RUN]}", folder / f"seeded-{os.environ[RUN]}.whole"
    with (folder / "seeded.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            shutil.rmtree(var, ignore_errors=True)
            demo = Launched(var, free_port())
            demo.wait_until_ready()
            demo.wait_until_delivered()
            demo.process.send_signal(signal.SIGINT)
            assert demo.process.wait(60) == 0, demo.said()
            whole.touch()
    return var
