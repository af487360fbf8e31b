"""Addresses of this room."""

from __future__ import annotations

from django.urls import path

from certificates import views

app_name = "certificates"

urlpatterns = [
    path("verify/", views.verify, name="verify"),
    path("verify/<str:code>/", views.verify_code, name="verify_code"),
    path("documents/<uuid:paper_id>.pdf", views.document, name="document"),
]
