"""Downloads of a project in the exchange tables."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from accounts.access import action
from projects import actions
from projects.views.reading import actor_of

TYPES = {"json": ("application/json", "json"), "csv": ("application/zip", "zip")}


@action("project.export_dossier")
@require_GET
def export(request: HttpRequest, project_id: UUID, format_: str) -> HttpResponse:
    """The project as JSON, or as a zip of CSV tables (按共享交换标准导出)."""
    content = actions.export_dossier(project_id, format_, actor=actor_of(request))
    kind, ending = TYPES[format_]
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{project_id}.{ending}"'
    return answer
