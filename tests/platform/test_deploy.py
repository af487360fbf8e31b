"""Compose and systemd start the same processes as the demo and the tests."""

from __future__ import annotations

import configparser
import subprocess
import sys
from pathlib import Path

import yaml

from config.celery import app
from config.launcher.processes import LONGEST_FRAME_BYTES, QUEUES, all_of_them

ROOT = Path(__file__).resolve().parents[2]


def test_compose_starts_every_process() -> None:
    services = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))["services"]
    named = {service["command"][0] for service in services.values() if service.get("image") == "lianshen"}
    assert named == {*all_of_them("127.0.0.1", 8000), "manage"}


def test_systemd_names_every_process() -> None:
    text = (ROOT / "deploy" / "systemd" / "lianshen@.service").read_text(encoding="utf-8")
    for name in all_of_them("127.0.0.1", 8000):
        assert f"lianshen@{name}" in text.splitlines()[0]
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.read_string(text)
    assert unit["Service"]["ExecStart"].endswith("deploy/start.py %i")


def test_an_unknown_process_is_refused() -> None:
    command = [sys.executable, "deploy/start.py", "everything"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "worker-drawings" in done.stderr


def test_the_web_server_limits_frames_and_does_not_compress_them() -> None:
    web = all_of_them("127.0.0.1", 8000)["web"]
    assert web[web.index("--ws-max-size") + 1] == str(LONGEST_FRAME_BYTES) == "131072"
    assert web[web.index("--ws-per-message-deflate") + 1] == "false"
    assert web[web.index("--ws") + 1] == "websockets-sansio"


def test_every_scheduled_task_exists_and_has_a_worker() -> None:
    app.loader.import_default_modules()
    for title, entry in app.conf.beat_schedule.items():
        assert entry["task"] in app.tasks, title
        route = app.amqp.router.route(entry.get("options", {}), entry["task"])
        assert route["queue"].name in QUEUES, title
