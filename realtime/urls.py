"""Pages of the rooms."""

from __future__ import annotations

from django.urls import path

from realtime import views

app_name = "realtime"

urlpatterns = [
    path("sheets/<uuid:sheet_id>/review/", views.canvas, name="canvas"),
    path("sheets/<uuid:sheet_id>/minutes/", views.minutes, name="minutes"),
]
