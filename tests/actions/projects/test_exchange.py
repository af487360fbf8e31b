"""Export in the tables of the exchange standard: nothing lost, nothing guessed, every reading on record."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from copy import deepcopy
from pathlib import Path

import pytest

from ledger.clock_now import freeze
from ledger.errors import DomainError, Refused
from ledger.models import AuditEvent
from projects import actions
from projects.models import ItemCase, ItemMove, Project
from projects.queries.exchange import code_lists, coded, columns, exchange_tables
from projects.queries.exchange_files import as_csv, unharmed
from projects.states import Code
from tests.actions.projects.filing import SQUARE, accepted, decide, instant
from tests.cast import Cast, build_cast

NAMED_IN_DOMAIN_MD = {
    "SPGL_DFXMSPLCXXB", "SPGL_DFXMSPLCJDXXB", "SPGL_DFXMSPLCJDSXXXB", "SPGL_XMJBXXB", "SPGL_XMDWXXB",
    "SPGL_XMSPSXBLXXB", "SPGL_XMSPSXBLXXXXB", "SPGL_XMSPSXBLTBCXXXB", "SPGL_XMSPSXPFWJXXB", "SPGL_XMQTFJXXB",
    "SPGL_XMYDHXJZXXB",
}  # fmt: skip


def test_the_tables_of_the_standard() -> None:
    assert set(columns()) == NAMED_IN_DOMAIN_MD
    assert all(len(names) == len(set(names)) for names in columns().values())


@pytest.fixture(scope="module")
def stopped_made(standing: Path) -> Project:
    return project_with_a_stop(build_cast())


@pytest.fixture
def stopped(city: Cast, stopped_made: Project) -> Project:
    """One item of the project is decided, and the clock of another stands for its expert review."""
    return deepcopy(stopped_made)


def project_with_a_stop(city: Cast) -> Project:
    project = accepted(city)
    decide(city, project, "DR-REC", at="2026-03-03T10:00")
    with freeze(instant("2026-03-04T10:00")):
        open_item = ItemCase.objects.filter(
            project=project, ready_at__isnull=False, decided_at__isnull=True, pause_reasons__contains=["EXPERT_REVIEW"]
        ).first()
        if open_item is not None:
            actions.stop_clock(
                open_item, ground="EXPERT_REVIEW", evidence="评审通知", actor=city.window, act="item.pause_clock"
            )
    return project


def test_states_moves_stops_and_corners_are_carried_as_they_are(city: Cast, stopped: Project) -> None:
    tables = json.loads(actions.export_dossier(stopped.pk, "json", actor=city.window))
    assert set(tables) == NAMED_IN_DOMAIN_MD
    (basic,) = tables["SPGL_XMJBXXB"]
    assert (basic["XMDM"], basic["XMMC"], basic["XMSFWQBJ"]) == (stopped.code, stopped.name, "0")
    cases = {row["SPSXSLBM"] for row in tables["SPGL_XMSPSXBLXXB"]}
    assert cases == {str(row.pk) for row in ItemCase.objects.filter(project=stopped).exclude(need="not_needed")}
    last = {row["SPSXSLBM"]: row["BLZT"] for row in tables["SPGL_XMSPSXBLXXXXB"]}
    stored = {str(row.pk): str(row.state) for row in ItemCase.objects.filter(project=stopped, state__isnull=False)}
    assert last == stored
    assert {int(row["BLZT"]) for row in tables["SPGL_XMSPSXBLXXXXB"]} <= {code.value for code in Code}
    assert len(tables["SPGL_XMSPSXBLXXXXB"]) == ItemMove.objects.filter(item__project=stopped).count()
    (boundary,) = tables["SPGL_XMYDHXJZXXB"]
    assert json.loads(boundary["JZWJFJ"])["coordinates"][0] == [list(corner) for corner in SQUARE]
    stops = stopped.pauses.count()
    assert len(tables["SPGL_XMSPSXBLTBCXXXB"]) == stops
    assert all(row["TBCX"] == "8" and row["TBCXMC"] for row in tables["SPGL_XMSPSXBLTBCXXXB"])
    assert tables["SPGL_XMSPSXPFWJXXB"][0]["PFWH"]
    # A fact that nobody answered is empty, never guessed; so is a value whose code nobody has entered.
    assert basic["SFWCQYPG"] == ""
    assert basic["LXLX"] == ""
    assert basic["SPLCLX"] == "3"


def test_every_row_names_its_region_and_has_a_key_of_its_own(city: Cast, stopped: Project) -> None:
    tables = json.loads(actions.export_dossier(stopped.pk, "json", actor=city.window))
    for table, rows in tables.items():
        assert {row["XZQHDM"] for row in rows} <= {city.district.code}, table
        assert {row["SJYXBS"] for row in rows} <= {"1"}, table
        keys = [row["DFSJZJ"] for row in rows]
        assert all(keys), table
        assert len(set(keys)) == len(keys), table


def test_a_code_is_a_number_or_not_entered() -> None:
    assert all(code == "" or code.isdecimal() for code in code_lists().values())
    assert coded("LXLX", "FILING") is None
    assert coded("SPLCLX", "GOV_BUILDING_40") == "1"
    assert coded("SPLCLX", None) is None


def test_csv_holds_the_same_rows(city: Cast, stopped: Project) -> None:
    tables = exchange_tables(
        Project.objects.select_related("owner", "district", "edition").get(pk=stopped.pk), masked=False
    )
    content = actions.export_dossier(stopped.pk, "csv", actor=city.window)
    assert content == as_csv(tables)
    with zipfile.ZipFile(io.BytesIO(content)) as folder:
        for table, rows in tables.items():
            text = folder.read(f"{table}.csv").decode("utf-8-sig")
            found = list(csv.DictReader(io.StringIO(text)))
            assert found == [{name: unharmed(value) for name, value in row.items()} for row in rows], table


@pytest.mark.parametrize(
    ("value", "kept"),
    [("=1+1", "'=1+1"), ("@SUM(A1)", "'@SUM(A1)"), ("-3.5", "-3.5"), ("-cmd", "'-cmd"), ("正常", "正常"), ("", "")],
)
def test_no_cell_is_a_formula(value: str, kept: str) -> None:
    assert unharmed(value) == kept


def test_who_may_export_and_that_it_is_recorded(city: Cast, running: Project) -> None:
    for actor in (city.rival, city.planning, city.sysadmin):
        with pytest.raises(DomainError):
            actions.export_dossier(running.pk, "json", actor=actor)
    with pytest.raises(Refused):
        actions.export_dossier(running.pk, "xml", actor=city.window)
    before = AuditEvent.objects.filter(name="DossierExported").count()
    masked = json.loads(actions.export_dossier(running.pk, "json", actor=city.supervisor))
    assert {row["BLR"] for row in masked["SPGL_XMSPSXBLXXXXB"]} <= {"", "***"}
    assert AuditEvent.objects.filter(name="DossierExported").count() == before + 1


def test_the_download(city: Cast, running: Project) -> None:
    answer = city.client("window").get(f"/projects/{running.pk}/exchange.json")
    assert answer.status_code == 200
    assert answer["Content-Disposition"].endswith('.json"')
    assert city.client("window").get(f"/projects/{running.pk}/exchange.csv")["Content-Type"] == "application/zip"
    assert city.client("window").get(f"/projects/{running.pk}/exchange.xml").status_code == 422
    assert city.client("rival").get(f"/projects/{running.pk}/exchange.json").status_code == 404
