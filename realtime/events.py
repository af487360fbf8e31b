"""What happens in rooms besides the log (会审室事件)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from ledger.events import Event


@dataclass(frozen=True)
class RoomObserved(Event):
    """A supervisor looked into a room, and said why (监督调阅)."""

    project_id: UUID
    sheet_id: UUID
    reason: str
