"""Template tags that every page has: `{% vite %}`, `{% icon %}` and `{% once %}`."""

from __future__ import annotations

import json
import logging
import uuid
from functools import lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
log = logging.getLogger(__name__)

ENTRIES = "src/entries/"


@lru_cache(maxsize=4)
def _read_json(path: Path, modified_ns: int) -> dict[str, Any]:  # the time is part of the key
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _built(path: Path) -> dict[str, Any] | None:
    """A JSON file of the front-end build, or None when the build is missing (`manage.py check` says so too)."""
    try:
        return _read_json(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        return None


def manifest() -> dict[str, Any] | None:
    """Vite's manifest: source name -> {file, css, imports}."""
    return _built(Path(settings.VITE_MANIFEST))


def icons() -> dict[str, Any] | None:
    """Icon name -> inner SVG markup, written by the front-end build."""
    return _built(Path(settings.VITE_MANIFEST).with_name("icons.json"))


def _collect(name: str, chunks: dict[str, Any], styles: dict[str, None], preloads: dict[str, None]) -> None:
    """Style sheets and static imports of a chunk, imports first, each once."""
    for imported in chunks[name].get("imports", []):
        if chunks[imported]["file"] not in preloads:
            preloads[chunks[imported]["file"]] = None
            _collect(imported, chunks, styles, preloads)
    for sheet in chunks[name].get("css", []):
        styles[sheet] = None


def _address(file: str) -> str:
    return static(f"dist/{file}")


@register.simple_tag
def vite(entry: str) -> SafeString:
    """Link the style sheets and the script of `frontend/src/entries/<entry>`.

    A build that is missing or lacks the entry is logged as an error and leaves a comment in the page.
    """
    chunks = manifest()
    name = ENTRIES + entry
    if chunks is None or name not in chunks:
        log.error("front-end entry %s is not built; run `npm run build` in frontend/", entry)
        return format_html("<!-- front-end entry {} is not built -->", entry)
    styles: dict[str, None] = {}
    preloads: dict[str, None] = {}
    _collect(name, chunks, styles, preloads)
    lines = [
        format_html_join("\n", '<link rel="stylesheet" href="{}">', ((_address(sheet),) for sheet in styles)),
        format_html_join("\n", '<link rel="modulepreload" href="{}">', ((_address(file),) for file in preloads)),
        format_html('<script type="module" src="{}"></script>', _address(chunks[name]["file"])),
    ]
    return mark_safe("\n".join(line for line in lines if line))  # noqa: S308 - every line is escaped above


@register.simple_tag
def icon(name: str, size: int = 16) -> SafeString:
    """A Lucide icon inline, hidden from screen readers: the text beside it says the same."""
    known = icons()
    if known is None or name not in known:
        log.error("icon %s is not in the front-end build", name)
        return SafeString("")
    return format_html(
        '<svg class="icon" width="{0}" height="{0}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        'stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{1}</svg>',
        size,
        mark_safe(known[name]),  # noqa: S308 - markup of the icon package, written by our own build
    )


@register.simple_tag
def once() -> SafeString:
    """The hidden one-time key of a form: a repeated submit gets the first answer again (防重复提交)."""
    return format_html('<input type="hidden" name="idempotency_key" value="{}">', uuid.uuid4())
