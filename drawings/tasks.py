"""Background work on drawings: queue `drawings`, ids in, one action out (图纸处理任务)."""

from __future__ import annotations

from uuid import UUID

import structlog
from celery import shared_task

from drawings.actions.files import clear_quarantine, files_to_take_up, prepare_file
from drawings.actions.heads import anchor_moved_heads
from drawings.actions.uploads import drop_given_up

log = structlog.get_logger()


@shared_task(name="drawings.tasks.prepare", acks_late=True, reject_on_worker_lost=True)
def prepare(file_id: str) -> str:
    """Take one file through the sandbox."""
    return prepare_file(UUID(file_id))


@shared_task(name="drawings.tasks.take_up_files")
def take_up_files() -> int:
    """Ask workers for every file that waits: new ones, and those whose worker died."""
    ids = files_to_take_up()
    for file_id in ids:
        prepare.delay(str(file_id))
    return len(ids)


@shared_task(name="drawings.tasks.anchor_heads")
def anchor_heads() -> int:
    """Anchor the heads of sheet logs that moved in the last minute."""
    return anchor_moved_heads()


@shared_task(name="drawings.tasks.sweep_quarantine")
def sweep_quarantine() -> int:
    """Remove what killed uploads and workers left behind."""
    return drop_given_up() + clear_quarantine()
