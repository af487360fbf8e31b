"""HTTP twins of the socket (realtime.md section 4): snapshot, ops after a seq, a batch of ops. Same service, same checks."""

from __future__ import annotations

import gzip
import hashlib
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router

from accounts.access import action, require
from drawings import queries
from drawings.actions import OpRequest, commit_ops
from drawings.rules.json_text import BadJson, read_json
from ledger.actor import Actor
from ledger.errors import Refused, TooMany
from realtime.protocol import OP_BYTES, dump
from realtime.words import with_words

router = Router()
PAGE = 500
LARGEST_PAGE = 1000
BATCH = 256
BATCH_BYTES = 4 * 1024 * 1024
WORTH_ZIPPING = 1024


def actor_of(request: HttpRequest) -> Actor:
    """Who asks."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


@router.get("/sheets/{uuid:sheet_id}/snapshot", summary="图幅批注快照")
@action("annotation.list_shared")
def get_snapshot(request: HttpRequest, sheet_id: UUID) -> HttpResponse:
    """Every mark at one head: {epoch, head, state, objects, people}."""
    require(actor_of(request), "annotation.list_shared", queries.sheet(sheet_id))
    return zipped_json(request, dump(queries.snapshot(sheet_id)))


@router.get("/sheets/{uuid:sheet_id}/ops", summary="图幅操作日志")
@action("annotation.list_shared")
def get_ops(
    request: HttpRequest,
    sheet_id: UUID,
    after: Annotated[int, Query(ge=0, lt=2**31)] = 0,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = PAGE,
) -> HttpResponse:
    """A page of the log: {head, ops}. The ops of a full page never change, so it may be kept; its head was true then."""
    require(actor_of(request), "annotation.list_shared", queries.sheet(sheet_id))
    page = queries.ops_after(sheet_id, after, limit)
    is_full = len(page["ops"]) == limit
    text = dump(page)
    response = zipped_json(request, text)
    if is_full:
        tag = hashlib.sha256(dump(page["ops"]).encode()).hexdigest()[:32]
        response["ETag"] = f'"{tag}"'
        response["Cache-Control"] = "private, max-age=3600, immutable"
    return response


@router.post(
    "/sheets/{uuid:sheet_id}/ops",
    summary="提交一批批注操作",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "required": ["ops"],
                        "properties": {"ops": {"type": "array", "maxItems": BATCH, "items": {"type": "object"}}},
                    }
                }
            },
        }
    },
)
@action("annotation.list_shared")
def post_ops(request: HttpRequest, sheet_id: UUID) -> HttpResponse:
    """A batch of ops, {ops: [{cid, k, obj, base, p}]}: {results: [ack or nack, in order], head}.

    For clients without a socket and for what was queued offline. Each op is decided by itself; refusals are no HTTP error.
    """
    actor = actor_of(request)
    require(actor, "annotation.list_shared", queries.sheet(sheet_id))
    frames = read_batch(request.body)
    done = commit_ops(sheet_id, [OpRequest(actor, frame) for frame in frames])
    results = [with_words(result, actor.language) for result in done.results]
    return zipped_json(request, dump({"results": results, "head": done.head}))


def read_batch(body: bytes) -> list[dict[str, object]]:
    """The ops of a body, or a refusal: malformed, too many, one too large."""
    if len(body) > BATCH_BYTES:
        raise Refused("too_large", _("一批操作不能超过 4 MB，请分批发送。"))
    try:
        message = read_json(body.decode())
    except (BadJson, UnicodeDecodeError) as error:
        raise Refused("bad_json", _("请求内容不是有效的 JSON。")) from error
    ops = message.get("ops") if isinstance(message, dict) else None
    if not isinstance(ops, list) or not all(isinstance(item, dict) for item in ops) or not ops:
        raise Refused("bad_batch", _("请求应为 {ops: [...]}，每项是一个操作。"))
    if len(ops) > BATCH:
        raise TooMany(_("一批最多 256 个操作，请分批发送。"))
    for item in ops:
        if len(dump_lenient(item)) > OP_BYTES:
            raise Refused("op_too_large", _("单个操作不能超过 64 KB，请拆分。"))
    return ops


def dump_lenient(item: dict[str, object]) -> bytes:
    """The op's size on the wire, lone surrogates included: they are refused later, each by its own nack."""
    return dump(item).encode("utf-8", "surrogatepass")


def zipped_json(request: HttpRequest, text: str) -> HttpResponse:
    """JSON, compressed when it is worth it and the client takes it."""
    body = text.encode()
    response = HttpResponse(body, content_type="application/json; charset=utf-8")
    response["Vary"] = "Accept-Encoding"
    if len(body) > WORTH_ZIPPING and "gzip" in request.headers.get("Accept-Encoding", ""):
        response.content = gzip.compress(body, compresslevel=5)
        response["Content-Encoding"] = "gzip"
    return response
