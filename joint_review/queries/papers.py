"""The papers of this room as lines of a page."""

from __future__ import annotations

from uuid import UUID

from certificates.queries import PaperLine, papers_of
from ledger.actor import Actor


def paper_line(actor: Actor, project_id: UUID, paper_id: UUID | None) -> PaperLine | None:
    """One paper of a project as this reader may have it; None when there is none, or he may not."""
    if paper_id is None:
        return None
    return next((line for line in papers_of(project_id, actor) if line.id == paper_id), None)
