"""Socket addresses."""

from __future__ import annotations

from django.urls import path

from realtime.consumer import SheetRoom

websocket_urlpatterns = [path("ws/sheets/<uuid:sheet_id>/", SheetRoom.as_asgi())]
