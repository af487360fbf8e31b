"""What happens to papers and seals."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from ledger.events import Event


@dataclass(frozen=True)
class PaperIssued(Event):
    """A paper got its number and waits for its seal (出具文书)."""

    project_id: UUID | None
    paper_id: UUID
    kind: str
    number: str
    title: str
    organisation_id: UUID | None


@dataclass(frozen=True)
class PaperSealed(Event):
    """The seal was pressed and the file is kept (加盖电子印章); `sha256` is the file's."""

    project_id: UUID | None
    paper_id: UUID
    kind: str
    number: str
    title: str
    sha256: str
    organisation_id: UUID | None


@dataclass(frozen=True)
class PaperRevoked(Event):
    """A paper lost its effect (撤销文书); number and file stay on record."""

    project_id: UUID | None
    paper_id: UUID
    kind: str
    number: str
    reason: str
    organisation_id: UUID | None


@dataclass(frozen=True)
class SealKeyMade(Event):
    """A department got its signing certificate (制发印章)."""

    department_code: str
    serial: str
