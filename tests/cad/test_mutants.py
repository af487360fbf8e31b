"""Honest drawings damaged in one place: refused, or shown with all they hold, or named as damaged. No loss goes unreported (promise R12).

200 of them here; `run.py soak drawings` takes 10,000, of every real drawing as well, and goes on where it was stopped.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import ezdxf
import pymupdf
import pytest

from drawings.cad import job
from drawings.cad.tools import libredwg_folder, node_binary
from tests.cad import made
from tests.cad.mutants import mutants
from tests.cad.test_pixels import busy_drawing
from tests.cad.told import Told, asked, counted, told, unreported

COUNT = int(os.environ.get("LIANSHEN_MUTANTS", "200"))
LARGE = COUNT > 1000
# How many of a hundred are of which format: a DWG takes twenty times as long as the others.
SHARE = {"dxf": 0.66, "pdf": 0.3, "dwg": 0.04} if not LARGE else {"dxf": 0.4, "pdf": 0.25, "dwg": 0.35}
LARGEST = 2_700_000 if LARGE else 60_000
SECONDS = 30
# The soak takes hours: what was done is remembered in this folder, and several processes may share it (part k of n, from 1).
RECORD = os.environ.get("LIANSHEN_MUTANTS_RECORD", "")
_PART = os.environ.get("LIANSHEN_MUTANTS_PART", "1/1").split("/")
PART, PARTS = int(_PART[0]) - 1, int(_PART[1])


def own_dxf(version: str) -> bytes:
    """Geometry of most kinds, words, attributes, old polylines and a layout."""
    doc = busy_drawing()
    model = doc.modelspace()
    model.add_text("建施-02 一层平面图", height=3).set_placement((10, 110))
    model.add_mtext("防火门\\P甲级", dxfattribs={"char_height": 2, "insert": (60, 110)})
    model.add_polyline2d([(0, 120), (30, 125), (60, 118)])
    door = doc.blocks.new("DOOR")
    door.add_line((0, 0), (9, 0))
    door.add_attdef("NO", (1, 1), dxfattribs={"height": 2})
    model.add_blockref("DOOR", (70, 118)).add_auto_attribs({"NO": "FM甲1021"})
    doc.layout("Layout1").add_line((0, 0), (100, 100))
    doc.dxfversion = version
    doc.encoding = "utf-8" if version >= "AC1021" else "gbk"
    return made.written(doc).encode(doc.encoding, "dxfreplace")


def own_pdf() -> bytes:
    """Two pages of lines and words, compressed as plotters do."""
    document = pymupdf.open()
    for number in range(2):
        page = document.new_page(width=842, height=595)
        shape = page.new_shape()
        for row in range(40):
            shape.draw_line((40, 40 + 12 * row), (500 + 7 * row, 40 + 12 * row))
            shape.insert_text((520, 48 + 12 * row), f"A-{number}{row:02d} plan", fontsize=8)
        shape.draw_circle((650, 300), 80)
        shape.finish(width=0.5)
        shape.commit()
    content: bytes = document.tobytes(deflate=True, garbage=3)
    return content


def real(kind: str) -> Iterator[tuple[str, bytes]]:
    """Real drawings marked ok beside the project, small ones first."""
    index = made.FIXTURES / "INDEX.tsv"
    if not index.is_file():
        return
    with index.open(encoding="utf-8") as file:
        names = [row["file"] for row in csv.DictReader(file, delimiter="\t") if row["expect"] == "ok"]
    paths = [made.FIXTURES / name for name in names if name.lower().endswith(f".{kind}")]
    for path in sorted(paths, key=lambda path: path.stat().st_size):
        if path.stat().st_size <= LARGEST:
            yield path.name, path.read_bytes()


def seeds(kind: str) -> list[tuple[str, bytes]]:
    """The honest files of one format that are damaged."""
    if kind == "dxf":
        own = [("own 2010", own_dxf("AC1024")), ("own 2000, GBK", own_dxf("AC1015"))]
        return own + (list(real(kind)) if LARGE else [])
    if kind == "pdf":
        return [("own", own_pdf()), *(real(kind) if LARGE else [])]
    return list(real(kind))[: None if LARGE else 3]


@dataclass
class Round:
    """What became of the mutants of one honest file."""

    codes: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)


def state_of_library() -> bytes:
    """Changes with every line of the library and of this measure."""
    sources = sorted([*Path(job.__file__).parent.glob("*.[pm]*"), *Path(__file__).parent.glob("*.py")])
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).digest()


def damaged(kind: str, number: int, title: str, data: bytes, each: int) -> Round:
    """Damage one file `each` times and hear what the library says; taken from the record when that was done before."""
    seed = 7 * COUNT + number
    known = hashlib.sha256(state_of_library() + data + f"{kind} {seed} {each}".encode()).hexdigest()
    record = Path(RECORD) / f"{known}.json" if RECORD else None
    if record is not None and record.is_file():
        told_before = json.loads(record.read_text())
        return Round(Counter(told_before["codes"]), told_before["failed"])
    name, made_now = f"plan.{kind}", Round()
    whole = asked(data, name)  # in this process, which then has loaded all that the forked ones need
    assert whole.code is None, f"{title}: {whole.code} {whole.detail}"
    copies = list(mutants(data, each, seed=seed, text=kind == "dxf"))
    for mutant, answer in zip(copies, told([mutant.data for mutant in copies], name), strict=True):
        made_now.codes[answer.code or "accepted"] += 1
        lost = unreported(whole, answer, mutant.data, name, data)
        if lost or answer.code == "E_INTERNAL" or (len(data) <= 5 << 20 and answer.seconds > SECONDS):
            made_now.failed.append(f"{title}, {mutant.how}: {lost or answer.detail or answer.seconds}")
    if record is not None:
        record.parent.mkdir(parents=True, exist_ok=True)
        record.write_text(json.dumps({"title": title, "codes": made_now.codes, "failed": made_now.failed}))
    return made_now


@pytest.mark.timeout(28_800 if LARGE else 180)
@pytest.mark.parametrize("kind", ["dxf", "pdf", "dwg"])
def test_no_loss_goes_unreported(kind: str) -> None:
    known = seeds(kind)
    if kind == "dwg" and (not known or node_binary() is None or libredwg_folder() is None):
        pytest.skip("NOT TESTED: damaged DWG; the real drawings, Node or @mlightcad/libredwg-web are absent")
    each = max(1, round(COUNT * SHARE[kind] / len(known)))
    total = Round()
    for number, (title, data) in enumerate(known):
        if number % PARTS != PART:
            continue
        one = damaged(kind, number, title, data, each)
        total.codes += one.codes
        total.failed += one.failed
        if LARGE:
            told_now = f"{title}: {sum(one.codes.values())}, {len(one.failed)} failed"
            print(f"{kind} {number + 1} of {len(known)}, {told_now}", flush=True)  # noqa: T201 - a soak of hours says where it is
    print(f"{sum(total.codes.values())} damaged {kind}: {dict(total.codes)}")  # noqa: T201 - the figures of the soak
    assert not total.failed
    assert len(total.codes) > 1  # some are refused, so damage was done


def test_the_measure_sees_a_loss() -> None:
    """A reader that drops a record is found out; a record that was cut out whole is an honest, smaller file."""
    data = own_dxf("AC1024")
    whole = asked(data, "plan.dxf")
    blind = Told(None, there=whole.there - Counter({"CIRCLE": 1}), sheets=whole.sheets, picture=whole.picture)
    assert unreported(whole, blind, data, "plan.dxf")
    assert counted(data)["CIRCLE"] == 1
    at = data.index(b"CIRCLE")
    shorter = data[: data.rindex(b"\n  0\n", 0, at) + 1] + data[data.index(b"\n  0\n", at) + 1 :]
    answer = asked(shorter, "plan.dxf")
    assert answer.code is None
    assert not unreported(whole, answer, shorter, "plan.dxf")


def test_a_damaged_pdf_is_told_by_its_sums(tmp_path: Path) -> None:
    """MuPDF shows what it can of a damaged page and goes on without a word to the reader."""
    data = bytearray(own_pdf())
    at = data.index(b"stream") + 300
    data[at : at + 4] = bytes(4)
    result = made.inspected(bytes(data), tmp_path, "plan.pdf")
    assert {"W_CHECKSUM", "W_CONTENT"} <= {warning["code"] for warning in result["warnings"]}
    assert "页" in result["warnings"][-1]["zh"]


def test_ezdxf_writes_what_is_counted() -> None:
    doc = ezdxf.new("R2000")
    doc.modelspace().add_line((0, 0), (1, 1))
    assert counted(made.written(doc).encode())["LINE"] == 1
