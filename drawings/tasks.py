"""Background work on drawings: queue `drawings`, ids in, one action out (图纸处理任务)."""

from __future__ import annotations

from uuid import UUID

import structlog
from celery import shared_task

from drawings.actions.anew import prepare_next_anew
from drawings.actions.files import clear_quarantine, files_to_take_up, prepare_file
from drawings.actions.former import clear_former_preparations
from drawings.actions.heads import anchor_moved_heads
from drawings.actions.uploads import drop_given_up
from drawings.queries.anew import files_to_prepare_anew

log = structlog.get_logger()
# The beat asks again after so long: what nobody took by then is asked for twice.
TAKE_UP_SECONDS = 60


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
    """Remove what killed uploads and workers left behind, and preparations that nothing asks for any more."""
    return drop_given_up() + clear_quarantine() + clear_former_preparations()


@shared_task(name="drawings.tasks.take_up_outdated")
def take_up_outdated() -> int:
    """Have the sheets prepared anew that an older version made (重新制备): after an upgrade, and until none is left."""
    waiting = files_to_prepare_anew().count()
    if waiting:
        prepare_next.apply_async(expires=TAKE_UP_SECONDS)
    return waiting


@shared_task(name="drawings.tasks.prepare_next")
def prepare_next() -> str:
    """Prepare one outdated file anew, then ask for the next; uploads go first, and another worker's turn is its own."""
    answer = prepare_next_anew()
    if answer.state in {"done", "failed"}:
        prepare_next.apply_async(expires=TAKE_UP_SECONDS)
    return answer.state
