"""Bad files through the front door: upload, the task of the worker, and what the applicant reads on the page."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from django.utils.html import escape

from drawings.actions import create_set
from drawings.models import Revision, Sheet, SourceFile
from drawings.tasks import prepare
from ledger.models import AuditEvent
from tests.actions.drawings_world import make_project
from tests.cad import made
from tests.cast import Cast

pytestmark = pytest.mark.django_db

SECONDS = 30


@pytest.fixture(autouse=True)
def blobs(tmp_path: Path) -> Iterator[Path]:
    with override_settings(BLOB_DIR=tmp_path / "blobs"):
        yield tmp_path / "blobs"


def test_four_bad_files_are_answered_and_the_worker_goes_on(cast: Cast, blobs: Path) -> None:
    drawing_set = create_set(make_project(cast).pk, name="建筑施工图", actor=cast.owner)
    client = cast.client("owner")
    bad = made.bad_files()
    good = made.dxf(made.line(0, 0, 100, 50)).encode()
    files = [*((name, content) for name, content, _codes in bad), ("好.dxf", good)]
    sent = client.post(
        f"/api/v1/sets/{drawing_set.pk}/revisions",
        {
            "file": [SimpleUploadedFile(name, content) for name, content in files],
            "sha256": [hashlib.sha256(content).hexdigest() for _name, content in files],
        },
        headers={"Idempotency-Key": str(uuid.uuid4())},
    )
    assert sent.status_code == 201, sent.content
    ids = {row["name"]: row["id"] for row in sent.json()["files"]}
    page = client.get(f"/sets/{drawing_set.pk}/").content.decode()
    for name, content, codes in bad:
        started = time.monotonic()
        task = prepare.apply(args=[ids[name]])
        assert time.monotonic() - started < SECONDS
        assert (task.state, task.result) == ("SUCCESS", "refused"), task.traceback
        answer = client.get(f"/api/v1/files/{ids[name]}").json()
        assert answer["state"] == "refused"
        assert answer["code"] in codes
        page = client.get(f"/sets/{drawing_set.pk}/").content.decode()
        for words in (answer["code"], answer["message"], answer["next_step"]):
            assert escape(words) in page
        digest = hashlib.sha256(content).hexdigest()
        assert not [path for path in blobs.rglob("*") if path.is_file() and digest in path.name]
    assert prepare.apply(args=[ids["好.dxf"]]).result == "ready", "the worker goes on"
    assert "Traceback" not in page
    revision = Revision.objects.get(set=drawing_set)
    assert revision.state == "rejected"
    assert not Sheet.objects.filter(file__in=SourceFile.objects.filter(state="refused")).exists()
    assert list((blobs / "quarantine").iterdir()) == []
    assert [path.name for path in (blobs / "clean").rglob("*") if path.is_file()] == [hashlib.sha256(good).hexdigest()]
    defects = AuditEvent.objects.get(name="RevisionRejected").body["defects"]
    assert [row["name"] for row in defects] == [name for name, _content, _codes in bad]
