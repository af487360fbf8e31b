"""Files on their way in pieces (断点续传), for those who send them; and what a tenant's drawings take."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet, Sum

from drawings.models import SourceFile, Upload
from ledger.actor import Actor
from ledger.errors import NotFound


def own_uploads(actor: Actor, set_id: UUID) -> QuerySet[Upload]:
    """What this person, for this principal, has begun to send to a set and not handed in; oldest first."""
    return Upload.objects.filter(set_id=set_id, person_id=actor.signed_in(), on_behalf_of=actor.on_behalf_of).order_by(
        "made_at", "name"
    )


def own_upload(actor: Actor, upload_id: UUID, *, lock: bool = False) -> Upload:
    """One of them, or NotFound: another's upload does not exist for anybody else."""
    rows = Upload.objects.select_related("set__project")
    if lock:
        rows = rows.select_for_update(of=("self",))
    found = rows.filter(pk=upload_id, person_id=actor.signed_in(), on_behalf_of=actor.on_behalf_of).first()
    if found is None:
        raise NotFound
    return found


def used_bytes(owner_id: UUID) -> int:
    """Bytes of the drawings of an enterprise's projects: accepted, being checked, and on their way (announced sizes)."""
    kept = (
        SourceFile.objects.filter(revision__set__project__owner_id=owner_id, withdrawn_at__isnull=True)
        .exclude(state="refused")
        .aggregate(n=Sum("size"))["n"]
    )
    coming = Upload.objects.filter(set__project__owner_id=owner_id).aggregate(n=Sum("size"))["n"]
    return int(kept or 0) + int(coming or 0)
