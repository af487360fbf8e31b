"""What the projects API takes and gives. Input is strict: no guessing between kinds, no unknown fields."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field, JsonValue


class Strict(Schema):
    """Input: `false` is no number, "1" is no number, an unknown field is a mistake."""

    model_config = ConfigDict(extra="forbid", strict=True)


class NewProject(Strict):
    """The basic data of a new project; `uscc` only where a window clerk names the enterprise."""

    name: str = Field(max_length=400)
    code: str | None = Field(default=None, max_length=60)
    uscc: str | None = Field(default=None, max_length=60)
    kind: str | None = None
    nature: str | None = None
    place: str | None = Field(default=None, max_length=1000)
    contents: str | None = Field(default=None, max_length=20_000)
    planned_start: date | None = Field(default=None, strict=False)
    planned_finish: date | None = Field(default=None, strict=False)
    is_linear: bool | None = None
    length_m: float | int | None = Field(default=None, le=10_000_000)


class ProjectChange(Strict):
    """Changes of a draft; `facts` are added, null is the answer "I do not know". `version` refuses a stale form."""

    name: str | None = Field(default=None, max_length=400)
    code: str | None = Field(default=None, max_length=60)
    uscc: str | None = Field(default=None, max_length=60)
    kind: str | None = None
    nature: str | None = None
    place: str | None = Field(default=None, max_length=1000)
    contents: str | None = Field(default=None, max_length=20_000)
    planned_start: date | None = Field(default=None, strict=False)
    planned_finish: date | None = Field(default=None, strict=False)
    is_linear: bool | None = None
    length_m: float | int | None = Field(default=None, le=10_000_000)
    facts: dict[str, bool | float | int | str | None] | None = None
    version: int | None = None


class SiteIn(Strict):
    """A red line in GeoJSON; `datum` is what the applicant declares (EPSG:4490 when left out)."""

    boundary: dict[str, JsonValue]
    datum: str = Field(default="", max_length=40)
    file_name: str = Field(default="", max_length=200)


class SiteOut(Schema):
    """The red line with both areas and the zone of the planar one."""

    boundary: dict[str, Any]
    area_m2: float
    area_legal_m2: float
    epsg: int
    source: str
    datum: str
    sha256: str
    set_at: datetime


class ProjectBrief(Schema):
    """One line of a list."""

    id: UUID
    name: str
    code: str
    owner: str
    state: str
    state_name: str
    stage: str
    receipt_number: str | None
    submitted_at: datetime | None
    due_on: date | None
    warn_on: date | None
    is_provisional: bool


class ProjectPage(Schema):
    """A page of projects."""

    count: int
    page: int
    pages: int
    results: list[ProjectBrief]


class ProjectOut(ProjectBrief):
    """A project with its form, facts and clock."""

    version: int
    kind: str
    nature: str
    place: str
    contents: str
    planned_start: date | None
    planned_finish: date | None
    is_linear: bool
    length_m: Decimal | None
    facts: dict[str, Any]
    fact_sources: dict[str, str]
    template: str | None
    edition: str | None
    accepted_at: datetime | None
    acceptance_mode: str
    check_due_on: date | None
    day_zero: date | None
    day: int | None
    limit_days: int
    stopped_since: date | None
    stopped_ground: str
    next_actor: str
    calendar_version: str
    site: SiteOut | None


class Declared(Strict):
    """Material code -> ready or not."""

    materials: dict[str, bool]


class MaterialOut(Schema):
    """One paper."""

    code: str
    name_zh: str
    name_en: str
    source: str
    items: list[str]
    stage: str
    at_filing: bool
    may_be_late: bool
    state: str
    remark: str
    due_on: date | None


class MaterialCheck(Strict):
    """How the window found one paper."""

    state: Literal["checked", "missing", "faulty"]
    remark: str = Field(default="", max_length=400)


class Checked(Strict):
    """Material code -> what was found."""

    materials: dict[str, MaterialCheck]


class AcceptIn(Strict):
    """Acceptance; `tolerate` accepts with late papers outstanding, `template` and `mode` are the window's choice."""

    tolerate: bool = False
    template: str | None = Field(default=None, max_length=60)
    mode: str | None = Field(default=None, max_length=12)


class CorrectionLine(Strict):
    """One thing to mend."""

    material: str = Field(default="", max_length=20)
    name: str = Field(min_length=1, max_length=200)
    fault: str = Field(max_length=1000)
    remedy: str = Field(max_length=1000)


class CorrectionIn(Strict):
    """Everything to mend, at once."""

    entries: list[CorrectionLine] = Field(max_length=200)


class Reason(Strict):
    """A reason in words."""

    reason: str = Field(max_length=4000)


class AskedOut(Schema):
    """An act that waits for another person's confirmation."""

    second_key: UUID
    action: str
    summary: str


class NoticeOut(Schema):
    """A one-time notice."""

    id: UUID
    kind: str
    entries: list[dict[str, Any]]
    made_at: datetime
    paper_id: UUID | None


class DesignerIn(Strict):
    """The institute's credit code."""

    uscc: str = Field(max_length=60)


class ItemRow(Schema):
    """One item of a project in a list."""

    id: UUID
    code: str
    name_zh: str
    name_en: str
    stage: str
    department: str
    kind: str
    need: str
    need_reason: str
    state: int | None
    state_name: str
    posts_now: list[str]
    prerequisites: list[str]
    counts: bool
    limit_days: int
    statutory_days: int | None
    statutory_unit: str
    legal_basis: str
    ready_at: datetime | None
    day_zero: date | None
    due_on: date | None
    warn_on: date | None
    statutory_due_on: date | None
    remaining_days: int | None
    slack_days: int | None
    is_paused: bool
    is_provisional: bool
    decided_at: datetime | None
    decided_on: date | None
    decision_basis: str


class ItemOut(ItemRow):
    """One item with what the caller may do to it now."""

    can: list[str]


class Remark(Strict):
    """A remark to a step."""

    remark: str = Field(default="", max_length=4000)


class Decision(Strict):
    """A decision with its basis."""

    basis: str = Field(default="", max_length=4000)
    remark: str = Field(default="", max_length=4000)


class EventIn(Strict):
    """What the enterprise has done itself; the day may lie in the past."""

    happened_on: date | None = Field(default=None, strict=False)
    remark: str = Field(default="", max_length=4000)


class NeedIn(Strict):
    """Is the item needed, and why."""

    needed: bool
    reason: str = Field(max_length=2000)


class PauseIn(Strict):
    """A stop by hand."""

    ground: str = Field(max_length=24)
    evidence: str = Field(max_length=2000)
    expected_days: int = Field(ge=1, le=250)


class ResumeIn(Strict):
    """The end of a stop."""

    ground: str = Field(max_length=24)
    evidence: str = Field(max_length=2000)


class DayOut(Schema):
    """One row of the day ledger."""

    day: date
    kind: str
    number: int | None
    holders: list[dict[str, str]]
    why: str
    ground: str
    basis: str
    evidence: str
    calendar_version: str
    is_provisional: bool
    contested: str | None


class LedgerOut(Schema):
    """The day ledger as it was known at `at`."""

    at: datetime
    counted: int
    stopped: int
    rest: int
    days: list[DayOut]


class ContestIn(Strict):
    """An objection to one day."""

    reason: str = Field(max_length=2000)


class ContestOut(Schema):
    """An objection and its answer."""

    id: UUID
    day: date
    reason: str
    state: str
    answer: str


class AnswerIn(Strict):
    """The supervisor's answer."""

    upheld: bool
    answer: str = Field(max_length=2000)


class PlanIn(Strict):
    """Facts to plan with; without `template` the fitting one."""

    facts: dict[str, bool | float | int | str | None] = Field(default_factory=dict)
    template: str | None = Field(default=None, max_length=60)
    accept: datetime | None = Field(default=None, strict=False)


class PlanItemOut(Schema):
    """One item of a plan."""

    code: str
    name_zh: str
    name_en: str
    stage: str
    department: str
    applies: str
    need: str
    reason: str
    missing: list[str]
    days: int
    prerequisites: list[str]
    es: int | None
    ef: int | None
    slack: int | None
    critical: bool
    start_on: date | None
    due_on: date | None
    provisional: bool


class PlanOut(Schema):
    """A plan: which template, why, and what it comes to."""

    template: str
    chosen_by: Literal["facts", "caller"]
    might_come_first: list[dict[str, Any]]
    total_days: int
    limit_days: int
    critical_path: list[str]
    items: list[PlanItemOut]
    stages: list[dict[str, Any]]
    levers: list[dict[str, Any]]


class TemplateOut(Schema):
    """An edition in force."""

    code: str
    version: str
    name_zh: str
    name_en: str
    priority: int
    total_limit: int
    critical_days: int
