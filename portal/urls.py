"""Addresses of the joined pages."""

from django.urls import path

from portal.views import drafts

app_name = "portal"
urlpatterns = [
    path("drafts/", drafts.drafts, name="drafts"),
]
