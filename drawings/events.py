"""What happens to drawings (图纸事件)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ledger.events import Event


@dataclass(frozen=True)
class DrawingSetCreated(Event):
    """A set of drawings was begun (新建图纸集)."""

    project_id: UUID
    set_id: UUID
    name: str


@dataclass(frozen=True)
class RevisionAdded(Event):
    """A revision was handed in; its files are in quarantine (提交版本)."""

    project_id: UUID
    set_id: UUID
    revision_id: UUID
    no: str
    files: list[dict[str, Any]]


@dataclass(frozen=True)
class FilesAdded(Event):
    """Files were added to a revision that is not clean yet (补传文件)."""

    project_id: UUID
    revision_id: UUID
    files: list[dict[str, Any]]


@dataclass(frozen=True)
class UploadBegun(Event):
    """Somebody began to send a file in pieces (开始上传)."""

    project_id: UUID
    set_id: UUID
    upload_id: UUID
    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class UploadDropped(Event):
    """The sender gave an upload up; nothing of it is kept (放弃上传)."""

    project_id: UUID
    set_id: UUID
    upload_id: UUID
    name: str


@dataclass(frozen=True)
class FileWithdrawn(Event):
    """A refused file was taken out of its revision (撤回文件)."""

    project_id: UUID
    revision_id: UUID
    file_id: UUID


@dataclass(frozen=True)
class FilePrepared(Event):
    """A file passed the sandbox; its sheets exist (文件通过检查)."""

    project_id: UUID
    revision_id: UUID
    file_id: UUID
    sha256: str
    sheets: list[UUID]


@dataclass(frozen=True)
class FileRefused(Event):
    """A file was refused with a code of the closed list; nothing of it is kept (文件被拒收)."""

    project_id: UUID
    revision_id: UUID
    file_id: UUID
    sha256: str
    code: str


@dataclass(frozen=True)
class RevisionReady(Event):
    """Every file of a revision is clean (版本就绪)."""

    project_id: UUID
    set_id: UUID
    revision_id: UUID
    no: str


@dataclass(frozen=True)
class RevisionRejected(Event):
    """A revision holds refused files: one line each (版本被退回)."""

    project_id: UUID
    set_id: UUID
    revision_id: UUID
    no: str
    defects: list[dict[str, Any]]


@dataclass(frozen=True)
class SheetHead(Event):
    """The head of a sheet's op log, anchored in the project's chain (日志锚定)."""

    sheet_id: UUID
    seq: int
    head_hash: str
    why: str


@dataclass(frozen=True)
class PeopleMentioned(Event):
    """A reply in a mark's thread names people with @ (批注中提到)."""

    sheet_id: UUID
    obj: str
    seq: int
    people: list[int]


@dataclass(frozen=True)
class LayerStateKept(Event):
    """Somebody kept what is shown of a set's sheets under a name (保存图层状态)."""

    project_id: UUID
    set_id: UUID
    state_id: UUID
    name: str
    shared: bool


@dataclass(frozen=True)
class LayerStateRemoved(Event):
    """A layer state was removed by the one who kept it (删除图层状态)."""

    project_id: UUID
    set_id: UUID
    state_id: UUID
    name: str


@dataclass(frozen=True)
class FilePreparedAnew(Event):
    """A newer version of the product prepared a file's sheets anew (图纸重新制备); originals and logs are as they were."""

    project_id: UUID
    revision_id: UUID
    file_id: UUID
    sha256: str
    before: str
    version: str
    sheets: list[UUID]
    found: list[UUID]
    kept: list[UUID]


@dataclass(frozen=True)
class SheetsFound(Event):
    """Sheets came to light in a file that was handed in before (发现新图幅): whoever reviews it has not seen them."""

    project_id: UUID
    set_id: UUID
    revision_id: UUID
    round_id: UUID | None
    state: str
    sheets: list[UUID]
    names: list[str]


@dataclass(frozen=True)
class NewPreparationFailed(Event):
    """A newer version could not prepare a file anew; its old sheets stay (重新制备失败)."""

    project_id: UUID
    revision_id: UUID
    file_id: UUID
    sha256: str
    version: str
    code: str
