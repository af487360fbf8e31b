"""HTTP API of the drawings room: sets, revisions, files on their way, sheets."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from ninja import File, Form, Router, Status
from ninja.files import UploadedFile

from accounts.access import action, require
from drawings import queries
from drawings.actions import (
    add_files,
    add_revision,
    append_to_upload,
    begin_upload,
    create_set,
    drop_upload,
    hand_in_more,
    hand_in_uploads,
    keep_layer_state,
    receive_file,
    remove_layer_state,
    withdraw_file,
)
from drawings.answers import (
    comparison_out,
    delivered_out,
    file_out,
    layer_state_out,
    revision_out,
    say_offset,
    sent_out,
    set_out,
    sheet_out,
    upload_out,
)
from drawings.schemas import (
    ComparisonOut,
    Delivery,
    FileOut,
    LayerStateOut,
    NewLayerState,
    NewSet,
    NewUpload,
    RevisionOut,
    SentOut,
    SetOut,
    SheetHitsOut,
    SheetOut,
    UploadOut,
)
from drawings.serving import address_elsewhere, send_original
from drawings.store import IncomingFile, drop_quarantined
from ledger.actor import Actor
from ledger.errors import Invalid, Refused

router = Router()
Files = Annotated[list[UploadedFile], File()]
Sums = Annotated[list[str], Form()]


def actor_of(request: HttpRequest) -> Actor:
    """Who asks."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


@router.get("/projects/{uuid:project_id}/sets", response=list[SetOut], summary="项目的图纸集")
@action("drawing.list")
def list_sets(request: HttpRequest, project_id: UUID) -> list[dict[str, Any]]:
    """The drawing sets of a project that the caller may see."""
    return [set_out(item) for item in queries.sets_for(actor_of(request), project_id)]


@router.post("/projects/{uuid:project_id}/sets", response={201: SetOut}, summary="新建图纸集")
@action("drawing.upload_version")
def post_set(request: HttpRequest, project_id: UUID, body: NewSet) -> Status[dict[str, Any]]:
    """Begin a drawing set."""
    made = create_set(project_id, name=body.name, stage=body.stage, item_code=body.item_code, actor=actor_of(request))
    return Status(201, set_out(made))


@router.get("/sets/{uuid:set_id}/revisions", response=list[RevisionOut], summary="图纸集的各版本")
@action("drawing.view")
def list_revisions(request: HttpRequest, set_id: UUID) -> list[dict[str, Any]]:
    """Every revision of a set with files and sheets."""
    return [revision_out(item) for item in queries.revisions_for(actor_of(request), set_id)]


@router.post("/sets/{uuid:set_id}/revisions", response={201: SentOut}, summary="提交新版本")
@action("drawing.upload_version")
def post_revision(
    request: HttpRequest,
    set_id: UUID,
    file: Files = [],  # noqa: B006 - ninja reads it, nobody changes it
    sha256: Sums = [],  # noqa: B006
    note: Annotated[str, Form()] = "",
) -> Status[dict[str, Any]]:
    """Hand in a revision: several files (`file`), and for each the SHA-256 the sender computed, in the same order.

    Answers at once with one entry per file sent; each is then checked and drawn in the background: poll `/files/{id}`.
    """
    actor = actor_of(request)
    require(actor, "drawing.upload_version", queries.set_for(actor, set_id))
    received = receive_all(file, sha256)
    try:
        made = add_revision(set_id, received, note=note, actor=actor)
    except BaseException:
        drop_all(received)
        raise
    return Status(201, sent_out(queries.revision_for(actor, made.pk), received))


@router.post("/sets/{uuid:set_id}/uploads", response={201: UploadOut}, summary="开始上传一个文件（可续传）")
@action("drawing.upload_version")
def post_upload(request: HttpRequest, set_id: UUID, body: NewUpload) -> Status[dict[str, Any]]:
    """Begin to send a file in pieces, or find the one begun before: `offset` says from where to go on.

    Then `PATCH` the pieces (at most 4 MiB each, `Upload-Offset`, `Content-Type: application/offset+octet-stream`, as in tus),
    ask `HEAD` after a break, and hand the complete uploads in by `deliveries`.
    """
    made = begin_upload(
        set_id, name=body.name, size=body.size, sha256=body.sha256, path=body.path, actor=actor_of(request)
    )
    return Status(201, upload_out(made))


@router.get("/sets/{uuid:set_id}/uploads", response=list[UploadOut], summary="未提交的上传")
@action("drawing.upload_version")
def list_uploads(request: HttpRequest, set_id: UUID) -> list[dict[str, Any]]:
    """What the caller has begun to send and not handed in."""
    actor = actor_of(request)
    require(actor, "drawing.upload_version", queries.set_for(actor, set_id))
    return [upload_out(row) for row in queries.own_uploads(actor, set_id)]


@router.api_operation(["HEAD"], "/uploads/{uuid:upload_id}", response={204: None}, summary="已收到的字节数")
@action("drawing.upload_version")
def head_upload(request: HttpRequest, upload_id: UUID, response: HttpResponse) -> Status[None]:
    """How much is here, in the header `Upload-Offset`."""
    actor = actor_of(request)
    row = queries.own_upload(actor, upload_id)
    require(actor, "drawing.upload_version", row.set)
    say_offset(response, row)
    return Status(204, None)


@router.patch("/uploads/{uuid:upload_id}", response={204: None}, summary="续传一段")
@action("drawing.upload_version")
def patch_upload(request: HttpRequest, upload_id: UUID, response: HttpResponse) -> Status[None]:
    """The next piece, beginning at `Upload-Offset`; 409 `offset_mismatch` when that is not where the last one ended."""
    offset = request.headers.get("Upload-Offset", "")
    if request.content_type != "application/offset+octet-stream" or not (offset.isascii() and offset.isdigit()):
        raise Refused(
            "not_a_piece",
            _("请求不是一段续传数据：需要 Upload-Offset 和 application/offset+octet-stream。"),
            field="Upload-Offset",
        )
    row = append_to_upload(upload_id, int(offset[:18]), request.body, actor=actor_of(request))
    say_offset(response, row)
    return Status(204, None)


@router.delete("/uploads/{uuid:upload_id}", response={204: None}, summary="放弃上传")
@action("drawing.upload_version")
def delete_upload(request: HttpRequest, upload_id: UUID) -> Status[None]:
    """Give an upload up."""
    drop_upload(upload_id, actor=actor_of(request))
    return Status(204, None)


@router.post("/sets/{uuid:set_id}/deliveries", response={201: SentOut}, summary="把传完的文件提交为新版本")
@action("drawing.upload_version")
def post_delivery(request: HttpRequest, set_id: UUID, body: Delivery) -> Status[dict[str, Any]]:
    """Hand complete uploads in as the next revision; answers one entry per upload, in their order."""
    actor = actor_of(request)
    sums = upload_sums(actor, body.uploads)
    made = hand_in_uploads(set_id, body.uploads, note=body.note, actor=actor)
    return Status(201, delivered_out(queries.revision_for(actor, made.pk), sums))


@router.post(
    "/revisions/{uuid:revision_id}/deliveries", response={201: SentOut}, summary="把传完的文件补入被退回的版本"
)
@action("drawing.upload_version")
def post_more(request: HttpRequest, revision_id: UUID, body: Delivery) -> Status[dict[str, Any]]:
    """Add complete uploads to a rejected revision."""
    actor = actor_of(request)
    sums = upload_sums(actor, body.uploads)
    made = hand_in_more(revision_id, body.uploads, actor=actor)
    return Status(201, delivered_out(queries.revision_for(actor, made.pk), sums))


@router.get("/sets/{uuid:set_id}/layer-states", response=list[LayerStateOut], summary="图层状态")
@action("drawing.view")
def list_layer_states(request: HttpRequest, set_id: UUID) -> list[dict[str, Any]]:
    """The caller's own layer states of a set, and those shared with him."""
    actor = actor_of(request)
    return [layer_state_out(row, actor.person_id) for row in queries.layer_states_for(actor, set_id)]


@router.post("/sets/{uuid:set_id}/layer-states", response=LayerStateOut, summary="保存图层状态")
@action("drawing.keep_layer_state")
def post_layer_state(request: HttpRequest, set_id: UUID, body: NewLayerState) -> dict[str, Any]:
    """Keep a layer state, or write over one's own of the same name; `shared`: for all reviewers, or for one's enterprise."""
    actor = actor_of(request)
    kept = keep_layer_state(
        set_id, name=body.name, shown=body.shown, hidden=body.hidden, shared=body.shared, actor=actor
    )
    return layer_state_out(kept, actor.person_id)


@router.delete("/layer-states/{uuid:state_id}", response={204: None}, summary="删除图层状态")
@action("drawing.keep_layer_state")
def delete_layer_state(request: HttpRequest, state_id: UUID) -> Status[None]:
    """Remove one's own layer state."""
    remove_layer_state(state_id, actor=actor_of(request))
    return Status(204, None)


@router.get("/revisions/{uuid:revision_id}", response=RevisionOut, summary="版本")
@action("drawing.view")
def get_revision(request: HttpRequest, revision_id: UUID) -> dict[str, Any]:
    """One revision with files and sheets."""
    return revision_out(queries.revision_for(actor_of(request), revision_id))


@router.get("/revisions/{uuid:revision_id}/texts", response=list[SheetHitsOut], summary="全套图纸文字检索")
@action("drawing.view")
def get_texts(request: HttpRequest, revision_id: UUID, q: str = "") -> list[dict[str, Any]]:
    """Sheets of a revision whose texts hold `q`: how often, and the first places of each."""
    return [
        {
            "sheet_id": hits.sheet.pk,
            "number": hits.sheet.number,
            "name": hits.sheet.name,
            "count": hits.count,
            "texts": [{"text": text, "box": list(box)} for text, box in hits.texts],
        }
        for hits in queries.search_texts(actor_of(request), revision_id, q[:100])
    ]


@router.post("/revisions/{uuid:revision_id}/files", response={201: SentOut}, summary="补传文件")
@action("drawing.upload_version")
def post_files(
    request: HttpRequest,
    revision_id: UUID,
    file: Files = [],  # noqa: B006 - ninja reads it, nobody changes it
    sha256: Sums = [],  # noqa: B006
) -> Status[dict[str, Any]]:
    """Send better files for a revision that was rejected."""
    actor = actor_of(request)
    require(actor, "drawing.upload_version", queries.revision_for(actor, revision_id).set)
    received = receive_all(file, sha256)
    try:
        made = add_files(revision_id, received, actor=actor)
    except BaseException:
        drop_all(received)
        raise
    return Status(201, sent_out(queries.revision_for(actor, made.pk), received))


@router.get("/files/{uuid:file_id}", response=FileOut, summary="文件处理进度")
@action("drawing.view")
def get_file(request: HttpRequest, file_id: UUID) -> dict[str, Any]:
    """How far a file is."""
    return file_out(queries.file_for(actor_of(request), file_id))


@router.delete("/files/{uuid:file_id}", response=RevisionOut, summary="撤回未接收的文件")
@action("drawing.delete")
def delete_file(request: HttpRequest, file_id: UUID) -> dict[str, Any]:
    """Take a refused file out of its revision."""
    actor = actor_of(request)
    revision = withdraw_file(file_id, actor=actor)
    return revision_out(queries.revision_for(actor, revision.pk))


@router.get("/files/{uuid:file_id}/original", summary="下载原始文件")
@action("drawing.download_original")
def get_original(request: HttpRequest, file_id: UUID) -> HttpResponseBase:
    """The original, as an attachment; from the second origin where there is one (302 to an address of one minute)."""
    found = queries.original_for(actor_of(request), file_id)
    elsewhere = address_elsewhere(request, found)
    return HttpResponseRedirect(elsewhere) if elsewhere else send_original(found)


@router.get("/sheets/{uuid:sheet_id}", response=SheetOut, summary="图幅")
@action("drawing.view")
def get_sheet(request: HttpRequest, sheet_id: UUID) -> dict[str, Any]:
    """One sheet for the viewer."""
    return sheet_out(queries.sheet_for(actor_of(request), sheet_id))


def upload_sums(actor: Actor, upload_ids: list[UUID]) -> list[str]:
    """What the uploads hash to: the rows are gone once they are handed in."""
    return [queries.own_upload(actor, upload_id).sha256 for upload_id in upload_ids]


@router.get("/sheets/{uuid:sheet_id}/comparison/{uuid:old_id}", response=ComparisonOut, summary="两张图的差异")
@action("drawing.compare_versions")
def get_comparison(request: HttpRequest, sheet_id: UUID, old_id: UUID) -> dict[str, Any]:
    """Added, removed and changed entities between two sheets of one set, text-only changes named, and regions."""
    old, new = queries.sheets_to_compare(actor_of(request), old_id, sheet_id)
    return comparison_out(old, new, queries.compare_prepared(old, new))


def receive_all(files: list[UploadedFile], sums: list[str]) -> list[IncomingFile]:
    """Every file into quarantine, or none."""
    sums = [item for item in sums if item]
    if not files:
        raise Invalid({"files": [_("请选择至少一个尚未提交的图纸文件（DWG、DXF 或 PDF）。")]})
    if sums and len(sums) != len(files):
        raise Invalid({"sha256": [_("每个文件需要一个 SHA-256 校验值，顺序与文件一致。")]})
    received: list[IncomingFile] = []
    try:
        for index, file in enumerate(files):
            claimed = sums[index] if sums else ""
            received.append(receive_file(file.name or "", file.file, sha256=claimed))  # type: ignore[arg-type]
    except BaseException:
        drop_all(received)
        raise
    return received


def drop_all(received: list[IncomingFile]) -> None:
    """Throw quarantined files away."""
    for file in received:
        drop_quarantined(file.quarantine)
