"""Files to the browser (图件下发): prepared sheets for ever, originals as attachments only."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

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


async def chunks(path: Path) -> AsyncIterator[bytes]:
    """The file piece by piece, read beside the event loop: a large one never lies in memory as a whole."""
    stream = await asyncio.to_thread(path.open, "rb")
    try:
        while piece := await asyncio.to_thread(stream.read, CHUNK):
            yield piece
    finally:
        await asyncio.to_thread(stream.close)
