"""Pages and files of the drawings room."""

from __future__ import annotations

from django.urls import path

from drawings import views

app_name = "drawings"

urlpatterns = [
    path("projects/<uuid:project_id>/drawings/", views.sets_page, name="sets"),
    path("sets/<uuid:set_id>/", views.set_page, name="set"),
    path("files/<uuid:file_id>/withdraw/", views.withdraw, name="withdraw"),
    path("r/<str:render_sha>/<str:key>/<path:path>", views.prepared, name="prepared"),
]
