"""The watch over a worker (看护): its progress lines, processor time, wall clock and resident memory of its whole tree."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from drawings.cad import limits

Progress = Callable[[int, str], None]
STDERR_BYTES = 64 * 1024
TICK = 0.1


class Watch:
    """Reads the worker's progress lines and its stderr, and kills the whole tree at the first broken limit."""

    def __init__(
        self, process: subprocess.Popen[bytes], started: float, total: float, check: float, memory: int
    ) -> None:
        self.process = process
        self.started = started
        self.total = total
        self.allowed = min(check, total)
        self.wall = started + limits.WALL_FACTOR * self.allowed
        self.cpu = 0.0
        self.memory = memory
        self.peak = 0
        self.broken: str | None = None
        self.stderr = bytearray()
        self.finished = False
        self._line = bytearray()

    def follow(self, on_progress: Progress | None) -> None:
        selector = selectors.DefaultSelector()
        for pipe, name in ((self.process.stdout, "out"), (self.process.stderr, "err")):
            if pipe is not None:
                selector.register(pipe, selectors.EVENT_READ, name)
        while selector.get_map():
            for key, _ in selector.select(TICK):
                data = os.read(key.fd, 65536)
                if not data:
                    selector.unregister(key.fileobj)
                elif key.data == "err":
                    if len(self.stderr) < STDERR_BYTES:
                        self.stderr += data[: STDERR_BYTES - len(self.stderr)]
                else:
                    self._take(data, on_progress)
            self.cpu = max(self.cpu, tree_cpu(self.process.pid))
            if self.cpu > self.allowed or time.monotonic() > self.wall:
                self.broken = "E_TIMEOUT"
                return
            used = tree_memory(self.process.pid)
            self.peak = max(self.peak, used)
            if used > self.memory:
                self.broken = "E_MEMORY"
                return
            if self.process.poll() is not None and not self._pending(selector):
                break
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5.0)

    def _pending(self, selector: selectors.BaseSelector) -> bool:
        """Whether a pipe still holds bytes after the worker's end (a grandchild may keep it open for ever)."""
        return bool(selector.select(0))

    def _take(self, data: bytes, on_progress: Progress | None) -> None:
        self._line += data
        if len(self._line) > 65536 and b"\n" not in self._line:
            self._line.clear()
        *lines, rest = self._line.split(b"\n")
        self._line = bytearray(rest)
        for line in lines:
            try:
                message = json.loads(line)
            except ValueError:
                continue
            if not isinstance(message, dict):
                continue
            if message.get("judged"):
                self._allow(self.total)
            elif isinstance(message.get("seconds"), int | float):
                self._allow(float(message["seconds"]))
            if message.get("done"):
                self.finished = True
            if on_progress and isinstance(message.get("p"), int):
                on_progress(max(0, min(100, message["p"])), str(message.get("s", "")))

    def _allow(self, seconds: float) -> None:
        """The worker may use so many processor seconds more, within the total."""
        self.cpu = max(self.cpu, tree_cpu(self.process.pid))
        self.allowed = min(self.total, self.cpu + seconds)
        self.wall = time.monotonic() + limits.WALL_FACTOR * max(1.0, self.allowed - self.cpu)

    def kill(self) -> None:
        """End the whole process tree, also what left the group, and reap the worker."""
        family = [pid for pid in descendants(self.process.pid) if pid != self.process.pid]
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        for pid in family:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)


def descendants(pid: int) -> list[int]:
    """`pid` and all its children's children, from /proc; only `pid` where the kernel does not tell."""
    found: list[int] = []
    todo = [pid]
    while todo and len(found) < 256:
        here = todo.pop()
        found.append(here)
        try:
            for task in Path(f"/proc/{here}/task").iterdir():
                todo += [int(word) for word in (task / "children").read_text().split()]
        except (OSError, ValueError):
            continue
    return found


def tree_cpu(pid: int) -> float:
    """Processor seconds of a process, its living descendants and those it has waited for."""
    tick = os.sysconf("SC_CLK_TCK")
    total = 0
    for member in descendants(pid):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = Path(f"/proc/{member}/stat").read_text().rsplit(")", 1)[1].split()
            total += sum(int(value) for value in fields[11:15])
    return total / tick


def tree_memory(pid: int) -> int:
    """Resident bytes of a process and its descendants."""
    page = os.sysconf("SC_PAGE_SIZE")
    total = 0
    for member in descendants(pid):
        with contextlib.suppress(OSError, ValueError, IndexError):
            total += int(Path(f"/proc/{member}/statm").read_text().split()[1]) * page
    return total
