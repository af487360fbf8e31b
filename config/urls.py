"""Addresses: the probes, sign-in, the API, then every room's own pages."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from config.api import ROOMS, api

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("config.health.urls")),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/v1/", api.urls),
]
urlpatterns += [path("", include(f"{room}.urls")) for room in ROOMS if find_spec(f"{room}.urls") is not None]

handler400 = "config.error_pages.bad_request"
handler403 = "config.error_pages.permission_denied"
handler404 = "config.error_pages.page_not_found"
handler500 = "config.error_pages.server_error"
