"""Pages of the drawings room, and the prepared files the viewer asks for."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from accounts.access import action
from drawings.queries import may_read_prepared
from drawings.serving import prepared_file, send_prepared
from ledger.actor import Actor


def actor_of(request: HttpRequest) -> Actor:
    """Who asks."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


@action("drawing.tile")
def prepared(request: HttpRequest, render_sha: str, key: str, path: str) -> HttpResponse:
    """One file of a prepared sheet (docs/drawing-format.md); only for those who may see a sheet it belongs to."""
    if not may_read_prepared(actor_of(request), render_sha, key):
        raise Http404
    return send_prepared(request, prepared_file(render_sha, key, path))
