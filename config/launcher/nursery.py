"""Start our own processes by fork from one that has imported everything already.

Web, two workers and beat import the same four seconds of Python. The nursery imports it once and forks each of them, so
the demo is up in a third of the time. Commands are those of `processes` ("python -m module arguments"); only how the
interpreter comes about differs. The nursery itself opens no connection and starts no thread, and it ends its children
when the launcher is gone.
"""

from __future__ import annotations

import json
import os
import runpy
import select
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from config.collector import load_undisturbed, look_less_often
from config.launcher.child import Child, StartFailed, die_with_parent, fresh_log, take_name

GRACE_SECONDS = 6.0
LOAD_SECONDS = 120.0


@dataclass
class ForkedChild(Child):
    """A process forked by the nursery, which alone can wait for it."""

    nursery: Nursery

    @property
    def status(self) -> int | None:
        self.nursery.read_reports(0)
        if self.nursery.process.poll() is not None:
            return self.nursery.ended.get(self.pid, -signal.SIGKILL)
        return self.nursery.ended.get(self.pid)


@dataclass
class Nursery:
    """The launcher's side: ask for children, hear of their ends."""

    process: subprocess.Popen[bytes]
    reports: int
    log: Path
    started: dict[str, int] = field(default_factory=dict)
    ended: dict[int, int] = field(default_factory=dict)
    rest: bytes = b""

    @classmethod
    def open(cls, environment: Mapping[str, str], folder: Path, log: Path) -> Nursery:
        """Start it; it goes on importing while the caller does other things."""
        read_end, write_end = os.pipe()
        with fresh_log(log).open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "config.launcher.nursery", str(write_end)],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                cwd=folder,
                pass_fds=[write_end],
                start_new_session=True,
                preexec_fn=lambda: die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - the launcher has one thread
            )
        os.close(write_end)
        return cls(process, read_end, log)

    def spawn(
        self, name: str, command: Sequence[str], log: Path, environment: Mapping[str, str], output: Path | None = None
    ) -> ForkedChild:
        """Fork `python -m module ...`; the first call waits until everything is imported.

        What it prints goes to its log, or apart from it to `output`.
        """
        if list(command[1:2]) != ["-m"]:
            raise ValueError(f"the nursery starts modules only, not {command[0]}")
        order = {
            "name": name,
            "module": command[2],
            "arguments": list(command[3:]),
            "log": str(fresh_log(log)),
            "output": str(output or log),
            "environment": dict(environment),
        }
        self.started.pop(name, None)
        if self.process.stdin is None:
            raise StartFailed("the nursery has no way in")
        try:
            self.process.stdin.write(json.dumps(order).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise StartFailed(f"the program does not load:\n{self.last_lines()}") from None
        until = time.monotonic() + LOAD_SECONDS
        while name not in self.started:
            self.read_reports(0.1)
            if self.process.poll() is not None:
                raise StartFailed(f"the program does not load:\n{self.last_lines()}")
            if time.monotonic() > until:
                raise StartFailed(f"the program took more than {LOAD_SECONDS:.0f} s to load")
        return ForkedChild(name, self.started[name], log, signal.SIGTERM, self)

    def read_reports(self, seconds: float) -> None:
        """Take in what the nursery has to say."""
        while select.select([self.reports], [], [], seconds)[0]:
            text = os.read(self.reports, 65536)
            if not text:
                # End of file: it is gone; poll() says so, and select must not spin on it.
                time.sleep(min(seconds, 0.05))
                return
            *lines, self.rest = (self.rest + text).split(b"\n")
            for line in lines:
                report = json.loads(line)
                if "status" in report:
                    self.ended[report["pid"]] = report["status"]
                else:
                    self.started[report["name"]] = report["pid"]
                    # The system gives numbers again: what ended under this one was somebody else.
                    self.ended.pop(report["pid"], None)
            seconds = 0

    def close(self) -> None:
        """Let it end; whatever it still has is ended with it."""
        if self.process.stdin is not None and not self.process.stdin.closed:
            self.process.stdin.close()
        try:
            self.process.wait(GRACE_SECONDS + 4)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)
        os.close(self.reports)

    def last_lines(self, count: int = 30) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])


# The nursery's own side, in its own process.


def preload() -> None:
    """Import what web, workers and beat need; no connection, no thread."""
    from importlib import import_module

    for name in ("config.asgi", "config.urls", "config.celery", "config.alive"):
        import_module(name)
    for name in ("celery.bin.celery", "celery.bin.worker", "uvicorn.main"):
        import_module(name)
    connections: Any = import_module("django.db").connections
    connections.close_all()


def become(order: dict[str, Any]) -> NoReturn:
    """In the new child: own session, own log, own environment, then run the module as `python -m` does."""
    status = 1
    try:
        os.setsid()
        die_with_parent(signal.SIGTERM)
        take_name(order["name"])
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644), 1)
        os.dup2(log, 2)
        os.environ.update(order["environment"])
        sys.argv = [order["module"], *order["arguments"]]
        runpy.run_module(order["module"], run_name="__main__", alter_sys=True)
        status = 0
    except SystemExit as wish:
        status = wish.code if isinstance(wish.code, int) else 0 if wish.code is None else 1
    except BaseException:  # noqa: BLE001 - the log is the only place that hears of it
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def main() -> None:
    """Fork on order, report ends, and end everything when the launcher is gone."""
    reports = int(sys.argv[1])
    os.set_inheritable(reports, False)  # noqa: FBT003 - takes no keyword
    # numpy would keep a thread for sums of matrices, which nobody here has; a fork must find none.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    load_undisturbed()
    preload()
    look_less_often()  # and pages that are shared stay shared
    alive: dict[int, str] = {}

    def report(**facts: object) -> None:
        os.write(reports, json.dumps(facts).encode() + b"\n")

    orders = b""
    while True:
        if select.select([0], [], [], 0.1)[0]:
            text = os.read(0, 65536)
            if not text:
                break
            *lines, orders = (orders + text).split(b"\n")
            for line in lines:
                order = json.loads(line)
                pid = os.fork()
                if pid == 0:
                    os.close(reports)
                    become(order)
                alive[pid] = order["name"]
                report(name=order["name"], pid=pid)
        while alive:
            pid, code = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            report(name=alive.pop(pid), pid=pid, status=os.waitstatus_to_exitcode(code))
    end(alive)


def end(alive: dict[int, str]) -> None:
    """Ask every child to stop, then kill what is left."""
    for number, seconds in ((signal.SIGTERM, GRACE_SECONDS), (signal.SIGKILL, 2.0)):
        for pid in alive:
            os.kill(pid, number)
        until = time.monotonic() + seconds
        while alive and time.monotonic() < until:
            pid, _code = os.waitpid(-1, os.WNOHANG)
            if pid:
                alive.pop(pid, None)
            else:
                time.sleep(0.02)


if __name__ == "__main__":
    main()
