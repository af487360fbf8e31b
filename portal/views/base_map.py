"""The base map of the district (底图): own GeoJSON files, no tiles from anywhere else."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from accounts.access import action, require
from ledger.errors import NotFound

DEMO_MAP = Path(__file__).resolve().parent.parent / "demo" / "basemap"
NAME = re.compile(r"[a-z_]{1,40}")


def folder() -> Path:
    """Where the district's map lies: BASE_MAP_DIR, else the fictional one of the demo."""
    return Path(getattr(settings, "BASE_MAP_DIR", None) or DEMO_MAP)


@lru_cache(maxsize=32)
def read_layer(path: Path, changed_ns: int) -> bytes:
    """A layer's bytes, read again when its file changed."""
    return path.read_bytes()


@action("public_page.base_map")
@require_GET
@cache_control(public=True, max_age=3600)
def index(request: HttpRequest) -> HttpResponse:
    """Name, CGCS2000 zone, bounds and the layers in the order of painting."""
    require(request.actor, "public_page.base_map")  # type: ignore[attr-defined]
    written: dict[str, Any] = json.loads((folder() / "index.json").read_text(encoding="utf-8"))
    name = written["name_en"] if (get_language() or "").startswith("en") else written["name_zh"]
    layers = [{"name": layer, "url": reverse("portal:base_map_layer", args=[layer])} for layer in written["layers"]]
    answer = {"name": name, "epsg": written["epsg"], "bounds": written["bounds"], "layers": layers}
    return JsonResponse(answer, json_dumps_params={"ensure_ascii": False})


@action("public_page.base_map")
@require_GET
@gzip_page
@cache_control(public=True, max_age=3600)
def layer(request: HttpRequest, name: str) -> HttpResponse:
    """One layer as GeoJSON in EPSG:4490."""
    require(request.actor, "public_page.base_map")  # type: ignore[attr-defined]
    path = folder() / f"{name}.geojson"
    if NAME.fullmatch(name) is None or not path.is_file():
        raise NotFound
    return HttpResponse(read_layer(path, path.stat().st_mtime_ns), content_type="application/geo+json")
