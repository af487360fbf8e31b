"""{% vite %}, {% icon %} and {% once %}."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

import pytest
from django.template import engines

MANIFEST = {
    "src/entries/site.ts": {
        "file": "assets/site-abc.js",
        "css": ["assets/site-abc.css"],
        "imports": ["_shared.js"],
        "isEntry": True,
    },
    "_shared.js": {"file": "assets/shared-def.js", "css": ["assets/shared-def.css"], "imports": ["_deep.js"]},
    "_deep.js": {"file": "assets/deep-ghi.js", "imports": ["_shared.js"]},
}


@pytest.fixture
def built(tmp_path: Path, settings: object) -> Path:
    """A small build: one entry with a shared chunk, and one icon."""
    (tmp_path / "manifest.json").write_text(json.dumps(MANIFEST), encoding="utf-8")
    (tmp_path / "icons.json").write_text(json.dumps({"map": '<path d="M1 2"/>'}), encoding="utf-8")
    settings.VITE_MANIFEST = tmp_path / "manifest.json"  # type: ignore[attr-defined]
    return tmp_path


def render(source: str) -> str:
    text: str = engines["django"].from_string(source).render({})
    return text


def test_an_entry_brings_its_styles_and_shared_chunks_each_once(built: Path) -> None:
    text = render('{% vite "site.ts" %}')
    assert text.splitlines() == [
        '<link rel="stylesheet" href="/static/dist/assets/shared-def.css">',
        '<link rel="stylesheet" href="/static/dist/assets/site-abc.css">',
        '<link rel="modulepreload" href="/static/dist/assets/shared-def.js">',
        '<link rel="modulepreload" href="/static/dist/assets/deep-ghi.js">',
        '<script type="module" src="/static/dist/assets/site-abc.js"></script>',
    ]


def test_a_missing_entry_is_logged_and_does_not_break_the_page(built: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert render('{% vite "nothing.ts" %}') == "<!-- front-end entry nothing.ts is not built -->"
    assert "nothing.ts" in caplog.text


def test_a_new_build_is_seen_without_a_restart(built: Path) -> None:
    render('{% vite "site.ts" %}')
    changed = {"src/entries/site.ts": {"file": "assets/site-new.js"}}
    (built / "manifest.json").write_text(json.dumps(changed), encoding="utf-8")
    assert render('{% vite "site.ts" %}') == '<script type="module" src="/static/dist/assets/site-new.js"></script>'


def test_an_icon_is_inline_and_hidden_from_screen_readers(built: Path) -> None:
    text = render('{% icon "map" 20 %}')
    assert 'width="20"' in text
    assert 'aria-hidden="true"' in text
    assert '<path d="M1 2"/>' in text
    assert render('{% icon "no-such-icon" %}') == ""


def test_once_gives_another_key_each_time() -> None:
    keys = {render("{% once %}").split('value="')[1].rstrip('">') for _ in range(5)}
    assert len({uuid.UUID(key) for key in keys}) == 5
