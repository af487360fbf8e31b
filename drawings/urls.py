"""Pages and files of the drawings room."""

from __future__ import annotations

from django.urls import path

from drawings.views import comparison, sets

app_name = "drawings"

urlpatterns = [
    path("projects/<uuid:project_id>/drawings/", sets.sets_page, name="sets"),
    path("sets/<uuid:set_id>/", sets.set_page, name="set"),
    path("sets/<uuid:set_id>/compare/", comparison.revisions_page, name="compare"),
    path("sheets/<uuid:sheet_id>/compare/<uuid:old_id>/", comparison.sheets_page, name="compare_sheets"),
    path("sheets/<uuid:sheet_id>/differences/<uuid:old_id>/", comparison.differences, name="differences"),
    path("sheets/<uuid:sheet_id>/print.pdf", sets.print_sheet, name="print"),
    path("files/<uuid:file_id>/withdraw/", sets.withdraw, name="withdraw"),
    path("r/<str:render_sha>/<str:key>/<path:path>", sets.prepared, name="prepared"),
]
