"""Every page that a person reaches by links: names, labels, headings, contrast, targets, no overflow, no error."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import APIResponse, BrowserContext, Page, Response

pytestmark = pytest.mark.browser

AUDIT = (Path(__file__).parent / "audit.js").read_text(encoding="utf-8")
LOOK = AUDIT[AUDIT.index("() =>") :]
ONE_OF_MANY = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+")
# Downloads and files are no pages.
NO_PAGE = re.compile(r"\.(pdf|geojson|json|zip|xlsx|dxf|dwg)$|^(/as/[^/]+)?/(static|r|api|originals)/|/logout/")
# The same for everybody who is signed in: looked at once in each language.
EVERYBODYS = re.compile(r"^/(accounts|verify|status)/")
# A kind of page that so many people of a side have been shown in a language is read by the next one without a window:
# it must answer, and its links are followed. `run.py soak pages` shows every page to everybody.
LOOKS = int(os.environ.get("LIANSHEN_PAGE_LOOKS", "1"))
ENTERPRISE = {"owner", "agent", "designer"}
LINK = re.compile(r"""<a\s[^>]*?href="([^"#]+)"[^>]*>""")
MOST_PAGES = 40 * LOOKS
# Letters of our face that the system's lacks; with every slice of it a page would fetch two hundred files.
MOST_SLICES = 40
WIDTHS = {1440: 900, 390: 844}
VISITS = [
    *((user, "zh") for user in (None, "owner", "agent", "designer", "window", "planning", "lead", "supervisor", "sysadmin", "auditor")),
    *((user, "en") for user in (None, "owner", "agent", "fire", "window")),
]  # fmt: skip
looked_at: Counter[tuple[str, str, str]] = Counter()
LAID_OUT = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def kind_of(address: str) -> str:
    """The address without what differs between two pages of one kind."""
    return ONE_OF_MANY.sub("*", urlsplit(address).path)


def links_in(html: str, address: str) -> list[str]:
    """The pages of ours that a page leads to."""
    found = [urljoin(address, unescape(link[1])) for link in LINK.finditer(html) if " download" not in link[0]]
    return [link for link in found if urlsplit(link)[:2] == urlsplit(address)[:2]]


def faults_of(page: Page) -> list[str]:
    """What is wrong with the open page, on a desk and on a phone."""
    if page.locator(".topbar-state").count():  # The review page stands when its room has answered.
        page.locator(".topbar-state .badge").first.wait_for()
    if page.locator("#compare").count():
        page.locator(".compare-list > div").first.wait_for()
    page.evaluate("document.fonts.ready")
    found = []
    # Beside a drawing two panels are tightest on a small desk.
    widths = {1440: 900, 1024: 768, 390: 844} if page.locator(".review").count() else WIDTHS
    for width, height in widths.items():
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate(LAID_OUT)
        found += [f"{width}: {fault}" for fault in page.evaluate(LOOK)]
    return found


@pytest.mark.parametrize(("user", "language"), VISITS)
def test_every_page_within_reach_holds(context: Callable[..., BrowserContext], user: str | None, language: str) -> None:
    page = context(user).new_page()
    side = "visitor" if user is None else "enterprise" if user in ENTERPRISE else "office"
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"{kind_of(page.url)}: script error {error}"))
    slices: Counter[str] = Counter()
    page.on("request", lambda request: slices.update([page.url] if request.resource_type == "font" else []))
    page.goto("/")
    if language == "en":
        page.locator("button[name=language][value=en]").click()
        page.wait_for_load_state("load")
    waiting = [page.url]
    done: set[str] = set()
    while waiting and len(done) < MOST_PAGES:
        address = waiting.pop(0)
        kind = kind_of(address)
        # An agent stands before the enterprise's own pages, with a banner on each.
        seen = (kind.removeprefix("/as/*"), language, side)
        if kind in done or NO_PAGE.search(urlsplit(address).path) or (looked_at[seen] and EVERYBODYS.match(kind)):
            continue
        done.add(kind)
        if looked_at[seen] >= LOOKS:
            answer: APIResponse | Response | None = page.context.request.get(address)
        else:
            looked_at[seen] += 1
            answer = page.goto(address, wait_until="load")
        if answer is None or not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        if answer.status >= 400:
            faults.append(f"{kind}: a link leads to status {answer.status}")
            continue
        if slices[address] > MOST_SLICES:
            faults.append(f"{kind}: {slices[address]} slices of our face, on a machine with a Chinese one")
        if isinstance(answer, Response):
            faults += [f"{kind}: {fault}" for fault in faults_of(page)]
        waiting += links_in(answer.text(), address)
    assert len(done) >= 3, f"the crawl stopped at {done}"
    assert not faults, f"{len(faults)}\n" + "\n".join(faults)
