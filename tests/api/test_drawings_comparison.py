"""Two revisions beside each other over HTTP: pairs, differences, proof of identical sheets, and nobody else's drawings."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from drawings import store
from drawings.cad import job
from drawings.cad.compare import fingerprint
from drawings.models import DrawingSet, Revision, Sheet, SourceFile
from tests.actions.drawings_world import make_project
from tests.cad.test_comparing import drawing, edit_text
from tests.cast import Cast


@pytest.fixture(autouse=True)
def blobs(tmp_path: Path, settings: Any) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"


def made(doc: Any, folder: Path) -> Path:
    """A prepared drawing, to be copied as often as it is needed."""
    path = folder.with_suffix(".dxf")
    doc.saveas(path)
    job.run("prepare", path, folder, name="a.dxf")
    return folder


def add_sheet(revision: Revision, name: str, prepared: Path) -> Sheet:
    render = uuid.uuid4().hex * 2
    shutil.copytree(prepared, store.prepared_path(render))
    source = SourceFile.objects.create(
        revision=revision, name=f"{name}.dxf", sha256=uuid.uuid4().hex * 2, render_sha=render, size=1, state="ready"
    )
    print_ = fingerprint(store.prepared_path(render) / "model")
    return Sheet.objects.create(
        revision=revision, file=source, key="model", name=name, number=name, kind="model", bbox=[0, 0, 1, 1], fingerprint=print_
    )  # fmt: skip


def test_pairs_differences_and_proof(cast: Cast, tmp_path: Path) -> None:
    drawing_set = DrawingSet.objects.create(project=make_project(cast), name="施工图")
    old, new = (Revision.objects.create(set=drawing_set, position=n, no="AB"[n - 1], state="clean") for n in (1, 2))
    doc = drawing()
    plain = made(doc, tmp_path / "plain")
    edit_text(doc)
    edited = made(doc, tmp_path / "edited")
    before, same_before = add_sheet(old, "建施-01", plain), add_sheet(old, "建施-02", plain)
    after, same_after = add_sheet(new, "建施-01", edited), add_sheet(new, "建施-02", plain)
    client = cast.client("owner")
    page = client.get(f"/sets/{drawing_set.pk}/compare/?old=A&new=B")
    assert page.status_code == 200
    text = page.content.decode()
    assert same_after.fingerprint == same_before.fingerprint
    assert same_after.fingerprint in text
    assert f"/sheets/{after.pk}/compare/{before.pk}/" in text
    piece = client.get(f"/sheets/{after.pk}/differences/{before.pk}/").content.decode()
    assert "疏散宽度 1.20m" in piece
    assert "疏散宽度 1.40m" in piece
    with translation.override("zh-hans"):  # what the request switches on is switched back
        english = client.get(f"/sheets/{after.pk}/differences/{before.pk}/", headers={"Accept-Language": "en"})
    assert "in 1 place<" in english.content.decode()
    answer = client.get(f"/api/v1/sheets/{after.pk}/comparison/{before.pk}").json()
    assert answer["counts"] == {"added": 0, "removed": 0, "changed": 1, "texts": 1, "same": 5}
    assert answer["changes"][0]["how"] == "text"
    assert len(answer["regions"]) == 1
    assert client.get(f"/sheets/{after.pk}/compare/{before.pk}/").status_code == 200
    addresses = [
        f"/sets/{drawing_set.pk}/compare/",
        f"/sheets/{after.pk}/differences/{before.pk}/",
        f"/sheets/{after.pk}/compare/{before.pk}/",
        f"/api/v1/sheets/{after.pk}/comparison/{before.pk}",
    ]
    for name in ("rival", "designer", "sysadmin"):
        for address in addresses:
            assert cast.client(name).get(address).status_code in {403, 404}, (name, address)
    # One sheet of one's own does not open the other side.
    theirs = make_project(cast, name="别家")
    theirs.owner = cast.chuanhe
    theirs.save()
    other_set = DrawingSet.objects.create(project=theirs, name="别家施工图")
    other = add_sheet(Revision.objects.create(set=other_set, position=1, no="A", state="clean"), "x", plain)
    for address in (f"/api/v1/sheets/{after.pk}/comparison/{other.pk}", f"/sheets/{other.pk}/compare/{after.pk}/"):
        assert client.get(address).status_code == 404
    single = DrawingSet.objects.create(project=drawing_set.project, name="只有一版")
    assert client.get(f"/sets/{single.pk}/compare/").status_code == 404


def test_a_print_is_for_those_who_may_see_the_sheet(cast: Cast, tmp_path: Path) -> None:
    project = make_project(cast)
    revision = Revision.objects.create(
        set=DrawingSet.objects.create(project=project, name="施工图"), position=1, no="A", state="clean"
    )
    sheet = add_sheet(revision, "建施-01", made(drawing(), tmp_path / "plain"))
    Sheet.objects.filter(pk=sheet.pk).update(scale=0.001)
    path = f"/sheets/{sheet.pk}/print.pdf"
    client = cast.client("owner")
    good = client.get(path, {"box": "0,0,42000,18000", "paper": "A4", "scale": "200"})
    assert good.status_code == 200
    assert good["Content-Type"] == "application/pdf"
    assert good.content[:5] == b"%PDF-"
    for wrong in (
        {}, {"box": "1,2,3"}, {"box": "0,0,nan,1"}, {"box": "0,0,1e400,1"}, {"box": "5,5,1,1"}, {"box": "0,0,1,1", "paper": "A9"},
        {"box": "0,0,1,1", "scale": "0"}, {"box": "0,0,1,1", "scale": "x"}, {"box": "0,0,1,1", "scale": "1e99"},
    ):  # fmt: skip
        assert client.get(path, wrong).status_code == 422, wrong
    for name in ("rival", "designer", "sysadmin"):
        assert cast.client(name).get(path, {"box": "0,0,42000,18000"}).status_code in {403, 404}, name
