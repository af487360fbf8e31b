"""One supervised process: its own session, its own log, dead when the launcher is dead."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
LOG_KEPT_BYTES = 5 * 1024 * 1024


class StartFailed(Exception):
    """Something could not be started; the message is for the person at the terminal."""


@dataclass
class Child:
    """A running process and how to end it politely."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    polite: signal.Signals

    @property
    def pid(self) -> int:
        return self.process.pid

    def is_running(self) -> bool:
        return self.process.poll() is None

    def ask_to_stop(self) -> None:
        """Send the polite signal to the process itself; it ends its own helpers."""
        if self.is_running():
            self.process.send_signal(self.polite)

    def wait(self, seconds: float) -> bool:
        """True when it has ended within `seconds`."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """End it and every process of its session's group at once."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.process.wait(10)

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


def die_with_parent(polite: signal.Signals) -> None:
    """Between fork and exec: let the kernel send `polite` when the launcher dies (Linux; elsewhere the warden)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(polite), 0, 0, 0)


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
) -> Child:
    """Start a process in a session of its own with its output in `log`; `user` and `group` only as root."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_KEPT_BYTES:
        log.replace(log.with_suffix(log.suffix + ".1"))
    with log.open("ab") as output:
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
    return Child(name, process, log, polite)
