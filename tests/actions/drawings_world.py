"""A project with one clean revision and open sheets, made without a sandbox: for tests of logs and rooms."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts import access
from drawings.actions import open_sheets
from drawings.models import DrawingSet, Revision, Sheet, SourceFile
from ledger.actor import Actor
from projects.models import Project
from tests.cast import Cast

POINT = {"type": "Point", "coordinates": [1, 2]}
TEXT = {"tool": "text", "geom": POINT, "text": "疏散距离不足"}


def make_project(cast: Cast, name: str = "云川智造产业园") -> Project:
    """A draft project of the first enterprise."""
    return Project.objects.create(
        name=name, owner=cast.yunqi, district=cast.district, created_by_id=cast.owner.person_id
    )


def make_sheets(cast: Cast, count: int = 1, *, project: Project | None = None, opened: bool = True) -> list[Sheet]:
    """Sheets of one clean revision, open for marking unless told otherwise."""
    project = project or make_project(cast, name=f"项目 {uuid.uuid4().hex[:8]}")
    drawing_set = DrawingSet.objects.create(project=project, name="施工图")
    revision = Revision.objects.create(set=drawing_set, position=1, no="A", state="clean")
    source = SourceFile.objects.create(
        revision=revision,
        name="建施.dwg",
        sha256=uuid.uuid4().hex * 2,
        render_sha=uuid.uuid4().hex * 2,
        size=1,
        state="ready",
        progress=100,
    )
    sheets = [
        Sheet.objects.create(
            revision=revision,
            file=source,
            key=f"layout-{n}",
            position=n,
            number=f"A-{n:02d}",
            name=f"平面图 {n}",
            kind="layout",
            bbox=[0, 0, 100, 100],
            units="mm",
            scale=0.001,
            fingerprint=uuid.uuid4().hex,
        )
        for n in range(1, count + 1)
    ]
    if opened:
        with transaction.atomic():
            open_sheets(revision.pk, actor=cast.lead, round_id=uuid.uuid4())
        for sheet in sheets:
            sheet.refresh_from_db()
    return sheets


@contextmanager
def reviewing(*usernames: str) -> Iterator[None]:
    """Within: these people stand to every sheet as reviewers with a task in its round (D), and see it (I)."""
    from drawings.models import Sheet as Model

    def among(actor: Actor) -> Q:
        return Q() if actor.username in usernames else access.NOBODY

    keys = [(Model, letter) for letter in "DI"]
    before = {key: list(access._relations[key]) for key in keys}
    try:
        for key in keys:
            access._relations[key] = [among]
        yield
    finally:
        for key, relations in before.items():
            access._relations[key] = relations


def op(kind: str, obj: str, base: int | None = None, p: Any = None, cid: str | None = None) -> dict[str, Any]:
    """One op as a client sends it."""
    given = {"create": TEXT, "reply": {"text": "同意"}}
    frame: dict[str, Any] = {"t": "op", "cid": cid or uuid.uuid4().hex, "k": kind, "obj": obj, "base": base}
    frame["p"] = given.get(kind, {}) if p is None else p
    return frame


def new_obj() -> str:
    """An id as a client makes it."""
    return str(uuid.uuid4())
