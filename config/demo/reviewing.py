"""Drawings handed in and reviewed together, in the demo's history."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from config.demo.filing import person
from drawings.actions import OpRequest, add_revision, commit_ops, create_set
from drawings.actions.files import prepare_file
from drawings.queries import current_revision, revision, sheets_of
from drawings.store import receive_file
from joint_review import actions
from joint_review.actions.opinions import Spot, Wording
from ledger.actor import Actor
from ledger.clock_now import freeze

FIRST = {"NRP": "planning", "HUC": "fire", "CAD": "airdefence", "ADB": "bureau"}


def begin_set(project_id: UUID, files: Sequence[Path], at: datetime, *, actor: Actor) -> UUID:
    """A set with its first revision, taken through the sandbox; the set's id."""
    with freeze(at):
        drawing_set = create_set(project_id, name="施工图设计文件", stage="S3", item_code="HU-DRW", actor=actor)
    hand_in(drawing_set.pk, files, at, actor=actor)
    found: UUID = drawing_set.pk
    return found


def hand_in(set_id: UUID, files: Sequence[Path], at: datetime, *, actor: Actor) -> UUID:
    """The next revision of a set, checked; fails loudly when one of our own drawings is refused."""
    with freeze(at):
        added = add_revision(set_id, [receive_file(path.name, path) for path in files], actor=actor)
        for source in added.files.all():
            state = prepare_file(source.pk)
            if state != "ready":
                raise RuntimeError(f"the demo's own drawing {source.name} was not prepared: {state}")
    current = current_revision(set_id)
    if current is None or current.pk != added.pk:
        raise RuntimeError(f"revision {added.no} of the demo's drawings is not clean")
    found: UUID = added.pk
    return found


def open_round(set_id: UUID, at: datetime) -> Any:
    """The lead convenes the departments."""
    current = current_revision(set_id)
    if current is None:
        raise RuntimeError("no clean revision to review")
    with freeze(at):
        return actions.open_round(current.pk, actor=person("lead"))


def mark(sheet: Any, who: str, at: datetime, *, tool: str, place: tuple[float, float, float, float], text: str) -> UUID:
    """Draw one mark; `place` is a box in shares of the sheet."""
    x0, y0, x1, y1 = sheet.bbox
    left, low, right, high = (
        x0 + place[0] * (x1 - x0),
        y0 + place[1] * (y1 - y0),
        x0 + place[2] * (x1 - x0),
        y0 + place[3] * (y1 - y0),
    )
    geometry: dict[str, Any]
    if tool == "arrow":
        geometry = {"type": "LineString", "coordinates": [[left, low], [right, high]]}
    elif tool == "text":
        geometry = {"type": "Point", "coordinates": [left, low]}
    else:
        ring = [[left, low], [right, low], [right, high], [left, high], [left, low]]
        geometry = {"type": "Polygon", "coordinates": [ring]}
    obj = uuid.uuid4()
    frame = {
        "t": "op",
        "cid": uuid.uuid4().hex,
        "k": "create",
        "obj": str(obj),
        "base": None,
        "p": {"tool": tool, "geom": geometry, "text": text},
    }
    with freeze(at):
        (answer,) = commit_ops(sheet.pk, [OpRequest(actor=person(who), frame=frame)]).results
    if answer["t"] != "ack":
        raise RuntimeError(f"the demo's mark was refused: {answer}")
    return obj


def task_of(round_: Any, department: str, discipline: str | None = None) -> Any:
    """A department's task of the round."""
    tasks = round_.tasks.select_related("department").filter(department__code=department)
    return (tasks.filter(discipline=discipline) if discipline else tasks).first()


def claim(round_: Any, at: datetime, departments: Sequence[str] | None = None) -> None:
    """First reviewers take their tasks."""
    for task in round_.tasks.select_related("department").filter(state="open"):
        code = task.department.code
        if departments is None or code in departments:
            with freeze(at):
                actions.claim_task(task.pk, actor=person(FIRST.get(code, "bureau")))


def say(
    round_: Any,
    department: str,
    at: datetime,
    *,
    sheet: Any,
    marks: Sequence[UUID],
    cls: str,
    text: str,
    clause: str = "",
    demand: dict[str, str] | None = None,
) -> Any:
    """A department's opinion from its marks."""
    with freeze(at):
        return actions.raise_opinion(
            task_of(round_, department).pk,
            actor=person(FIRST[department]),
            wording=Wording(cls=cls, text=text, clause_code=clause, demand=demand),
            spot=Spot(sheet_id=sheet.pk, marks=list(marks)),
        )


def sign_all(round_: Any, at: datetime, *, revise: Sequence[str] = ()) -> None:
    """Every department hands over and signs: those in `revise` ask for changes."""
    claim(round_, at)
    for task in list(round_.tasks.select_related("department").exclude(state__in=("signed", "silent"))):
        code = task.department.code
        hand = FIRST.get(code, "bureau")
        conclusion = "revise" if code in revise else "agree"
        remark = "请按意见修改。" if code in revise else "经审查，符合要求。"
        with freeze(at):
            actions.hand_over_task(task.pk, actor=person(hand))
            actions.sign_task(task.pk, actor=person(f"{hand}2"), conclusion=conclusion, remark=remark)


def sheet_numbered(revision_id: UUID, part: str) -> Any:
    """The sheet whose name or number holds these words; the first one else."""
    sheets = list(sheets_of(revision_id))
    return next((sheet for sheet in sheets if part in sheet.name or part in sheet.number), sheets[0])


def set_of_revision(revision_id: UUID) -> UUID:
    """The set that a revision belongs to."""
    found: UUID = revision(revision_id).set_id
    return found
