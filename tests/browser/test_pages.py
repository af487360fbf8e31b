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
# The same for everybody who is signed in: looked at once in each language.
EVERYBODYS = re.compile(r"^/(accounts|verify|status)/")
MOST_PAGES = 40
WIDTHS = {1440: 900, 390: 844}
VISITS = [
    *((user, "zh") for user in (None, "owner", "agent", "designer", "window", "planning", "lead", "supervisor", "sysadmin", "auditor")),
    *((user, "en") for user in (None, "owner", "agent", "fire", "window")),
]  # fmt: skip
looked_at: set[tuple[str, str, bool]] = set()
LAID_OUT = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def kind_of(address: str) -> str:
    """The address without what differs between two pages of one kind."""
    return ONE_OF_MANY.sub("*", urlsplit(address).path)


def links_of(page: Page) -> list[str]:
    """The pages of ours that this page leads to."""
    found: list[str] = page.evaluate(
        "() => [...document.querySelectorAll('a[href]:not([download])')].map((a) => a.href).filter((h) => h.startsWith(location.origin))"
    )
    return found


def faults_of(page: Page) -> list[str]:
    """What is wrong with the open page, on a desk and on a phone."""
    page.evaluate("document.fonts.ready")
    found = []
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate(LAID_OUT)
        found += [f"{width}: {fault}" for fault in page.evaluate(LOOK)]
    return found


@pytest.mark.parametrize(("user", "language"), VISITS)
def test_every_page_within_reach_holds(context: Callable[..., BrowserContext], user: str | None, language: str) -> None:
    page = context(user).new_page()
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
        seen = (kind, language, user is None)
        if kind in done or seen in looked_at or NO_PAGE.search(urlsplit(address).path):
            continue
        done.add(kind)
        if EVERYBODYS.match(kind):
            looked_at.add(seen)
        response = page.goto(address, wait_until="load")
        if response is None or not response.headers.get("content-type", "").startswith("text/html"):
            continue
        if response.status >= 400:
            faults.append(f"{kind}: a link leads to status {response.status}")
            continue
        faults += [f"{kind}: {fault}" for fault in faults_of(page)]
        waiting += links_of(page)
    assert len(done) >= 3, f"the crawl stopped at {done}"
    assert not faults, f"{len(faults)}\n" + "\n".join(faults)
