"""Files to the browser (图件下发): prepared sheets for ever, originals as attachments only."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlparse
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from drawings import store
from drawings.models import SourceFile

# What a preparation may hold (docs/drawing-format.md); nothing else is ever served from its folder.
TYPES = {
    ".json": "application/json; charset=utf-8",
    ".bin": "application/octet-stream",
    ".webp": "image/webp",
    ".png": "image/png",
}
RENDER_SHA = re.compile(r"[0-9a-f]{64}\Z")
KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,79}\Z")
STEP = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}\Z")
CHUNK = 256 * 1024
FOR_EVER = "private, max-age=31536000, immutable"
ORIGINALS = "/originals/"
ORIGINALS_SALT = "drawings.originals"
ORIGINALS_SECONDS = 60
# A browser that is talked into opening one of these gets an empty, powerless page.
POWERLESS = "default-src 'none'; sandbox"


def prepared_file(render_sha: str, key: str, path: str) -> Path:
    """The file behind a prepared address, or Http404: only plain names of known types, only below the sheet's folder."""
    steps = path.split("/")
    if not (RENDER_SHA.match(render_sha) and KEY.match(key) and len(steps) <= 6 and all(map(STEP.match, steps))):
        raise Http404
    folder = store.prepared_path(render_sha) / key
    found = folder.joinpath(*steps)
    if found.suffix not in TYPES or not found.resolve().is_relative_to(folder.resolve()) or not found.is_file():
        raise Http404
    return found


def send_prepared(request: HttpRequest, found: Path) -> HttpResponse:
    """A prepared file; the ready compressed twin to those who take it. Never changes, so it may be kept for ever."""
    twin = found.with_name(found.name + ".gz")
    zipped = "gzip" in request.headers.get("Accept-Encoding", "") and twin.is_file()
    response = HttpResponse((twin if zipped else found).read_bytes(), content_type=TYPES[found.suffix])
    if zipped:
        response["Content-Encoding"] = "gzip"
    response["Vary"] = "Accept-Encoding"
    response["Cache-Control"] = FOR_EVER
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = POWERLESS
    return response


def send_original(source: SourceFile) -> HttpResponseBase:
    """An accepted original, as an attachment: user content is never shown from our origin."""
    path = store.clean_path(source.sha256)
    if not path.is_file():
        raise Http404
    response = StreamingHttpResponse(chunks(path), content_type="application/octet-stream")
    response["Content-Length"] = str(path.stat().st_size)
    response["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=source.name) or "attachment"
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = POWERLESS
    response["Cache-Control"] = "private, no-store"
    return response


def second_origin(request: HttpRequest) -> str:
    """Where originals are handed out, seen from the page that asks; empty when there is no other origin.

    Without FILES_ORIGIN a demo uses the machine's other name (127.0.0.1 and localhost are two origins to a browser).
    """
    if settings.FILES_ORIGIN or settings.PRODUCTION:
        return str(settings.FILES_ORIGIN)
    here = request.get_host().partition(":")[0]
    return next((origin for origin in settings.PUBLIC_ORIGINS if urlparse(origin).hostname != here), "")


def address_elsewhere(request: HttpRequest, source: SourceFile) -> str:
    """An address of one minute on the second origin that needs no session; empty when there is no second origin."""
    origin = second_origin(request)
    if not origin:
        return ""
    token = signing.dumps({"file": str(source.pk), "origin": origin}, salt=ORIGINALS_SALT, compress=True)
    return f"{origin}{ORIGINALS}{token}"


def send_by_token(request: HttpRequest, token: str) -> HttpResponseBase:
    """The original that a token of `address_elsewhere` names, on the origin it was made for; Http404 for anything else."""
    try:
        given = signing.loads(token, salt=ORIGINALS_SALT, max_age=ORIGINALS_SECONDS)
        origin, file_id = str(given["origin"]), UUID(given["file"])
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        raise Http404 from None
    if urlparse(origin).netloc != request.get_host():
        raise Http404
    source = SourceFile.objects.filter(pk=file_id, state="ready").first()
    if source is None:
        raise Http404
    return send_original(source)


async def chunks(path: Path) -> AsyncIterator[bytes]:
    """The file piece by piece, read beside the event loop: a large one never lies in memory as a whole."""
    stream = await asyncio.to_thread(path.open, "rb")
    try:
        while piece := await asyncio.to_thread(stream.read, CHUNK):
            yield piece
    finally:
        await asyncio.to_thread(stream.close)
