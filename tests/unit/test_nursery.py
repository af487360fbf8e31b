"""The launcher's side of the nursery: who runs and who has ended, from what the nursery reports."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.launcher.nursery import ForkedChild, Nursery


@pytest.fixture
def told(tmp_path: Path) -> Iterator[tuple[Nursery, int]]:
    """A nursery that says what the test writes."""
    read_end, write_end = os.pipe()
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        yield Nursery(process, read_end, tmp_path / "log"), write_end
        process.kill()
    os.close(read_end)
    os.close(write_end)


def test_a_number_given_again_is_a_new_child(told: tuple[Nursery, int]) -> None:
    nursery, tell = told
    for report in ({"name": "web", "pid": 77}, {"name": "web", "pid": 77, "status": -9}):
        os.write(tell, json.dumps(report).encode() + b"\n")
    first = ForkedChild("web", 77, nursery.log, signal.SIGTERM, nursery)
    assert first.status == -signal.SIGKILL
    os.write(tell, json.dumps({"name": "web", "pid": 77}).encode() + b"\n")
    nursery.read_reports(0)
    assert ForkedChild("web", 77, nursery.log, signal.SIGTERM, nursery).is_running()
