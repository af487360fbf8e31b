"""Handing in drawings (提交图纸): sets, revisions, files."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import require
from drawings.events import DrawingSetCreated, FilesAdded, FileWithdrawn, RevisionAdded
from drawings.models import DrawingSet, Revision, SourceFile
from drawings.queries import busy_reason, used_bytes
from drawings.rules.uploads import FILES_PER_REVISION, revision_name
from drawings.store import IncomingFile
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Invalid, NotFound, Refused, StateConflict
from ledger.record import record
from projects.queries import lock_project


@transaction.atomic
def create_set(
    project_id: UUID, *, name: str, actor: Actor, stage: str = "", item_code: str | None = None
) -> DrawingSet:
    """Begin a set of drawings in a project (新建图纸集); its name is unique there."""
    project = lock_project(project_id)
    require(actor, "drawing.upload_version", project)
    name = " ".join(name.split())
    if not 1 <= len(name) <= 120:
        raise Invalid({"name": [_("请填写图纸集名称，不超过 120 字。")]})
    if DrawingSet.objects.filter(project_id=project_id, name=name).exists():
        raise Invalid({"name": [_("本项目已有同名图纸集，请换一个名称。")]})
    drawing_set = DrawingSet.objects.create(
        project_id=project_id,
        name=name,
        stage=stage,
        item_code=item_code or "",
        made_by_id=actor.person_id,
        made_at=now(),
    )
    event = DrawingSetCreated(project_id=project_id, set_id=drawing_set.pk, name=name)
    record(event, actor=actor, subject=drawing_set, project_id=project_id)
    return drawing_set


@transaction.atomic
def add_revision(set_id: UUID, files: Sequence[IncomingFile], *, actor: Actor, note: str = "") -> Revision:
    """Hand in the next revision of a set (提交版本); every file then goes through the sandbox by itself.

    Refused while the revision before is being checked, while departments are marking it up, and once it is final.
    """
    drawing_set = lock_set(set_id)
    require(actor, "drawing.upload_version", drawing_set)
    last = Revision.objects.filter(set=drawing_set).order_by("-position").first()
    refuse_if_busy(last)
    position = (last.position if last else 0) + 1
    revision = Revision.objects.create(
        set=drawing_set,
        position=position,
        no=revision_name(position),
        note=note[:400],
        state="checking",
        made_by_id=actor.person_id,
        on_behalf_of=actor.on_behalf_of,
        made_at=now(),
    )
    listed = put_files(revision, files)
    event = RevisionAdded(
        project_id=drawing_set.project_id,
        set_id=drawing_set.pk,
        revision_id=revision.pk,
        no=revision.no,
        files=listed,
    )
    record(event, actor=actor, subject=revision, project_id=drawing_set.project_id)
    return revision


@transaction.atomic
def add_files(revision_id: UUID, files: Sequence[IncomingFile], *, actor: Actor) -> Revision:
    """Send better files for a rejected revision (补传): what was accepted need not be sent again."""
    revision = lock_revision(revision_id)
    require(actor, "drawing.upload_version", revision.set)
    if revision.state != "rejected":
        raise StateConflict(_("只有被退回的版本可以补传文件；其他情况请提交新版本。"))
    listed = put_files(revision, files)
    revision.state = "checking"
    revision.save(update_fields=["state"])
    event = FilesAdded(project_id=revision.set.project_id, revision_id=revision.pk, files=listed)
    record(event, actor=actor, subject=revision, project_id=revision.set.project_id)
    return revision


@transaction.atomic
def withdraw_file(file_id: UUID, *, actor: Actor) -> Revision:
    """Take a refused file out of its revision (撤回被拒文件); the revision is clean when the rest is."""
    from drawings.actions.files import settle_revision

    found = SourceFile.objects.filter(pk=file_id).first()
    if found is None:
        raise NotFound
    revision = lock_revision(found.revision_id)
    require(actor, "drawing.delete", revision.set)
    source = SourceFile.objects.select_for_update().get(pk=file_id)
    if source.state != "refused" or source.withdrawn_at is not None:
        raise StateConflict(_("只能撤回被拒收的文件。"))
    if not revision.files.filter(withdrawn_at__isnull=True).exclude(pk=source.pk).exists():
        raise Refused("last_file", _("这是本版仅有的文件，请先补传正确的文件。"))
    source.withdrawn_at = now()
    source.save(update_fields=["withdrawn_at"])
    event = FileWithdrawn(project_id=revision.set.project_id, revision_id=revision.pk, file_id=source.pk)
    record(event, actor=actor, subject=source, project_id=revision.set.project_id)
    settle_revision(revision, actor=actor)
    return revision


def lock_set(set_id: UUID) -> DrawingSet:
    """A set, locked after its project."""
    found = DrawingSet.objects.filter(pk=set_id).first()
    if found is None:
        raise NotFound
    lock_project(found.project_id)
    return DrawingSet.objects.select_for_update().get(pk=set_id)


def lock_revision(revision_id: UUID) -> Revision:
    """A revision, locked after its project."""
    found = Revision.objects.select_related("set").filter(pk=revision_id).first()
    if found is None:
        raise NotFound
    lock_project(found.set.project_id)
    return Revision.objects.select_for_update(of=("self",)).select_related("set").get(pk=revision_id)


def refuse_if_busy(last: Revision | None) -> None:
    """A new revision has to wait for the one before: until it is checked, and until the round has given its notice."""
    reason = busy_reason(last)
    if reason:
        raise StateConflict(reason, next_step=_("检查和会审的进度见图纸集页面。"))


def require_quota(drawing_set: DrawingSet, more: int) -> None:
    """The enterprise's drawings may take so many bytes together (单位存储配额); the project is locked by the caller."""
    owner_id = drawing_set.project.owner_id
    used, limit = used_bytes(owner_id), settings.TENANT_QUOTA_BYTES
    if used + more <= limit:
        return
    raise Refused(
        "quota_full",
        _("本单位图纸存储空间不足：已用 %(used).1f GB，共 %(limit).1f GB，这个文件需要 %(more).1f MB。")
        % {"used": used / 1024**3, "limit": limit / 1024**3, "more": more / 1024**2},
        field="size",
        next_step=_("请清理未提交的上传，或联系系统管理员增加配额。"),
    )


def put_files(revision: Revision, files: Sequence[IncomingFile]) -> list[dict[str, object]]:
    """Rows for the received files; the same content twice is one file. Returns what the event lists."""
    fresh = list({file.sha256: file for file in files}.values())
    present = revision.files.filter(withdrawn_at__isnull=True)
    # A refused file that is sent again replaces its refusal.
    present.filter(state="refused", sha256__in=[file.sha256 for file in fresh]).update(withdrawn_at=now())
    kept = set(present.values_list("sha256", flat=True))
    fresh = [file for file in fresh if file.sha256 not in kept]
    if not fresh:
        raise Invalid({"files": [_("请选择至少一个尚未提交的图纸文件（DWG、DXF 或 PDF）。")]})
    if len(kept) + len(fresh) > FILES_PER_REVISION:
        raise Invalid({"files": [_("一个版本最多 %(n)d 个文件。") % {"n": FILES_PER_REVISION}]})
    require_quota(revision.set, sum(file.size for file in fresh))
    start = revision.files.count()
    SourceFile.objects.bulk_create(
        [
            SourceFile(
                revision=revision,
                position=start + index,
                name=file.name,
                folder=file.folder,
                sha256=file.sha256,
                size=file.size,
                quarantine=file.quarantine,
                made_at=now(),
            )
            for index, file in enumerate(fresh)
        ]
    )
    return [{"name": file.name, "sha256": file.sha256, "size": file.size} for file in fresh]
