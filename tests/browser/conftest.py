"""A real Chromium against the whole product: web, workers and schedule as processes, with the demo city."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.chromium import find_chromium
from tests.live import LiveSystem

PASSWORD = "lianshen-demo"
# Acts that ask for a fresh factor take a sign-in of the last five minutes: this leaves a test more than one of them.
FRESH_SECONDS = 200.0
PICTURES = Path(os.environ.get("LIANSHEN_PICTURES", "/nonexistent"))


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium. Without one the browser tests are skipped, loudly; CI counts that as a failure."""
    found = find_chromium()
    if found is None:
        reason = "NO CHROMIUM: the browser tests did NOT run. Install one, or set LIANSHEN_CHROMIUM to its path."
        if os.environ.get("CI") and sys.platform == "linux":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=found.path, args=list(found.args), env={**os.environ, **found.env}
        )
        yield launched
        launched.close()


@pytest.fixture(scope="package")
def live_server_with_everything() -> Iterator[LiveSystem]:
    """Every process of the product on data of its own, torn down at the end of the session."""
    system = LiveSystem()
    try:
        yield system.start_all()
    finally:
        system.stop_all()


@pytest.fixture(scope="package")
def signed_in(live_server_with_everything: LiveSystem) -> dict[str, tuple[float, Any]]:
    """When users have signed in to this system, and their cookies: a password takes a second to check, by intent."""
    return {}


@pytest.fixture
def context(
    browser: Browser, live_server_with_everything: LiveSystem, signed_in: dict[str, tuple[float, Any]]
) -> Iterator[Callable[..., BrowserContext]]:
    """`context(user="planning", width=1440)`: a browser context of its own, signed in when a user is named.

    The user's contexts share a sign-in as long as it is fresh enough for every act; `own_sign_in=True` is for a test
    that ends it. A request to any other host is an error of the product: nothing may come from outside.
    """
    system = live_server_with_everything
    opened: list[BrowserContext] = []
    foreign: list[str] = []

    def make(
        user: str | None = None, *, width: int = 1440, height: int = 900, own_sign_in: bool = False, **options: object
    ) -> BrowserContext:
        made = browser.new_context(
            viewport={"width": width, "height": height}, base_url=system.url, locale="zh-CN", **options
        )
        made.set_default_timeout(20_000)
        made.on(
            "request",
            lambda request: (
                foreign.append(request.url)
                if not request.url.startswith((system.url, system.ws, "data:", "blob:", "about:"))
                else None
            ),
        )
        opened.append(made)
        if user is None:
            return made
        at, cookies = signed_in.get(user, (-FRESH_SECONDS, None))
        if not own_sign_in and time.monotonic() - at < FRESH_SECONDS:
            made.add_cookies(cookies)
            return made
        sign_in(made, user)
        if not own_sign_in:
            signed_in[user] = (time.monotonic(), made.cookies())
        return made

    yield make
    for each in opened:
        each.close()
    assert not foreign, f"the pages asked other hosts: {foreign}"


def sign_in(context: BrowserContext, user: str) -> None:
    """Sign in by what the form sends; the form itself is filled in where signing in is what is tested."""
    context.request.get("/accounts/login/")
    tokens = {cookie["name"]: cookie["value"] for cookie in context.cookies()}
    form: dict[str, str | float | bool] = {
        "login": user,
        "password": PASSWORD,
        "csrfmiddlewaretoken": tokens["csrftoken"],
    }
    answer = context.request.post("/accounts/login/", form=form, max_redirects=0)
    assert answer.status == 302, answer.text()[:600]


@pytest.fixture
def page(context: Callable[..., BrowserContext]) -> Page:
    """A page of a visitor who is not signed in."""
    return context().new_page()


def picture(page: Page, name: str) -> None:
    """Keep a picture when LIANSHEN_PICTURES names a folder."""
    if PICTURES.is_dir():
        page.screenshot(path=str(PICTURES / f"{name}.png"))
