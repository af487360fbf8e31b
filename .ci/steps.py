"""The steps of `.ci/run`: tests, checks, locks, and the demo from the run-time lock alone. Standard library only."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# It should end within 15 minutes; past half an hour it is stopped.
LIMIT_SECONDS = 30 * 60
DEMO_READY_SECONDS = 300
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


def demo_from_the_run_time_lock(folder: Path) -> Path | None:
    """The demo in a virtual environment that has only the run-time packages becomes ready and stops with status 0.

    Its data are what the tests of the whole product begin with, so that the city is built once; None when it failed.
    """
    title = "demo from the run-time lock alone"
    say(f"=== {title}")
    begun = time.monotonic()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "LIANSHEN_VENV": f"{folder}/venv", "LIANSHEN_VAR": f"{folder}/var"}
    output = folder / "output.txt"
    with output.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, "run.py", "demo", "--port", str(port)],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    ready = False
    while process.poll() is None and time.monotonic() - begun < DEMO_READY_SECONDS and not ready:
        time.sleep(0.2)
        ready = "Ctrl-C" in output.read_text(encoding="utf-8")
    seconds = time.monotonic() - begun
    status = stop(process)
    say(output.read_text(encoding="utf-8"))
    if ready and status == 0:
        say(f"=== {title}: ok, ready after {seconds:.0f} s")
        return folder / "var"
    say(f"=== {title}: FAILED (ready: {ready}, status {status})")
    failed.append(title)
    return None


def main() -> int:
    """All steps, also after one has failed, so that one run shows everything."""
    python = sys.executable
    locks_without_addresses()
    with tempfile.TemporaryDirectory(prefix="lianshen-ci-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # as root PostgreSQL runs as another user, who must come in
        seeded = demo_from_the_run_time_lock(folder)
        given = {"LIANSHEN_SEEDED_VAR": str(seeded)} if seeded else {}
        if step("set-up", [python, "run.py", "setup", "--dev", "--browser"]):
            step("tests", [python, "run.py", "test"], env={**os.environ, **given})
            step("checks", [python, "run.py", "check"])
    say(
        f"=== {time.monotonic() - started:.0f} s in all; {'FAILED: ' + ', '.join(failed) if failed else 'everything holds'}"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
