"""Every page that a person reaches by links: names, labels, headings, contrast, targets, no overflow, no error."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page

pytestmark = pytest.mark.browser

AUDIT = (Path(__file__).parent / "audit.js").read_text(encoding="utf-8")
LOOK = AUDIT[AUDIT.index("() =>") :]
ONE_OF_MANY = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+")
# Downloads and files are no pages.
NO_PAGE = re.compile(r"\.(pdf|geojson|json|zip|xlsx|dxf|dwg)$|^(/as/[^/]+)?/(static|r|api|originals)/|/logout/")
MOST_PAGES = 40
VISITS = [
    *((user, 1440, "zh") for user in (None, "owner", "agent", "window", "planning", "lead", "supervisor", "sysadmin", "auditor")),
    *((user, 390, "zh") for user in (None, "owner", "agent", "designer")),
    *((user, 1440, "en") for user in (None, "owner", "fire", "window")),
    *((user, 390, "en") for user in (None, "owner", "agent")),
]  # fmt: skip


def kind_of(address: str) -> str:
    """The address without what differs between two pages of one kind."""
    return ONE_OF_MANY.sub("*", urlsplit(address).path)


def links_of(page: Page) -> list[str]:
    """The pages of ours that this page leads to."""
    found: list[str] = page.evaluate(
        "() => [...document.querySelectorAll('a[href]')].map((a) => a.href).filter((h) => h.startsWith(location.origin))"
    )
    return found


@pytest.mark.parametrize(("user", "width", "language"), VISITS)
def test_every_page_within_reach_holds(
    context: Callable[..., BrowserContext], user: str | None, width: int, language: str
) -> None:
    opened = context(user, width=width)
    page = opened.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"{kind_of(page.url)}: script error {error}"))
    page.goto("/")
    if language == "en":
        page.locator("button[name=language][value=en]").click()
        page.wait_for_load_state("load")
    waiting = [page.url]
    done: set[str] = set()
    while waiting and len(done) < MOST_PAGES:
        address = waiting.pop(0)
        kind = kind_of(address)
        if kind in done or NO_PAGE.search(urlsplit(address).path):
            continue
        done.add(kind)
        response = page.goto(address, wait_until="load")
        if response is None or not response.headers.get("content-type", "").startswith("text/html"):
            continue
        if response.status >= 400:
            faults.append(f"{kind}: a link leads to status {response.status}")
            continue
        page.evaluate("document.fonts.ready")
        faults += [f"{kind}: {fault}" for fault in page.evaluate(LOOK)]
        waiting += links_of(page)
    assert len(done) >= 3, f"the crawl stopped at {done}"
    assert not faults, f"{len(faults)}\n" + "\n".join(faults)
