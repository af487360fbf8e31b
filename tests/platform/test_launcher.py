"""`manage.py demo` from the outside: start, Ctrl-C, a dead child, kill -9, a taken port."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from config.launcher.valkey import free_port
from tests.launched import Launched, all_gone, seeded_copy

pytestmark = [pytest.mark.kill, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def var() -> Iterator[Path]:
    """One data folder for the module, of a demo that was started and stopped before."""
    folder = Path(tempfile.mkdtemp(prefix="lianshen-demo-"))
    folder.chmod(0o755)  # as root PostgreSQL runs as another user, who must come in
    seeded_copy(folder / "var")
    yield folder / "var"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def launched(var: Path) -> Iterator[Launched]:
    started = Launched(var, free_port())
    family: list[psutil.Process] = []
    try:
        started.wait_until_ready()
        family = started.family()
        yield started
    finally:
        if started.process.poll() is None:
            started.process.kill()
        started.process.wait(30)
        psutil.wait_procs(family, timeout=15)


def test_it_is_ready_when_it_says_so_and_ctrl_c_stops_everything(launched: Launched) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{launched.port}/readyz", timeout=10) as answer:
        assert json.load(answer)["status"] == "ready"
    said = launched.said()
    assert f"http://127.0.0.1:{launched.port}/" in said
    # The accounts and the shared drawing are printed.
    for username in ("owner", "agent", "planning", "fire", "sysadmin"):
        assert re.search(rf"^ +{username} ", said, re.MULTILINE), f"{username} is not printed:\n{said}"
    assert "lianshen-demo" in said
    found = re.search(r"one drawing, two windows.*\n +(http\S+)", said)
    assert found, said
    room = json.loads((launched.var / "demo.json").read_text(encoding="utf-8"))["room"]
    assert found[1].endswith(room["page"])
    family = launched.family()
    launched.process.send_signal(signal.SIGINT)
    assert launched.process.wait(60) == 0
    assert all_gone(family, 5) == []


def test_a_dead_child_ends_the_demo_with_status_1(launched: Launched) -> None:
    family = launched.family()
    (web,) = [process for process in family if process.name() == "lianshen-web"]
    web.kill()
    assert launched.process.wait(60) == 1
    assert "web ended with status -9" in launched.said()
    assert all_gone(family, 5) == []


def test_kill_minus_nine_leaves_no_orphans(launched: Launched) -> None:
    family = launched.family()
    launched.process.kill()
    launched.process.wait(10)
    assert all_gone(family, 20) == []


def test_a_taken_port_is_said_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        started = Launched(tmp_path / "var", port)
        assert started.process.wait(60) == 1
    assert f"port {port} is taken" in started.said()
    assert "Traceback" not in started.said()
    assert not (tmp_path / "var" / "postgres").exists()
