"""Old prepared files (旧制备件) are taken away when nothing can ask for them any more."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from drawings import store
from drawings.models import FormerPreparation, Sheet, SourceFile

# A page that was opened before goes on asking there; nobody leaves one open longer.
FORMER_KEPT = timedelta(days=14)


def clear_former_preparations(kept_for: timedelta = FORMER_KEPT) -> int:
    """Forget preparations that were replaced so long ago, and remove those that no row names; returns how many."""
    with transaction.atomic():
        old = FormerPreparation.objects.filter(replaced_at__lt=timezone.now() - kept_for)
        places = set(old.values_list("render_sha", flat=True))
        old.delete()
    removed = 0
    for render_sha in places:
        if not is_named(render_sha):
            store.drop_prepared(render_sha)
            removed += 1
    return removed


def is_named(render_sha: str) -> bool:
    """Does any row still name this preparation?"""
    return (
        SourceFile.objects.filter(render_sha=render_sha).exists()
        or Sheet.objects.filter(kept_sha=render_sha).exists()
        or FormerPreparation.objects.filter(render_sha=render_sha).exists()
    )
