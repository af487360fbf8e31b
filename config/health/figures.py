"""Figures of our own for Prometheus, read from the database when asked for."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import REGISTRY, Collector

from drawings.queries.anew import preparation_figures
from ledger.queries import outbox_figures


class OurFigures(Collector):
    """What an operator is woken for: the outbox standing still, deliveries given up, drawings left behind, connections."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One gauge a family; labels only with closed sets of values."""
        figures = outbox_figures()
        yield GaugeMetricFamily("lianshen_outbox_waiting", "Deliveries that wait", value=figures["waiting"])
        yield GaugeMetricFamily(
            "lianshen_outbox_parked", "Deliveries given up after ten tries", value=figures["parked"]
        )
        yield GaugeMetricFamily(
            "lianshen_outbox_oldest_seconds", "Age of the oldest due delivery", value=figures["oldest_seconds"]
        )
        drawings = preparation_figures()
        yield GaugeMetricFamily(
            "lianshen_drawings_outdated", "Files that wait to be prepared anew by this version", value=drawings.waiting
        )
        yield GaugeMetricFamily(
            "lianshen_drawings_not_anew",
            "Files that this version could not prepare anew (at most 100 are counted)",
            value=len(drawings.failed),
        )
        with connection.cursor() as cursor:
            cursor.execute("SELECT state, count(*) FROM pg_stat_activity WHERE datname = current_database() GROUP BY 1")
            by_state = GaugeMetricFamily("lianshen_database_connections", "Database connections", labels=["state"])
            for state, count in cursor.fetchall():
                by_state.add_metric([state or "none"], count)
        yield by_state


def register() -> None:
    """Add the collector once per process."""
    if not any(isinstance(known, OurFigures) for known in list(REGISTRY._collector_to_names)):
        REGISTRY.register(OurFigures())
