"""One supervised process: its own session, its own log, dead when the launcher is dead."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15
LOG_KEPT_BYTES = 5 * 1024 * 1024


class StartFailed(Exception):
    """Something could not be started; the message is for the person at the terminal."""


@dataclass
class Child(ABC):
    """A running process and how to end it politely."""

    name: str
    pid: int
    log: Path
    polite: signal.Signals

    @property
    @abstractmethod
    def status(self) -> int | None:
        """Exit status, negative for a signal, None while it runs."""

    def is_running(self) -> bool:
        return self.status is None

    def ask_to_stop(self) -> None:
        """Send the polite signal to the process itself; it ends its own helpers."""
        if self.is_running():
            os.kill(self.pid, self.polite)

    def wait(self, seconds: float) -> bool:
        """True when it has ended within `seconds`."""
        until = time.monotonic() + seconds
        while self.is_running():
            if time.monotonic() >= until:
                return False
            time.sleep(0.02)
        return True

    def kill(self) -> None:
        """End it and every process of its session's group at once."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.wait(10)

    def stop(self, seconds: float) -> None:
        """Politely, then not."""
        self.ask_to_stop()
        if not self.wait(seconds):
            self.kill()

    def last_lines(self, count: int = 20) -> str:
        """The end of its log."""
        try:
            with self.log.open("rb") as opened:
                opened.seek(max(0, self.log.stat().st_size - 64 * 1024))
                return "\n".join(opened.read().decode("utf-8", "replace").splitlines()[-count:])
        except OSError:
            return ""


@dataclass
class StartedChild(Child):
    """A process that this process started itself."""

    process: subprocess.Popen[bytes]

    @property
    def status(self) -> int | None:
        return self.process.poll()


def take_name(name: str) -> None:
    """The name that `ps` and `top` show for this process (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_NAME, f"lianshen-{name}"[:15].encode(), 0, 0, 0)


def die_with_parent(polite: signal.Signals) -> None:
    """Have the kernel send `polite` when the parent dies (Linux; elsewhere the warden does it)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(polite), 0, 0, 0)


def fresh_log(log: Path) -> Path:
    """Make the folder; put a log that has grown large aside."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_KEPT_BYTES:
        log.replace(log.with_suffix(log.suffix + ".1"))
    return log


def start(
    name: str,
    command: Sequence[str | Path],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    user: int | None = None,
    group: int | None = None,
    polite: signal.Signals = signal.SIGTERM,
    stdin: bytes | None = None,
) -> StartedChild:
    """Start a process in a session of its own with its output in `log`; `user` and `group` only as root."""
    with fresh_log(log).open("ab") as output:
        process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if environment is None else dict(environment),
            cwd=folder,
            start_new_session=True,
            user=user,
            group=group,
            extra_groups=[] if user is not None else None,
            # After a change of user the kernel forgets the death signal, so it is set here, last before exec.
            preexec_fn=lambda: die_with_parent(polite),  # noqa: PLW1509 - the launcher has one thread
        )
    if stdin is not None and process.stdin is not None:
        process.stdin.write(stdin)
        process.stdin.close()
    return StartedChild(name, process.pid, log, polite, process)
