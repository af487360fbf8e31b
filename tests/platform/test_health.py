"""The probes: ready means that everything answers."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from config import alive
from config.launcher.processes import QUEUES

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_alive() -> None:
    cache.clear()


def everybody_signs() -> None:
    for queue in QUEUES:
        alive.sign(f"worker:{queue}")
    alive.sign("beat")


def test_healthz_answers_alone(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_ready_when_everything_answers(client: Client) -> None:
    everybody_signs()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["checks"] == {"database": "ok", "cache": "ok", "worker": "ok", "beat": "ok"}


@pytest.mark.parametrize(
    ("silent", "check"), [("beat", "beat"), ("worker:default", "worker"), ("worker:drawings", "worker")]
)
def test_one_silent_process_is_named(client: Client, silent: str, check: str) -> None:
    everybody_signs()
    cache.delete(f"alive:{silent}")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert [name for name, state in answer.json()["checks"].items() if state != "ok"] == [check]


def test_not_ready_while_a_migration_waits(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    everybody_signs()
    from config.health import views

    monkeypatch.setattr(views, "migrations_waiting", lambda: ["projects.0002_more"])
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["database"]) == (503, "down")


def test_a_probe_answer_is_never_kept(client: Client) -> None:
    assert "no-store" in client.get("/readyz")["Cache-Control"]


def test_metrics_need_the_token_once_there_is_one(client: Client, settings: object) -> None:
    assert client.get("/metrics").status_code == 200
    settings.METRICS_TOKEN = "prometheus-only"  # type: ignore[attr-defined]
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Metrics wrong"}).status_code == 404
    answer = client.get("/metrics", headers={"Authorization": "Metrics prometheus-only"})
    assert answer.status_code == 200
    assert b"lianshen_outbox_waiting" in answer.content
