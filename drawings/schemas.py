"""What the drawings API takes and gives."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field


class NewSet(Schema):
    """A new drawing set."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str = Field(min_length=1, max_length=120)
    stage: str = Field(default="", max_length=40)
    item_code: str | None = Field(default=None, max_length=40)


class SetOut(Schema):
    """A drawing set (图纸集)."""

    id: UUID
    project_id: UUID
    name: str
    stage: str
    item_code: str
    made_at: datetime
    revisions: list[RevisionBrief]


class RevisionBrief(Schema):
    """A revision in a list."""

    id: UUID
    no: str
    state: str
    state_text: str
    made_at: datetime


class NewLayerState(Schema):
    """A layer state to keep; one's own of the same name is written over."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str = Field(max_length=200)
    shown: list[str]
    hidden: list[str]
    shared: bool = False


class LayerStateOut(Schema):
    """A layer state (图层状态): one's own, or shared by `author`."""

    id: UUID
    name: str
    shown: list[str]
    hidden: list[str]
    shared: bool
    mine: bool
    author: str


class FileOut(Schema):
    """A file on its way: poll it until `state` is ready or refused."""

    id: UUID
    revision_id: UUID
    name: str
    folder: str
    size: int
    sha256: str
    format: str
    state: str
    state_text: str
    progress: int
    step: str | None
    step_code: str
    code: str | None
    message: str | None
    next_step: str | None
    sheets: list[SheetBrief]


class SheetBrief(Schema):
    """A sheet in a list."""

    id: UUID
    key: str
    number: str
    name: str
    kind: str
    state: str
    render: str
    units: str
    scale: float | None
    verdict: str
    not_shown: int


class RevisionOut(Schema):
    """A revision with its files and sheets."""

    id: UUID
    set_id: UUID
    no: str
    note: str
    state: str
    state_text: str
    made_at: datetime
    files: list[FileOut]
    sheets: list[SheetBrief]


class SentOut(RevisionOut):
    """A revision after files were sent: `files` are those of this request, in its order."""


class NewUpload(Schema):
    """A file that will be sent in pieces."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str = Field(min_length=1, max_length=255)
    size: int = Field(ge=0)
    sha256: str = Field(max_length=64)
    # Its place in a folder that is sent as a whole, as the browser names it: 建筑/一层平面图.dwg
    path: str = Field(default="", max_length=1000)


class UploadOut(Schema):
    """A file on its way: `offset` bytes of `size` are here."""

    id: UUID
    name: str
    folder: str
    size: int
    offset: int
    sha256: str
    complete: bool
    url: str


class Delivery(Schema):
    """Complete uploads that are handed in together."""

    model_config = ConfigDict(extra="forbid")

    uploads: list[UUID] = Field(min_length=1, max_length=200)
    note: str = Field(default="", max_length=400)


class TextHit(Schema):
    """A text on a sheet and where it stands: x0, y0, x1, y1 in sheet coordinates."""

    text: str
    box: list[float]


class SheetHitsOut(Schema):
    """A sheet that holds the words."""

    sheet_id: UUID
    number: str
    name: str
    count: int
    texts: list[TextHit]


class ChangeOut(Schema):
    """One difference: how is added, removed, text, moved, layer or shape; ids as the files name them."""

    how: str
    id: str
    old_id: str
    type: str
    layer: str
    box: list[float]
    old_text: str
    new_text: str


class ComparisonOut(Schema):
    """What differs between two sheets; `changes` is cut at 3,000, the counts are not."""

    old: SheetBrief
    new: SheetBrief
    identical: bool
    counts: dict[str, int]
    regions: list[list[float]]
    changes: list[ChangeOut]


class Named(Schema):
    """Something that is only referred to."""

    id: UUID
    name: str


class RevisionNamed(Schema):
    """A revision that is only referred to."""

    id: UUID
    no: str


class ProjectNamed(Named):
    """A project that is only referred to."""

    code: str


class PreparationOut(Schema):
    """Whether this version of the product made what is shown: current, waiting, failed, kept; and in words."""

    state: str
    text: str


class SheetOut(Schema):
    """A sheet (图幅) for the viewer."""

    id: UUID
    name: str
    number: str
    kind: str
    state: str
    state_text: str
    render: str
    bbox: list[float]
    units: str
    scale: float | None
    revision: RevisionNamed
    set: Named
    project: ProjectNamed
    round_id: UUID | None
    predecessor_id: UUID | None
    fidelity: dict[str, Any]
    preparation: PreparationOut


SetOut.model_rebuild()
FileOut.model_rebuild()
