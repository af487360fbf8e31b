"""What follows in this room when something happened (订阅)."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from drawings.events import FilesAdded, RevisionAdded
from ledger.subscribe import Delivery, subscribe


@subscribe(RevisionAdded)
def on_revision_added(_event: RevisionAdded, _delivery: Delivery) -> None:
    """Have the files of a new revision taken up."""
    ask_for_preparation()


@subscribe(FilesAdded)
def on_files_added(_event: FilesAdded, _delivery: Delivery) -> None:
    """Have the files taken up that were sent later."""
    ask_for_preparation()


def ask_for_preparation() -> None:
    """Ask the drawings queue to take up what waits; the beat does it too, should this message be lost."""
    from drawings.tasks import take_up_files

    transaction.on_commit(partial(take_up_files.apply_async, queue="default", retry=False), robust=True)
