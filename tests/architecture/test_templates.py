"""Pages: entries and icons exist, and nothing stands in the way of the strict content policy."""

from __future__ import annotations

import re

import pytest
from django.template import TemplateSyntaxError
from django.template.loader import get_template

from config.templatetags.lianshen import icons, manifest
from tests.architecture.source import ROOT, name_of, templates

INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>|<style\b|\sstyle=[\"']|\son[a-z]+=[\"']"
)
FOREIGN = re.compile(r"(?:src|href|action)=[\"'](?:https?:)?//")
FORM = re.compile(r"<form\b[^>]*>.*?</form>", re.DOTALL | re.IGNORECASE)


def test_every_page_script_exists() -> None:
    wrong = [
        f"{name_of(path)}: {entry}"
        for path in templates()
        for entry in re.findall(r"\{%\s*vite\s+\"([^\"]+)\"", path.read_text(encoding="utf-8"))
        if not (ROOT / "frontend" / "src" / "entries" / entry).exists()
    ]
    assert not wrong, wrong


def test_every_page_script_is_built() -> None:
    built = manifest()
    assert built is not None, "run `python3 run.py setup`"
    entries = {path.name for path in (ROOT / "frontend" / "src" / "entries").glob("*.ts")}
    assert {f"src/entries/{name}" for name in entries} <= set(built)


def test_every_icon_exists() -> None:
    known = icons()
    assert known is not None, "run `python3 run.py setup`"
    wrong = [
        f"{name_of(path)}: {name}"
        for path in templates()
        for name in re.findall(r"\{%\s*icon\s+\"([^\"]+)\"", path.read_text(encoding="utf-8"))
        if name not in known
    ]
    assert not wrong, wrong


@pytest.mark.parametrize("path", list(templates()), ids=name_of)
def test_a_template_compiles(path: object) -> None:
    name = str(path).partition("/templates/")[2]
    try:
        get_template(name)
    except TemplateSyntaxError as error:
        pytest.fail(f"{name}: {error}")


def test_no_inline_script_style_or_handler() -> None:
    wrong = []
    for path in templates():
        text = path.read_text(encoding="utf-8")
        wrong += [
            f"{name_of(path)}:{text.count(chr(10), 0, found.start()) + 1} {found[0][:50]}"
            for found in INLINE.finditer(text)
        ]
    assert not wrong, "\n".join(wrong)


def test_no_page_asks_another_host() -> None:
    wrong = [name_of(path) for path in templates() if FOREIGN.search(path.read_text(encoding="utf-8"))]
    assert not wrong, wrong


def test_every_form_that_writes_has_its_one_time_key() -> None:
    """Sign-in and language forms are not repeated work (ledger.idempotency.WITHOUT_KEY)."""
    wrong = []
    for path in templates():
        if name_of(path).split("/templates/")[-1].split("/")[0] in {"account", "mfa", "socialaccount"}:
            continue
        for form in FORM.findall(path.read_text(encoding="utf-8")):
            head = form[: form.index(">")]
            posts = re.search(r"method=[\"']post", head, re.IGNORECASE) or re.search(
                r"hx-(post|put|patch|delete)", head
            )
            without = re.search(r"action=\"\{% url '(set_language|account_)", head)
            # `again` sends the fields of the refused form once more, its key among them.
            if posts and not without and not re.search(r"\{%\s*once\s*%\}|idempotency_key|set_language|in again", form):
                wrong.append(f"{name_of(path)}: {head[:80]}")
    assert not wrong, "\n".join(wrong)
