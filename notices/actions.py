"""Writing letters and marking them read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from accounts.access import require, scope
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.doorbell import ring
from ledger.errors import NotFound
from notices.models import Letter
from notices.words import LETTERS


@dataclass(frozen=True)
class Addressee:
    """One person and the address at which he finds the matter."""

    person_id: int
    link: str


@transaction.atomic
def write_letters(
    kind: str,
    addressees: Iterable[Addressee],
    *,
    event_id: UUID,
    project_id: UUID | None = None,
    details: Mapping[str, object] | None = None,
) -> int:
    """Put one letter into each inbox (发送站内消息); a repeated delivery of the event writes nothing more."""
    words = LETTERS[kind]
    letters = [
        Letter(
            person_id=one.person_id,
            kind=kind,
            details=dict(details or {}),
            link=one.link,
            project_id=project_id,
            event_id=event_id,
            asks_for_action=words.asks_for_action,
            at=now(),
        )
        for one in sorted(set(addressees), key=lambda one: (one.person_id, one.link))
    ]
    Letter.objects.bulk_create(letters, ignore_conflicts=True)
    for person_id in {letter.person_id for letter in letters}:
        ring(f"inbox:{person_id}")
    return len(letters)


@transaction.atomic
def mark_read(letter_id: UUID, *, actor: Actor) -> Letter:
    """Note that the letter was opened (已读)."""
    letter = Letter.objects.select_for_update().filter(pk=letter_id).first()
    if letter is None:
        raise NotFound
    require(actor, "inbox.read", letter)
    if letter.read_at is None:
        letter.read_at = now()
        letter.save(update_fields=["read_at"])
    return letter


@transaction.atomic
def mark_all_read(*, actor: Actor) -> int:
    """Note that every letter was seen (全部已读)."""
    return scope(actor, "inbox.read", Letter.objects.filter(read_at__isnull=True)).update(read_at=now())
