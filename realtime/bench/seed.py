"""One open sheet with reviewers in an empty database: `python -m realtime.bench.seed` prints where it is, as JSON.

Used by `manage.py bench realtime` and by the tests that kill processes; only on a scratch database.
"""

from __future__ import annotations

import json
import os
import uuid
from typing import Any

REVIEWERS = ("fire", "fire2", "planning", "planning2")


def make_room() -> dict[str, Any]:
    """The cast, a project, a clean revision with one sheet, an open round with a task for fire and planning."""
    from django.apps import apps
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.db import connection, transaction

    from accounts.actions import make_cast
    from drawings.actions import open_sheets
    from ledger.actor import Actor

    if not any(word in str(connection.settings_dict["NAME"]) for word in ("scratch", "live", "test")):
        raise SystemExit("only for a scratch database")
    make_cast()

    def new(model: str, **fields: Any) -> Any:
        return apps.get_model(model)._default_manager.create(**fields)

    def one(model: str, **fields: Any) -> Any:
        return apps.get_model(model)._default_manager.filter(**fields).order_by("pk").first()

    person = one("accounts.Person", username="owner")
    district = one("accounts.District")
    owner = one("accounts.Organisation", kind="enterprise")
    lead = one("accounts.Department", code="HUC")
    project = new("projects.Project", name="会审房间度量", owner=owner, district=district, created_by=person)
    item = new(
        "projects.ItemCase",
        project=project,
        code="HU-DRW",
        name_zh="多图联审",
        name_en="Joint drawing review",
        position=1,
        stage="S3",
        department_code="HUC",
        kind="REVIEW",
        counts=True,
        need="needed",
        limit_days=10,
    )
    drawing_set = new("drawings.DrawingSet", project=project, name="施工图")
    revision = new("drawings.Revision", set=drawing_set, position=1, no="A", state="clean")
    source = new(
        "drawings.SourceFile",
        revision=revision,
        name="a.dxf",
        sha256="0" * 64,
        render_sha="0" * 64,
        size=1,
        state="ready",
        progress=100,
    )
    sheet = new(
        "drawings.Sheet",
        revision=revision,
        file=source,
        key="model",
        name="首层平面图",
        kind="model",
        bbox=[0, 0, 1, 1],
    )
    round_ = new(
        "joint_review.Round", project=project, set=drawing_set, revision=revision, item=item, no=1, convened_by=lead
    )
    for code in ("HUC", "NRP"):
        department = one("accounts.Department", code=code)
        new("joint_review.Task", round=round_, department=department, discipline="FIRE" if code == "HUC" else "PLAN")
    with transaction.atomic():
        open_sheets(revision.pk, actor=Actor.system(cause="bench"), round_id=round_.pk)

    def cookie(username: str) -> str:
        reader = one("accounts.Person", username=username)
        session = SessionStore()
        session[SESSION_KEY] = str(reader.pk)
        session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
        session[HASH_SESSION_KEY] = reader.get_session_auth_hash()
        session.create()
        return str(session.session_key)

    return {
        "sheet": str(sheet.pk),
        "project": str(project.pk),
        "run": uuid.uuid4().hex[:8],
        "cookies": {username: cookie(username) for username in REVIEWERS},
    }


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    print(json.dumps(make_room()))  # noqa: T201 - its output is its result
