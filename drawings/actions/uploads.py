"""Files in pieces (断点续传): begin, append at the offset, give up, hand in.

What a person sent of a file stays in quarantine and is counted by `Upload.offset`; after a cut line or a closed tab the
sender asks for the offset and goes on from there. Nobody but the sender, acting for the same principal, sees or
continues it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import require
from drawings.actions.sets import add_files, add_revision, lock_revision, lock_set, require_quota
from drawings.events import UploadBegun, UploadDropped
from drawings.models import Revision, Upload
from drawings.queries.uploads import own_upload, own_uploads
from drawings.rules.uploads import (
    EXTENSIONS,
    FILE_BYTES,
    OPEN_UPLOADS,
    PIECE_BYTES,
    SHA256,
    UPLOAD_KEPT_HOURS,
    clean_folder,
    clean_name,
    extension_of,
)
from drawings.store import IncomingFile, append_partial, begin_partial, drop_quarantined, partial_sha256
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Conflict, Invalid, NotFound, Refused, TooMany
from ledger.record import record


@transaction.atomic
def begin_upload(set_id: UUID, *, name: str, size: int, sha256: str, actor: Actor, path: str = "") -> Upload:
    """Begin to send a file (开始上传), or find the one begun before: same set, sender, name and content.

    `path` is the file's place in a folder that was sent as a whole. Raises Invalid, Refused `quota_full`, TooMany.
    """
    drawing_set = lock_set(set_id)
    require(actor, "drawing.upload_version", drawing_set)
    shown, folder, digest = clean_name(name), clean_folder(path), sha256.strip().lower()
    check_announced(shown, size, digest)
    uploads = own_uploads(actor, set_id)
    known = uploads.filter(sha256=digest, name=shown, folder=folder, size=size).first()
    if known is not None:
        return known
    if uploads.count() >= OPEN_UPLOADS:
        raise TooMany(
            _("您在这个图纸集里还有 %(n)d 个没有提交的上传。") % {"n": OPEN_UPLOADS},
            next_step=_("请先提交或移除它们，再上传新的文件。"),
        )
    require_quota(drawing_set, size)
    made = Upload.objects.create(
        set=drawing_set,
        person_id=actor.signed_in(),
        on_behalf_of=actor.on_behalf_of,
        name=shown,
        folder=folder,
        size=size,
        sha256=digest,
        quarantine=begin_partial(),
        made_at=now(),
        touched_at=now(),
    )
    event = UploadBegun(
        project_id=drawing_set.project_id,
        set_id=drawing_set.pk,
        upload_id=made.pk,
        name=shown,
        size=size,
        sha256=digest,
    )
    record(event, actor=actor, subject=drawing_set, project_id=drawing_set.project_id)
    return made


def check_announced(name: str, size: int, digest: str) -> None:
    """Refuse before the first byte what could not be accepted after the last."""
    if extension_of(name) not in EXTENSIONS:
        raise Refused(
            "E_TYPE",
            _("文件“%(name)s”不是 DWG、DXF 或 PDF。") % {"name": name},
            field="name",
            next_step=_("请用 CAD 软件另存为 DWG、DXF，或打印成 PDF 后上传；压缩包请先解开。"),
        )
    if not 0 < size <= FILE_BYTES:
        raise Refused(
            "E_SIZE",
            _("文件“%(name)s”为空或超过 200 MB。") % {"name": name},
            field="size",
            next_step=_("单个文件不超过 200 MB；请清理（PURGE）或按专业、楼层拆分后上传。"),
        )
    if not SHA256.match(digest):
        raise Refused("sha256_malformed", _("文件“%(name)s”的校验值格式不正确。") % {"name": name}, field="sha256")


@transaction.atomic
def append_to_upload(upload_id: UUID, offset: int, data: bytes, *, actor: Actor) -> Upload:
    """Take the next piece (续传): it must begin where the last one ended, else Conflict with the offset to go on from.

    With the last byte the whole is compared with the announced sha256; Refused `sha256_mismatch` leaves the upload
    without its last piece, and the sender drops it.
    """
    row = own_upload(actor, upload_id, lock=True)
    require(actor, "drawing.upload_version", row.set)
    if len(data) > PIECE_BYTES or row.offset + len(data) > row.size:
        raise Refused("piece_too_large", _("这一段数据超出文件的大小或单段上限（4 MB）。"), field="body")
    if offset != row.offset:
        raise Conflict(
            _("续传位置不一致：服务器已有 %(n)d 字节。") % {"n": row.offset},
            code="offset_mismatch",
            next_step=_("请从服务器已有的位置继续。"),
        )
    try:
        append_partial(row.quarantine, offset, data)
        whole = offset + len(data) == row.size
        if whole and partial_sha256(row.quarantine) != row.sha256:
            raise Refused(
                "sha256_mismatch",
                _("文件“%(name)s”在传输中发生变化，没有保存。") % {"name": row.name},
                field="files",
                next_step=_("请重新上传这个文件。"),
            )
    except FileNotFoundError:
        raise Conflict(
            _("文件“%(name)s”已上传的部分已被清理。") % {"name": row.name},
            code="upload_gone",
            next_step=_("请重新上传这个文件。"),
        ) from None
    row.offset += len(data)
    row.touched_at = now()
    row.save(update_fields=["offset", "touched_at"])
    return row


@transaction.atomic
def drop_upload(upload_id: UUID, *, actor: Actor) -> None:
    """Give an upload up (放弃上传); its bytes are thrown away."""
    found = own_upload(actor, upload_id)
    drawing_set = lock_set(found.set_id)
    require(actor, "drawing.upload_version", drawing_set)
    row = own_upload(actor, upload_id, lock=True)
    event = UploadDropped(project_id=drawing_set.project_id, set_id=drawing_set.pk, upload_id=row.pk, name=row.name)
    record(event, actor=actor, subject=drawing_set, project_id=drawing_set.project_id)
    row.delete()
    transaction.on_commit(lambda: drop_quarantined(row.quarantine))


@transaction.atomic
def hand_in_uploads(set_id: UUID, upload_ids: Sequence[UUID], *, actor: Actor, note: str = "") -> Revision:
    """Make the next revision of complete uploads (提交版本); they become its files."""
    drawing_set = lock_set(set_id)
    rows = complete_uploads(drawing_set.pk, upload_ids, actor=actor)
    forget(rows)
    return add_revision(set_id, [incoming(row) for row in rows], actor=actor, note=note)


@transaction.atomic
def hand_in_more(revision_id: UUID, upload_ids: Sequence[UUID], *, actor: Actor) -> Revision:
    """Add complete uploads to a rejected revision (补传文件)."""
    revision = lock_revision(revision_id)
    rows = complete_uploads(revision.set_id, upload_ids, actor=actor)
    forget(rows)
    return add_files(revision_id, [incoming(row) for row in rows], actor=actor)


def complete_uploads(set_id: UUID, upload_ids: Sequence[UUID], *, actor: Actor) -> list[Upload]:
    """The sender's own uploads, in the order named, every byte of them here; the set is locked by the caller."""
    if not upload_ids:
        raise Invalid({"files": [_("请选择至少一个尚未提交的图纸文件（DWG、DXF 或 PDF）。")]})
    found = {row.pk: row for row in own_uploads(actor, set_id).select_for_update().filter(pk__in=upload_ids)}
    rows = [found[pk] for pk in dict.fromkeys(upload_ids) if pk in found]
    if len(rows) != len(set(upload_ids)):
        raise NotFound
    unfinished = [row.name for row in rows if not row.complete]
    if unfinished:
        raise Refused(
            "upload_unfinished",
            _("还没有传完：%(names)s。") % {"names": _("、").join(unfinished)},
            field="files",
            next_step=_("请等上传完成，或移除没有传完的文件后再提交。"),
        )
    return rows


def incoming(row: Upload) -> IncomingFile:
    """An upload as the file it has become."""
    return IncomingFile(name=row.name, quarantine=row.quarantine, sha256=row.sha256, size=row.size, folder=row.folder)


def forget(rows: Sequence[Upload]) -> None:
    """Their bytes belong to the revision now."""
    Upload.objects.filter(pk__in=[row.pk for row in rows]).delete()


def drop_given_up() -> int:
    """Throw away uploads that nobody continued for three days; called by the sweep."""
    limit = now() - timedelta(hours=UPLOAD_KEPT_HOURS)
    with transaction.atomic():
        rows = list(Upload.objects.select_for_update(skip_locked=True).filter(touched_at__lt=limit))
        Upload.objects.filter(pk__in=[row.pk for row in rows]).delete()
    for row in rows:
        drop_quarantined(row.quarantine)
    return len(rows)
