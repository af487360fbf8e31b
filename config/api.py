"""The HTTP API: every room's `api.router` under /api/v1, one document, one form of error."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from ninja import NinjaAPI

ROOMS = (
    "accounts",
    "regional_eval",
    "certificates",
    "projects",
    "drawings",
    "joint_review",
    "realtime",
    "notices",
    "supervision",
    "portal",
)

api = NinjaAPI(title="联审 Lianshen", version="1", urls_namespace="api", docs_url=None, openapi_url="/openapi.json")

for room in ROOMS:
    if find_spec(f"{room}.api") is not None:
        api.add_router("", import_module(f"{room}.api").router, tags=[room])
