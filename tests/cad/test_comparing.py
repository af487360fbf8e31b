"""Two revisions of a drawing: what was added, removed, moved, re-worded; renumbered handles and rounding are no change."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import ezdxf
import pymupdf
import pytest

from drawings.cad import job
from drawings.cad.compare import Comparison, compare, fingerprint, regions_of
from drawings.cad.readings import sketch
from drawings.cad.tables import read_table
from drawings.rules.matching import SheetFacts, match


def drawing(*, shuffled: bool = False) -> Any:
    """Walls, a block with an attribute, a dimension, texts; `shuffled`: the same things with other handles."""
    doc = ezdxf.new("R2018", setup=True)
    doc.header["$INSUNITS"] = 4
    doc.layers.add("墙")
    doc.layers.add("柱")
    space = doc.modelspace()
    if shuffled:
        for _ in range(50):
            space.delete_entity(space.add_point((0, 0)))
    door = doc.blocks.new("门")
    door.add_lwpolyline([(0, 0), (900, 0), (900, 50), (0, 50)], close=True)
    door.add_attdef("NO", (100, 100), dxfattribs={"height": 200})
    makers: list[Callable[[], Any]] = [
        lambda: space.add_lwpolyline([(0, 0), (42000, 0), (42000, 18000), (0, 18000)], close=True, dxfattribs={"layer": "墙"}),
        lambda: space.add_line((5000, 0), (5000, 18000), dxfattribs={"layer": "墙"}),
        lambda: space.add_circle((8000, 9000), 300, dxfattribs={"layer": "柱"}),
        lambda: space.add_text("疏散宽度 1.20m", height=350).set_placement((10000, 9000)),
        lambda: space.add_mtext("办公室\n面积 42.5", dxfattribs={"char_height": 300, "insert": (20000, 12000)}),
        lambda: space.add_blockref("门", (15000, 0)).add_auto_attribs({"NO": "FM甲1021"}),
    ]  # fmt: skip
    for make in reversed(makers) if shuffled else makers:
        make()
    return doc


def prepared(doc: Any, out: Path) -> Path:
    stream = io.StringIO()
    doc.write(stream)
    source = out.with_suffix(".dxf")
    source.write_text(stream.getvalue(), encoding="utf-8")
    job.run("prepare", source, out, name="图.dxf")
    return out / "model"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepared(drawing(), tmp_path_factory.mktemp("base") / "a")


def differences(base: Path, doc: Any, folder: Path) -> Comparison:
    return compare(read_table(base), read_table(prepared(doc, folder / "b")))


def of_type(doc: Any, kind: str) -> Any:
    return doc.modelspace().query(kind).first


def edit_text(doc: Any) -> None:
    of_type(doc, "TEXT").dxf.text = "疏散宽度 1.40m"


def edit_attribute(doc: Any) -> None:
    of_type(doc, "INSERT").attribs[0].dxf.text = "FM乙1021"


def move_circle(doc: Any) -> None:
    of_type(doc, "CIRCLE").translate(1500, 0, 0)


def grow_circle(doc: Any) -> None:
    of_type(doc, "CIRCLE").dxf.radius = 450


def relayer_circle(doc: Any) -> None:
    of_type(doc, "CIRCLE").dxf.layer = "墙"


def nothing(_doc: Any) -> None:
    pass


@pytest.mark.parametrize(
    ("edit", "how", "words"),
    [
        (edit_text, "text", ("疏散宽度 1.20m", "疏散宽度 1.40m")),
        (edit_attribute, "text", ("FM甲1021", "FM乙1021")),
        (move_circle, "moved", ("", "")),
        (grow_circle, "shape", ("", "")),
        (relayer_circle, "layer", ("", "")),
        (nothing, None, None),
    ],
)
def test_one_edit_is_one_change_of_its_kind(
    base: Path, tmp_path: Path, edit: Callable[[Any], None], how: str | None, words: tuple[str, str] | None
) -> None:
    doc = drawing()
    edit(doc)
    found = differences(base, doc, tmp_path)
    assert (found.added, found.removed) == ([], [])
    assert [change.how for change in found.changed] == ([how] if how else [])
    assert found.identical is (how is None)
    assert len(found.regions) == (1 if how else 0)
    if words:
        assert (found.changed[0].old_text, found.changed[0].new_text) == words


def test_what_comes_and_goes_is_listed_by_handle(base: Path, tmp_path: Path) -> None:
    doc = drawing()
    gone = of_type(doc, "LINE").dxf.handle
    doc.modelspace().delete_entity(of_type(doc, "LINE"))
    come = doc.modelspace().add_lwpolyline([(30000, 3000), (33000, 3000), (33000, 6000)]).dxf.handle
    found = differences(base, doc, tmp_path)
    assert [item.key for item in found.removed] == [gone]
    assert [item.key for item in found.added] == [come]
    assert found.changed == []
    assert len(found.regions) == 2


def test_handles_dealt_anew_are_no_change(base: Path, tmp_path: Path) -> None:
    found = differences(base, drawing(shuffled=True), tmp_path)
    assert found.identical, (found.added, found.removed, found.changed)


def test_a_page_names_the_words_that_changed(tmp_path: Path) -> None:
    tables = []
    for name, width in (("a", "3.5m"), ("b", "4.0m")):
        document = pymupdf.open()
        page = document.new_page(width=600, height=400)
        page.insert_text((60, 80), f"Fire lane {width}", fontsize=14)
        page.insert_text((60, 120), "Unchanged note", fontsize=14)
        page.draw_rect(pymupdf.Rect(200, 200, 400, 300))
        path = tmp_path / f"{name}.pdf"
        path.write_bytes(document.tobytes())
        job.run("prepare", path, tmp_path / name, name=path.name)
        tables.append(read_table(tmp_path / name / "page-1"))
    found = compare(*tables)
    assert [(change.old_text, change.new_text) for change in found.texts] == [("Fire lane 3.5m", "Fire lane 4.0m")]
    assert {change.kind for change in found.changed} <= {"WORD", "CELL"}
    assert compare(tables[0], tables[0]).identical


def test_equal_sheets_have_equal_fingerprints(base: Path, tmp_path: Path) -> None:
    assert fingerprint(prepared(drawing(), tmp_path / "again")) == fingerprint(base)
    doc = drawing()
    edit_text(doc)
    assert fingerprint(prepared(doc, tmp_path / "other")) != fingerprint(base)


def test_near_changes_are_one_region() -> None:
    assert regions_of([(0, 0, 1, 1), (1.5, 0, 2, 1), (90, 90, 91, 91)], 100) == [
        (-0.8, -0.8, 2.8, 1.8),
        (89.2, 89.2, 91.8, 91.8),
    ]
    assert regions_of([], 100) == []
    many = [(float(i * 10), 0.0, float(i * 10 + 1), 1.0) for i in range(1000)]
    assert 1 <= len(regions_of(many, 10_000)) <= 200


WORDS = [[f"{letter}{n}" for n in range(40)] for letter in "abcd"]


def facts(
    name: str, *, file: str = "建筑.pdf", key: str = "page-1", words: list[str] | None = None, **more: Any
) -> SheetFacts:
    given: dict[str, Any] = {"number": "", "fingerprint": uuid4().hex, "kind": "page", **more}
    return SheetFacts(id=uuid4(), name=name, file_name=file, key=key, sketch=frozenset(sketch(words or [])), **given)


def test_pages_reordered_and_files_renamed_are_found_again() -> None:
    old = [facts(str(n + 1), key=f"page-{n + 1}", words=WORDS[n], fingerprint=f"f{n}") for n in range(4)]
    edited = [*WORDS[1][:36], "x", "y", "z"]
    new = [
        facts("1", file="新.pdf", key="page-1", words=[f"n{n}" for n in range(30)], fingerprint="new"),
        facts("2", file="新.pdf", key="page-2", words=WORDS[3], fingerprint="f3"),
        facts("3", file="新.pdf", key="page-3", words=edited, fingerprint="edited"),
        facts("4", file="新.pdf", key="page-4", words=WORDS[0], fingerprint="f0"),
    ]
    pairs = [(pair.old, pair.change) for pair in match(old, new)]
    assert pairs == [
        (None, "new"), (old[3].id, "identical"), (old[1].id, "changed"), (old[0].id, "identical"), (old[2].id, "gone"),
    ]  # fmt: skip


def test_a_number_outweighs_name_and_place_and_doubt_is_left_open() -> None:
    old = [facts("一层", number="建施-02"), facts("二层", number="建施-03", key="page-2")]
    new = [facts("二层改", number="建施 - 3"), facts("一层", number="建施-02", key="page-2")]
    assert [pair.old for pair in match(old, new)] == [old[1].id, old[0].id]
    twins = [facts("1", file="甲.pdf", words=WORDS[0]), facts("2", file="甲.pdf", key="page-2", words=WORDS[0])]
    later = [
        facts("8", file="乙.pdf", key="page-8", words=WORDS[0]),
        facts("9", file="乙.pdf", key="page-9", words=WORDS[0]),
    ]
    by_words = {pair.new: pair.old for pair in match(twins, later) if pair.new}
    assert by_words[later[0].id] is None
    assert by_words[later[1].id] is None
