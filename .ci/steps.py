"""The steps of `.ci/run`: locks, the demo from the run-time lock alone with the checks beside it, tests. Standard library only."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# It should end within 15 minutes; past half an hour it is stopped.
LIMIT_SECONDS = 30 * 60
DEMO_READY_SECONDS = 300
DEMO_DELIVERED_SECONDS = 120
# A lock that names a registry would send every other machine there.
LOCKS = ["requirements-tools.lock", "requirements.lock", "requirements-dev.lock"]
PACKAGE_LOCKS = [
    "frontend/package-lock.json",
    "tests/browser/package-lock.json",
    "tests/peers/package-lock.json",
    "drawings/bench/peers/package-lock.json",
]
ADDRESS = re.compile(
    r"https?://(?!json-schema\.org|opencollective\.com|github\.com/(?:sponsors|[\w.-]+/[\w.-]+\?sponsor))"
)

started = time.monotonic()
failed: list[str] = []


def say(text: str) -> None:
    print(text, flush=True)


def step(title: str, command: list[str], **options: object) -> bool:
    """Run one step in a process group of its own, with what is left of the time; its output is shown."""
    say(f"=== {title}")
    begun = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True, **options)  # type: ignore[call-overload]
    try:
        status = process.wait(timeout=max(5, LIMIT_SECONDS - (time.monotonic() - started)))
    except subprocess.TimeoutExpired:
        say(f"{title}: no time left, stopping it")
        status = stop(process)
    say(f"=== {title}: {'ok' if status == 0 else f'FAILED ({status})'} in {time.monotonic() - begun:.0f} s")
    if status:
        failed.append(title)
    return status == 0


def stop(process: subprocess.Popen[bytes]) -> int:
    """End a process group surely."""
    for number, seconds in ((signal.SIGINT, 15), (signal.SIGTERM, 5), (signal.SIGKILL, 5)):
        try:
            os.killpg(process.pid, number)
            process.wait(timeout=seconds)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
        break
    return process.returncode if process.returncode is not None else -9


def locks_without_addresses() -> None:
    """No lock file names a registry, a mirror or a path of this machine."""
    say("=== locks without addresses")
    wrong = []
    for name in LOCKS + PACKAGE_LOCKS:
        text = (ROOT / name).read_text(encoding="utf-8")
        if "file://" in text or '"resolved"' in text or (name in LOCKS and ADDRESS.search(text)):
            wrong.append(name)
        if name in LOCKS and "--hash=sha256:" not in text:
            wrong.append(f"{name} has no hashes")
    if wrong:
        say(f"FAILED: {wrong}")
        failed.append("locks without addresses")


class Demo:
    """The demo in a virtual environment that has only the run-time packages: it becomes ready and stops with status 0.

    Its data are what the tests of the whole product begin with, so that the city is built once. While it builds them,
    which is the work of one processor for the most part, the checks run beside it.
    """

    TITLE = "demo from the run-time lock alone"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.output = folder / "output.txt"
        self.environment = {**os.environ, "LIANSHEN_VENV": f"{folder}/venv", "LIANSHEN_VAR": f"{folder}/var"}
        self.begun = time.monotonic()
        self.ready_after: float | None = None
        # Its set-up builds the front end in this folder: done before anything else looks there.
        if not step(f"set-up of the {self.TITLE}", [sys.executable, "run.py", "setup"], env=self.environment):
            return
        self.process = self.start()
        self.watch = threading.Thread(target=self.wait, daemon=True)
        self.watch.start()

    def start(self) -> subprocess.Popen[bytes]:
        """Start it on a free port."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        with self.output.open("wb") as written:
            return subprocess.Popen(
                [sys.executable, "run.py", "demo", "--port", str(self.port)],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait(self) -> None:
        """Until it says how it is stopped, which it does when it is ready."""
        while self.process.poll() is None and time.monotonic() - self.begun < DEMO_READY_SECONDS:
            time.sleep(0.2)
            if "Ctrl-C" in self.output.read_text(encoding="utf-8"):
                self.ready_after = time.monotonic() - self.begun
                return

    def wait_until_delivered(self) -> None:
        """Until its outbox is empty, or for a while: copies of its data need not do that work, each once more."""
        until = time.monotonic() + DEMO_DELIVERED_SECONDS
        while self.process.poll() is None and time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as answer:
                    if b"\nlianshen_outbox_waiting 0.0\n" in answer.read():
                        return
            except OSError:
                return  # it has ended: the step says so
            time.sleep(0.5)

    def data(self) -> Path | None:
        """The folder with its data once it was ready and has stopped; None when it failed."""
        if not self.output.exists():
            return None
        say(f"=== {self.TITLE}")
        self.watch.join()
        if self.ready_after is not None:
            self.wait_until_delivered()
        status = stop(self.process)
        say(self.output.read_text(encoding="utf-8"))
        if self.ready_after is not None and status == 0:
            say(f"=== {self.TITLE}: ok, ready after {self.ready_after:.0f} s")
            return self.folder / "var"
        say(f"=== {self.TITLE}: FAILED (ready: {self.ready_after is not None}, status {status})")
        failed.append(self.TITLE)
        return None


def main() -> int:
    """All steps, also after one has failed, so that one run shows everything."""
    python = sys.executable
    locks_without_addresses()
    with tempfile.TemporaryDirectory(prefix="lianshen-ci-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # as root PostgreSQL runs as another user, who must come in
        demo = Demo(folder)
        complete = step("set-up", [python, "run.py", "setup", "--dev", "--browser"])
        if complete:
            step("checks", [python, "run.py", "check"])
        seeded = demo.data()
        if complete:
            given = {"LIANSHEN_SEEDED_VAR": str(seeded)} if seeded else {}
            step("tests", [python, "run.py", "test"], env={**os.environ, **given})
    say(
        f"=== {time.monotonic() - started:.0f} s in all; {'FAILED: ' + ', '.join(failed) if failed else 'everything holds'}"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
