"""What the tests of papers share: own directories for files and keys, and a paper that is easily issued."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from PIL import Image, ImageDraw

from accounts.access import note_allowed
from certificates import store
from certificates.actions import issue_paper
from certificates.drafting import kind_of
from certificates.models import Paper
from ledger.outbox import dispatch_all
from tests.cast import Cast

FACTS: Mapping[str, object] = {
    "project_name": "云启精密制造产业园一期",
    "project_code": "2026-131099-35-03-100234",
    "owner_name": "云启精密制造有限公司",
    "item_name": "建设工程规划许可证核发",
}
SPRING = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)


def own_directories(settings: Any, directory: Path) -> None:
    """Files and keys of this test go to `directory`."""
    settings.BLOB_DIR = directory / "blobs"
    settings.KEY_DIR = directory / "keys"


def issued(cast: Cast, kind: str = "acceptance_notice", *, project_id: UUID | None = None, **more: Any) -> Paper:
    """A paper to 云启 in the name of the planning bureau, issued by the window as if it had been allowed the act.

    The acts themselves, with their own questions to the table, are tested in their rooms.
    """
    given: dict[str, Any] = {
        "project_id": project_id or uuid4(),
        "district_id": cast.district.pk,
        "addressee": cast.yunqi.name,
        "facts": FACTS,
        "signer_department_code": "NRP",
        "organisation_id": cast.yunqi.pk,
        "actor": cast.window,
        **more,
    }
    with transaction.atomic():
        for act in sorted(kind_of(kind).acts)[:1]:
            note_allowed(given["actor"], act)
        return issue_paper(kind, **given)


def sealed(cast: Cast, kind: str = "acceptance_notice", **more: Any) -> Paper:
    """The same after the outbox has done its work."""
    paper = issued(cast, kind, **more)
    dispatch_all()
    paper.refresh_from_db()
    assert paper.state == "issued", paper.state
    return paper


def picture() -> bytes:
    """A small drawing as PNG."""
    image = Image.new("RGB", (300, 200), "white")
    ImageDraw.Draw(image).ellipse((100, 50, 200, 150), outline="red", width=4)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def kept_files() -> list[Path]:
    """The papers that are kept."""
    return [path for path in store.place_of("papers", "0" * 64).parents[1].glob("??/*") if path.is_file()]
