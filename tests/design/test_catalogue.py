"""The catalogue page shows every component of ui.md, in both languages, and the frame keeps its promises."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.cast import Cast

pytestmark = pytest.mark.django_db

# design/ui.md, Components.
COMPONENTS = [
    "btn-primary",
    "field",
    "choice-cards",
    "stepper",
    "table",
    "timeline",
    "metro",
    "day-grid",
    "badge",
    "card",
    "drawer",
    "dialog",
    "toast",
    "tabs",
    "split",
    "empty",
    "skeleton",
    "progress",
    "file-drop",
    "chip",
    "chip-dept",
    "opinion-row",
    "gantt",
    "countdown",
    "diff-badge",
    "print-header",
    "strip",
]


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "设计系统"), ("en", "Design system")])
def test_every_component_is_shown(language: str, words: str) -> None:
    page = Client(headers={"accept-language": language}).get("/design/")
    text = page.content.decode()
    assert page.status_code == 200
    assert words in text
    classes = {name for found in re.findall(r'class="([^"]*)"', text) for name in found.split()}
    assert set(COMPONENTS) - classes == set()
    assert 'data-map="redline"' in text
    assert "is not built" not in text


def test_twelve_departments_wear_twelve_colours() -> None:
    text = Client().get("/design/").content.decode()
    assert {f'data-color="{n}"' for n in range(12)} <= set(re.findall(r'data-color="\d+"', text))


def test_the_frame_names_language_person_and_prefix(cast: Cast) -> None:
    client = cast.client("owner")
    text = client.get("/design/").content.decode()
    assert '<html lang="zh-Hans">' in text
    assert 'data-person="owner"' in text
    assert 'data-prefix=""' in text
    assert 'href="#main"' in text
    assert '<main id="main"' in text


def test_an_agent_sees_in_whose_name_he_acts_and_links_keep_it(cast: Cast) -> None:
    mandate = cast.mandate()
    text = cast.client("agent").get(f"/as/{mandate}/design/").content.decode()
    assert "以企业名义" in text
    assert cast.yunqi.name in text
    assert f'data-prefix="/as/{mandate}"' in text
    assert f'href="/as/{mandate}/inbox/"' in text


def test_staff_read_dense_and_citizens_calm(cast: Cast) -> None:
    assert '<body class="dense' in cast.client("planning").get("/design/").content.decode()
    for username in ("owner", "agent", "designer"):
        assert '<body class="calm' in cast.client(username).get("/design/").content.decode()
    assert '<body class="calm' in Client().get("/design/").content.decode()


@pytest.mark.parametrize(
    ("path", "status"), [("/nothing-here/", 404), ("/projects/00000000-0000-4000-8000-000000000000/", 404)]
)
def test_a_refusal_keeps_drafts_and_says_what_next(cast: Cast, path: str, status: int) -> None:
    page = cast.client("owner").get(path)
    assert page.status_code == status
    text = page.content.decode()
    assert "data-keep-drafts" in text
    assert "返回上一页" in text


def test_sign_in_page_keeps_drafts_and_has_the_fields_of_the_contract() -> None:
    text = Client().get("/accounts/login/").content.decode()
    assert "data-keep-drafts" in text
    assert 'name="login"' in text
    assert 'name="password"' in text
