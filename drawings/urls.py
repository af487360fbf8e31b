"""Pages and files of the drawings room."""

from __future__ import annotations

from django.urls import path

from drawings import views

app_name = "drawings"

urlpatterns = [
    path("r/<str:render_sha>/<str:key>/<path:path>", views.prepared, name="prepared"),
]
