"""The warden outlives a killed launcher just long enough to stop its children.

The launcher holds the write end of the warden's stdin and tells it of every child (`<pid> <signal number>` a line).
When the launcher ends in whatever way, stdin ends: the warden asks the children to stop, last one first, and kills
after a grace. It is a plain script of the standard library, works on Linux and macOS, and sits in a session of its
own, so that Ctrl-C does not reach it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

GRACE_SECONDS = 6.0


def is_alive(pid: int) -> bool:
    """Does the process exist?"""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def kill_group(pid: int) -> None:
    """Kill a process and its group."""
    for end in (os.killpg, os.kill):
        try:
            end(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue


def stop_all(children: list[tuple[int, int]]) -> None:
    """Ask, wait, kill."""
    left = [(pid, polite) for pid, polite in reversed(children) if is_alive(pid)]
    for pid, polite in left:
        try:
            os.kill(pid, polite)
        except ProcessLookupError:
            continue
    until = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < until and any(is_alive(pid) for pid, _ in left):
        time.sleep(0.1)
    for pid, _ in left:
        if is_alive(pid):
            kill_group(pid)


def main() -> None:
    """Read until the launcher is gone."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    children: list[tuple[int, int]] = []
    for line in sys.stdin:
        words = line.split()
        if words == ["done"]:
            return
        children.append((int(words[0]), int(words[1])))
    stop_all(children)


class Warden:
    """The launcher's side of it."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-I", str(Path(__file__).resolve())],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )

    def watch(self, pid: int, polite: int) -> None:
        """Tell it of a child."""
        self._write(f"{pid} {polite}\n")

    def dismiss(self) -> None:
        """Everything is stopped: let it go."""
        self._write("done\n")
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process.wait(5)

    def _write(self, text: str) -> None:
        if self.process.stdin is not None and self.process.poll() is None:
            self.process.stdin.write(text)
            self.process.stdin.flush()


if __name__ == "__main__":
    main()
