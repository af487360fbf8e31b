"""What the joint review API takes and gives."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field

Region = tuple[float, float, float, float]


class Strict(Schema):
    """Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class DemandIn(Strict):
    """A demand in its four parts (指标要求)."""

    parameter: str = Field(max_length=60)
    operator: Literal[">=", ">", "=", "<", "<="]
    value: str = Field(max_length=30)
    unit: str = Field(default="", max_length=10)


class OpinionIn(Strict):
    """A new opinion (审查意见)."""

    task_id: UUID
    sheet_id: UUID | None = None
    marks: list[UUID] = Field(default_factory=list, max_length=200)
    region: Region | None = None
    handles: list[str] = Field(default_factory=list, max_length=500)
    cls: str = Field(max_length=16)
    clause_code: str | None = Field(default=None, max_length=40)
    text: str = Field(max_length=8000)
    demand: DemandIn | str | None = None
    late_reason: str | None = Field(default=None, max_length=16)


class OpinionEdit(Strict):
    """Changed words of a draft; what is left out stays."""

    cls: str | None = Field(default=None, max_length=16)
    clause_code: str | None = Field(default=None, max_length=40)
    text: str | None = Field(default=None, max_length=8000)
    demand: DemandIn | str | None = None
    version: int | None = None


class WithdrawIn(Strict):
    """Why a draft is taken back."""

    why: str = Field(default="", max_length=400)


class JoinIn(Strict):
    """Joining as co-author, with the task, and the own draft that goes into it."""

    task_id: UUID
    instead_of: UUID | None = None


class AnswerIn(Strict):
    """An answer to one opinion."""

    kind: Literal["revise", "explain", "object"]
    text: str = Field(default="", max_length=8000)


class RecheckIn(Strict):
    """What a department says to an answer."""

    result: Literal["accept", "keep", "partly"]
    text: str = Field(default="", max_length=8000)


class AnchorIn(Strict):
    """Where an opinion is on the new sheet; nothing: as found."""

    sheet_id: UUID | None = None
    region: Region | None = None


class SignIn(Strict):
    """A department's conclusion."""

    conclusion: Literal["agree", "agree_with_conditions", "revise", "disagree", "not_concerned"]
    remark: str = Field(default="", max_length=4000)


class ConflictIn(Strict):
    """Two opinions that cannot both be met."""

    first: UUID
    second: UUID
    reason: str = Field(max_length=400)


class RulingIn(Strict):
    """The lead's ruling; `prevails`: the opinion that stands alone."""

    ruling: str = Field(max_length=4000)
    prevails: UUID | None = None


class ReasonIn(Strict):
    """Why."""

    reason: str = Field(min_length=1, max_length=200)


class RoundIn(Strict):
    """A first round on a clean revision."""

    revision_id: UUID
    disciplines: list[str] = Field(default_factory=list, max_length=30)


class SimilarIn(Strict):
    """An opinion being written, for the live warnings."""

    task_id: UUID
    sheet_id: UUID | None = None
    region: Region | None = None
    cls: str = Field(default="", max_length=16)
    clause_code: str | None = Field(default=None, max_length=40)
    text: str = Field(default="", max_length=8000)
    demand: DemandIn | str | None = None


class SimilarOut(Schema):
    """Numbers of opinions that say the same, and of those that say the contrary."""

    duplicates: list[int]
    contradicts: list[int]


class DepartmentOut(Schema):
    """A department."""

    code: str
    name: str
    short_name: str
    badge: str
    color: int


class DisciplineOut(Schema):
    """A discipline."""

    code: str
    name: str


class PersonOut(Schema):
    """A person, and which step he took."""

    id: int
    name: str
    step: str | None = None


class TaskOut(Schema):
    """A department's task: one branch of the round."""

    id: UUID
    department: DepartmentOut
    discipline: DisciplineOut | None
    covers: list[DisciplineOut]
    undecided: list[str]
    state: str
    state_label: str
    conclusion: str | None
    remark: str
    due_on: date | None
    mine: bool
    can: list[str]
    people: list[PersonOut]


class RoundSheetOut(Schema):
    """A sheet of the round."""

    id: UUID
    number: str
    name: str
    state: str
    marks: int
    change: str | None
    picture: str


class NamedOut(Schema):
    """Something that is only referred to."""

    id: UUID
    name: str


class ProjectOut(NamedOut):
    """A project that is only referred to."""

    code: str


class RevisionOut(Schema):
    """A revision that is only referred to."""

    id: UUID
    no: str


class ClassOut(Schema):
    """A class of opinion."""

    code: str
    name: str
    needs_clause: bool
    blocks: bool


class RoundOut(Schema):
    """A round with its branches and sheets."""

    id: UUID
    no: int
    state: str
    state_label: str
    due_on: date | None
    opened_at: datetime
    project: ProjectOut
    set: NamedOut
    revision: RevisionOut
    tasks: list[TaskOut]
    sheets: list[RoundSheetOut]
    can: list[str]
    classes: list[ClassOut]
    late_reasons: list[DisciplineOut]


class ClauseOut(Schema):
    """A clause of the library, or as an opinion cited it."""

    code: str
    no: str
    title: str
    topic: str
    certain: bool
    cls: str | None = None
    discipline: str | None = None


class MatchOut(Schema):
    """What the revision did to the opinion's place."""

    verdict: str
    certain: bool
    why: str


class ReplyOut(Schema):
    """An answer or a recheck in the thread of an opinion."""

    by: str
    kind: str
    kind_label: str
    text: str
    at: datetime


class OpinionOut(Schema):
    """An opinion as it stands in the round."""

    id: UUID
    no: int
    department: DepartmentOut
    discipline: DisciplineOut | None
    authors: list[DepartmentOut]
    cls: str
    cls_label: str
    clause: ClauseOut | None
    text: str
    demand: dict[str, Any] | None
    demand_label: str
    state: str
    state_label: str
    sheet_id: UUID | None
    region: list[float] | None
    marks: list[UUID]
    match: MatchOut | None
    picture: bool
    blocking: bool
    late_reason: str | None
    version: int
    mine: bool
    author: PersonOut
    raised_at: datetime
    merged_into: int | None
    why_withdrawn: str | None
    can: list[str]
    replies: list[ReplyOut]


class NoticeOut(Schema):
    """An issued notice."""

    id: UUID
    round_id: UUID
    paper_id: UUID
    due_on: date | None


class RoundNext(Schema):
    """The round that opened with the answers."""

    next_round_id: UUID
    no: int


class ConflictOut(Schema):
    """A conflict between two opinions."""

    id: UUID
    state: str
