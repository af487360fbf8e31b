"""A project whose drawings are ready for joint review, reached by real acts, and short words for what departments do."""

from __future__ import annotations

import hashlib
import itertools
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, Value
from django.db.models.functions import Coalesce

from drawings.actions import OpRequest, commit_ops
from drawings.models import DrawingSet, Revision, Sheet, SourceFile
from joint_review import actions
from joint_review.actions.opinions import Spot, Wording
from joint_review.models import Opinion, Round, Task
from ledger.actor import Actor
from ledger.clock_now import freeze
from projects.actions.progress import advance
from projects.models import Project
from projects.queries import lock_project
from tests.actions.projects.filing import accepted, instant, open_codes
from tests.cast import Cast
from tests.unit.joint_review_prepared import Piece, rectangle, write_sheet

START = "2026-03-02T10:00"
LATER = "2026-03-05T10:00"
FIRE_LANE = "GB55037-2022#3.4.5"
_serial = itertools.count(1)

STAIR = Piece(0x2F1, lines=[rectangle(100, 100, 40, 60)], texts=[(105, 165, 7, 30, "楼梯 1")])
LANE = Piece(0x2F2, layer=1, lines=[rectangle(300, 300, 200, 32)])
WALL = Piece(0x2F3, lines=[[(0.0, 90.0), (1000.0, 90.0)]])
PIECES = [STAIR, LANE, WALL]
LANE_REGION = (290.0, 290.0, 510.0, 342.0)
STAIR_REGION = (95.0, 95.0, 145.0, 180.0)


def project_in_review(cast: Cast, **more: Any) -> Project:
    """An accepted project whose drawing review is in hand; what comes before it counts as decided.

    tests/flows walks the whole way by the departments' own acts; here the rows of the earlier items are set.
    """
    return reached(accepted(cast, at=START, **more), "HU-DRW")


def reached(project: Project, code: str, *, stages: tuple[str, ...] = ()) -> Project:
    """Set every item that `code` waits for, and all of these stages, as passed, and let the project go on."""
    with transaction.atomic(), freeze(instant(LATER)):
        project = lock_project(project.pk)
        items = {item.code: item for item in project.items.all()}
        before, todo = set(), list(items[code].prerequisites)
        while todo:
            one = todo.pop()
            if one not in before:
                before.add(one)
                todo += items[one].prerequisites
        earlier = Q(code__in=before) | Q(stage__in=stages, need__in=["needed", "undecided", "promised"])
        project.items.filter(earlier, decided_at__isnull=True).update(
            state=11,
            ready_at=Coalesce("ready_at", Value(instant(START))),
            day_zero=Coalesce("day_zero", Value(instant(START).date())),
            decided_at=instant(LATER),
            decided_on=instant(LATER).date(),
            posts_now=[],
        )
        advance(project, cause="ItemDecided")
    project.refresh_from_db()
    assert code in open_codes(project), open_codes(project)
    return project


def project_before_acceptance(cast: Cast) -> Project:
    """Everything before the acceptance is decided, the works are finished and surveyed."""
    return reached(accepted(cast, at=START), "AC-APP", stages=("S0", "S1", "S2", "S3"))


def add_set(project: Project, name: str = "") -> DrawingSet:
    """A drawing set for the review."""
    return DrawingSet.objects.create(project=project, name=name or f"施工图 {next(_serial)}", item_code="HU-DRW")


def add_clean_revision(drawing_set: DrawingSet, sheets: Iterable[tuple[str, list[Piece]]]) -> Revision:
    """A clean revision with prepared sheets (number, entities), written as the sandbox would have."""
    position = drawing_set.revisions.count() + 1
    revision = Revision.objects.create(
        set=drawing_set, position=position, no="ABCDEFG"[position - 1], state="clean", checked_at="2026-03-05T00:00Z"
    )
    source = SourceFile.objects.create(
        revision=revision,
        name="建施.dxf",
        sha256=uuid.uuid4().hex * 2,
        render_sha=uuid.uuid4().hex * 2,
        size=1,
        state="ready",
        progress=100,
    )
    for index, (number, pieces) in enumerate(sheets):
        folder = (
            Path(settings.BLOB_DIR) / "prepared" / source.render_sha[:2] / source.render_sha / f"layout-{index + 1}"
        )
        write_sheet(folder, pieces, origin=(position * 17.3, -5.0))
        Sheet.objects.create(
            revision=revision,
            file=source,
            key=f"layout-{index + 1}",
            position=index,
            number=number,
            name=f"平面图 {number}",
            kind="layout",
            bbox=[0, 0, 1000, 1000],
            units="mm",
            scale=0.001,
            fingerprint=hashlib.sha256(repr(pieces).encode()).hexdigest(),
        )
    return revision


def open_review(cast: Cast, project: Project | None = None) -> Round:
    """A first round on a set of two sheets, opened by the lead."""
    project = project or project_in_review(cast)
    revision = add_clean_revision(add_set(project), [("A-01", PIECES), ("A-02", [WALL])])
    return actions.open_round(revision.pk, actor=cast.lead)


def sheet_of(round_: Round, number: str = "A-01") -> Sheet:
    """A sheet of the round."""
    return Sheet.objects.get(revision_id=round_.revision_id, number=number)


def task_of(round_: Round, department: str) -> Task:
    """A department's task."""
    return Task.objects.get(round=round_, department__code=department)


def mark(sheet: Sheet, actor: Actor, box: tuple[float, float, float, float] = LANE_REGION) -> uuid.UUID:
    """Draw a cloud as a browser does; fails when the server refuses it."""
    x0, y0, x1, y1 = box
    obj = uuid.uuid4()
    ring = [[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]]
    frame = {
        "t": "op",
        "cid": uuid.uuid4().hex,
        "k": "create",
        "obj": str(obj),
        "base": None,
        "p": {"tool": "cloud", "geom": {"type": "Polygon", "coordinates": [ring]}, "text": "车道净宽不足"},
    }
    (answer,) = commit_ops(sheet.pk, [OpRequest(actor=actor, frame=frame)]).results
    assert answer["t"] == "ack", answer
    return obj


def wording(cls: str = "MANDATORY", text: str = "消防车道净宽不足 4 m，应加宽", **more: Any) -> Wording:
    """Words of an opinion."""
    more.setdefault("clause_code", FIRE_LANE if cls in {"MANDATORY", "GENERAL"} else "")
    return Wording(cls=cls, text=text, **more)


def raise_from_mark(round_: Round, department: str, actor: Actor, **more: Any) -> Opinion:
    """A breach raised from a mark on sheet A-01."""
    sheet = sheet_of(round_)
    obj = mark(sheet, actor)
    return actions.raise_opinion(
        task_of(round_, department).pk, actor=actor, wording=wording(**more), spot=Spot(sheet_id=sheet.pk, marks=[obj])
    )


FIRST = {"NRP": "planning", "HUC": "fire", "CAD": "airdefence", "ADB": "bureau"}
SECOND = {"NRP": "planning2", "HUC": "fire2", "CAD": "airdefence2", "ADB": "bureau2"}


def claim_all(cast: Cast, round_: Round) -> None:
    """Every task gets its first reviewer."""
    for task in round_.tasks.select_related("department").filter(state="open"):
        actions.claim_task(task.pk, actor=cast.actor(FIRST[task.department.code]))


def sign(cast: Cast, round_: Round, department: str, conclusion: str = "agree", remark: str = "") -> Task:
    """The department's second person signs."""
    task = task_of(round_, department)
    if task.first_by_id is None:
        actions.claim_task(task.pk, actor=cast.actor(FIRST[department]))
    return actions.sign_task(task.pk, actor=cast.actor(SECOND[department]), conclusion=conclusion, remark=remark)


def sign_rest(cast: Cast, round_: Round) -> None:
    """Everybody who has not signed agrees."""
    for task in list(round_.tasks.select_related("department").exclude(state="signed")):
        sign(cast, round_, task.department.code)


def noticed_round(cast: Cast, project: Project | None = None) -> Round:
    """A first round with one breach of fire and one of planning, noticed to the applicant."""
    round_ = open_review(cast, project)
    raise_from_mark(round_, "HUC", cast.fire)
    sheet = sheet_of(round_)
    actions.raise_opinion(
        task_of(round_, "NRP").pk,
        actor=cast.planning,
        wording=wording("PLANNING", "楼梯位置与规划许可不一致"),
        spot=Spot(sheet_id=sheet.pk, region=STAIR_REGION),
    )
    sign(cast, round_, "HUC", "revise")
    sign(cast, round_, "NRP", "revise")
    sign_rest(cast, round_)
    actions.issue_notice(round_.pk, actor=cast.lead)
    round_.refresh_from_db()
    return round_
