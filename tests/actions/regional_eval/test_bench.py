"""`bench spatial` measures the product's own engine on land that is gone afterwards, and compares every answer."""

from __future__ import annotations

import pytest
from django.db import connection

from regional_eval.bench import rows as bench
from regional_eval.bench.land import stored_land
from regional_eval.models import Tile


@pytest.mark.django_db(transaction=True)
def test_the_rows_of_a_small_land() -> None:
    with stored_land(400, lambda _text: None) as land:
        made = {
            row["name"].split(" at ")[0]: row for row in bench.land_rows(land, bench.Size(400, 30, 40), str, peers=True)
        }
    memory = made["one check against a tree in memory, p50"]
    assert memory["note"] == "same answers"
    assert memory["hits"] > 30
    peer = made["batch of 40 sites against PostGIS"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_available_extensions WHERE name = 'postgis'")
        there = bool(cursor.fetchone()[0])
    if not there:
        assert peer["met"] is False
        assert "peer absent" in peer["note"]
    assert not Tile.objects.exists()
