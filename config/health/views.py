"""Probes: alive, ready, and figures for Prometheus."""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django_prometheus.exports import ExportToDjangoView

from config import alive
from config.health import figures
from config.launcher.processes import QUEUES

log = structlog.get_logger()
_migrated = False


def migrations_waiting() -> list[str]:
    """Migrations that are on disk and not in the database; once none waits, none will while this process lives."""
    global _migrated  # noqa: PLW0603 - remembered for the life of the process
    if _migrated:
        return []
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    _migrated = not plan
    return [str(migration) for migration, _backwards in plan]


def database() -> None:
    """The database answers and every migration is applied."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    waiting = migrations_waiting()
    if waiting:
        raise RuntimeError(f"{len(waiting)} migrations wait, first {waiting[0]}")


def cache_answers() -> None:
    """What is written to the cache can be read back."""
    value = uuid.uuid4().hex
    cache.set("ready:probe", value, 10)
    if cache.get("ready:probe") != value:
        raise RuntimeError("the cache does not keep what it is given")


def worker() -> None:
    """A worker serves each queue."""
    silent = [queue for queue in QUEUES if not alive.is_alive(f"worker:{queue}")]
    if silent:
        raise RuntimeError(f"no worker signs for {', '.join(silent)}")


def beat() -> None:
    """The schedule is running."""
    if not alive.is_alive("beat"):
        raise RuntimeError("beat does not sign")


CHECKS: dict[str, Callable[[], None]] = {"database": database, "cache": cache_answers, "worker": worker, "beat": beat}


@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The web process itself answers."""
    return JsonResponse({"status": "ok"})


@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when database, cache, a worker for each queue and the beat all answer; else 503 and which does not."""
    results: dict[str, Any] = {}
    for name, check in CHECKS.items():
        try:
            check()
            results[name] = "ok"
        except Exception as error:  # noqa: BLE001 - a probe reports whatever goes wrong
            log.warning("not_ready", check=name, error=f"{type(error).__name__}: {error}")
            results[name] = "down"
    ready = all(value == "ok" for value in results.values())
    return JsonResponse({"status": "ready" if ready else "not ready", "checks": results}, status=200 if ready else 503)


@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus figures; outside the demo only with `Authorization: Metrics $METRICS_TOKEN`."""
    if settings.PRODUCTION or settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        if not settings.METRICS_TOKEN or not hmac.compare_digest(
            given.encode(), f"Metrics {settings.METRICS_TOKEN}".encode()
        ):
            raise Http404
    figures.register()
    response: HttpResponse = ExportToDjangoView(request)
    return response
