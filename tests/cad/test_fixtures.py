"""Real drawings that nobody here made, and hostile ones: each is answered as its index expects.

They lie beside the project (../shared/fixtures) and are never committed. A chosen part runs by default, the smaller files of each kind;
LIANSHEN_ALL_FIXTURES=1 runs all of them and all hostile files (some minutes).
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from drawings.cad import dwg, sandbox, sniff
from drawings.cad.errors import CODES, Refusal
from tests.cad.made import Prepared

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "fixtures"
ALL = os.environ.get("LIANSHEN_ALL_FIXTURES") == "1"
TARCH = "LibreCAD__librecad__src__lib__filters__tests__testdata__tarch__t1.dwg"
LEADERS = "Aspose.CAD-for-.NET__Examples__Data__DWG-Drawings__AutoCad_Sample.dwg"
WINDOWS = "ACadSharp__samples__aec_objects__AecObjects.dwg"
OF_2004 = "ACadSharp__samples__sample_AC1018"
CHOSEN = (
    TARCH, LEADERS, WINDOWS, "2018__Spline.dwg", "block-color.dxf", "recover01.dxf", "nested-insert-layers.dxf", "tc.dxf",
    "r11__ACEB10.dwg", "issue19484_1.pdf", "issue14881.pdf", "bin_dxf_r13.dxf",
)  # fmt: skip

pytestmark = pytest.mark.fixtures
if not (FOLDER / "drawings" / "INDEX.tsv").is_file():
    pytest.skip(f"NOT TESTED: no real drawings, {FOLDER} is absent", allow_module_level=True)


def rows() -> list[dict[str, str]]:
    with (FOLDER / "drawings" / "INDEX.tsv").open(encoding="utf-8") as file:
        found = list(csv.DictReader(file, delimiter="\t"))
    return [row for row in found if ALL or row["file"].endswith(CHOSEN)]


class Answers:
    """Each file is prepared once for all tests of this module."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known: dict[str, dict[str, Any] | Refusal] = {}

    def of(self, name: str) -> tuple[dict[str, Any], Path]:
        """The result and the folder of its sheets. Raises Refusal."""
        out = self.folder / name
        if name not in self.known:
            try:
                self.known[name] = sandbox.run("prepare", FOLDER / "drawings" / name, out)
            except Refusal as refusal:
                self.known[name] = refusal
        answer = self.known[name]
        if isinstance(answer, Refusal):
            raise answer
        return answer, out


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    return Answers(tmp_path_factory.mktemp("prepared"))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["file"][-40:])
def test_a_real_drawing_is_answered_as_expected(row: dict[str, str], answers: Answers) -> None:
    try:
        result, out = answers.of(row["file"])
    except Refusal as refusal:
        assert row["expect"] != "ok", refusal  # noqa: PT017 - a refusal is one of two answers, not a failure
        assert refusal.code != "E_INTERNAL", refusal  # noqa: PT017
        return
    assert row["expect"] in {"ok", "damaged"}, result["verdict"]
    if row["expect"] == "damaged":
        assert "W_REPAIRED" in {w["code"] for w in result["warnings"]}
    for sheet in result["sheets"]:
        manifest = json.loads((out / sheet["key"] / "manifest.json").read_text(encoding="utf-8"))
        assert manifest["v"] == 1
        for chunk in manifest["chunks"]:
            assert (out / sheet["key"] / chunk["file"]).stat().st_size == chunk["bytes"]


def needs_node() -> None:
    from drawings.cad.tools import libredwg_folder, node_binary

    if libredwg_folder() is None or node_binary() is None:
        pytest.skip("NOT TESTED: proxy graphics of DWG; Node or @mlightcad/libredwg-web is not installed")


def test_chinese_and_a_table_without_its_program(answers: Answers) -> None:
    """A real GBK drawing: its characters, and a table that only its proxy graphics show."""
    needs_node()
    result, out = answers.of(TARCH)
    words = json.loads((out / "model/text.json").read_text(encoding="utf-8"))["texts"]
    text = "".join(row["s"] for row in words if not row.get("p"))
    assert "穿低压流体输送用焊接钢管" in text  # in the table
    assert "厦门大学建筑设计研究院有限公司" in text
    # All that is drawn: 150 in the frame A2.dwg, 63 in the table, 5 in the title, 16 in symbols. The rest are names of layers.
    assert sum("\u4e00" <= c <= "\u9fff" for c in text) == 234
    assert not [m for m in result["not_shown"] if m["type"] == "ACAD_TABLE"]
    sheet = Prepared.load(out / "model")
    wide = {int(sheet.entities()["handle"][entity]) for _, entity, _ in sheet.triangles()}
    assert 0x90F in wide  # the line under the title, 70 wide at each vertex


@pytest.mark.parametrize(("name", "kind", "count"), [(LEADERS, "MULTILEADER", 21), (WINDOWS, "AEC_WINDOW", 2)])
def test_objects_of_absent_programs_are_shown(name: str, kind: str, count: int, answers: Answers) -> None:
    needs_node()
    result, out = answers.of(name)
    shown = 0
    for sheet in result["sheets"]:
        report = json.loads((out / sheet["key"] / "fidelity.json").read_text(encoding="utf-8"))
        shown += report["shown"].get(kind, 0)
    assert shown == count
    assert kind not in {m["type"] for m in result["not_shown"]}


def test_the_draw_order_of_a_dwg_2004_is_that_of_its_twin(tmp_path: Path) -> None:
    """Of its table of classes LibreDWG misreads half, so that its DXF has no table of the draw order; AutoCAD's own DXF has."""
    needs_node()
    path = tmp_path / "a.dwg"
    shutil.copyfile(FOLDER / "drawings" / f"{OF_2004}.dwg", path)
    data = path.read_bytes()
    loaded = dwg.read(data, path, sniff.sniff(data, path.name))
    lines = [line.strip() for line in (FOLDER / "drawings" / f"{OF_2004}_ascii.dxf").read_bytes().split(b"\n")]
    tables = [at for at, line in enumerate(lines) if line == b"SORTENTSTABLE" and lines[at - 1] == b"0"]
    twin: dict[str, str] = {}
    for at in tables:
        rows = lines[at + 1 : lines.index(b"0", at)]
        twin |= {rows[k + 1].decode(): rows[k + 3].decode() for k in range(0, len(rows), 2) if rows[k] == b"331"}
    assert len(tables) == 3
    assert len(twin) == 8
    assert dict(loaded.doc.modelspace().get_redraw_order()) == twin
    assert "W_ORDER" not in {warning.code for warning in loaded.warnings}


@pytest.mark.skipif(not ALL, reason="NOT TESTED here: all 123 hostile files; run with LIANSHEN_ALL_FIXTURES=1")
@pytest.mark.timeout(3600)
def test_each_hostile_file_gets_one_answer(tmp_path: Path) -> None:
    """The files of the script beside the fixtures; what the code of each should be is tested on our own files."""
    folder = tmp_path / "hostile"
    subprocess.run([sys.executable, str(FOLDER / "make_hostile.py"), str(folder)], check=True, capture_output=True)
    answers = {path.name: _answered(path, tmp_path) for path in sorted(folder.iterdir())}
    assert len(answers) > 110
    assert not {
        name for name, answer in answers.items() if answer not in CODES | {"ok", "warn"} or answer == "E_INTERNAL"
    }
    passed = {name for name, answer in answers.items() if answer in {"ok", "warn"}}
    assert not {name for name in passed if name.startswith(("dwg_", "zip_", "gz_", "svg_", "img_"))}


def _answered(path: Path, folder: Path) -> str:
    started = time.monotonic()
    try:
        answer = str(sandbox.run("prepare", path, folder / "out")["verdict"])
    except Refusal as refusal:
        answer = refusal.code
    assert time.monotonic() - started < 120
    return answer
