"""The bench measures what it says: served files hold every entity, and a peer that is absent does not pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from drawings.bench import rows as bench
from drawings.bench.browser import browser_rows
from drawings.bench.plan import plan
from drawings.bench.row import Row, attempted


def test_ingest_is_measured_on_sheets_that_hold_every_entity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = dict.fromkeys(("read", "draw", "signatures"), 2.0)  # the peer's own process would cost seconds
    monkeypatch.setattr(bench, "null_frontend", lambda _source: {"wall": told, "cpu": told})
    source = tmp_path / "plan-500.dxf"
    source.write_bytes(plan(500))
    made = bench.ingest_rows(source, 500, 1, str)
    assert [row["name"].split()[0] for row in made] == ["ingest", "memory", "read", "read", "read"]
    assert all(row["ours"] > 0 for row in made)
    assert made[0]["peer"] == 4.0
    with pytest.raises(RuntimeError, match="not on the sheet"):
        bench.check_handles(source, bench.prepared(source) / "model", 501)


def test_an_absent_peer_is_said_and_not_passed(tmp_path: Path) -> None:
    rows = browser_rows(tmp_path / "x.dxf", tmp_path, "a plan", str, wanted=False)
    assert [row["met"] for row in rows] == [False, False, False]
    assert all("PEER ABSENT" in row["name"] for row in rows)


def test_a_measurement_that_fails_is_told_and_not_passed() -> None:
    def broken() -> list[Row]:
        raise RuntimeError("no luck")

    (told,) = attempted("ingest", str, broken)
    assert "no luck" in told["name"]
    assert told["met"] is False


def test_a_plan_holds_the_same_entities_every_time() -> None:
    def entities(data: bytes) -> bytes:
        return data.split(b"\nENTITIES\n")[1].split(b"\nENDSEC\n")[0]

    assert entities(plan(60)) == entities(plan(60))
    assert entities(plan(60)) != entities(plan(60, moved=0.5))
