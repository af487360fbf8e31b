"""Fixtures of room tests: a live server, and sockets of signed-in people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings

from tests.actions.drawings_world import reviewing
from tests.cast import Cast, build_cast
from tests.realtime.rooms import Browser, LiveServer


@pytest.fixture(scope="package")
def server() -> Iterator[LiveServer]:
    """One uvicorn for all tests of this folder; it watches the database, which other tests close to it."""
    live = LiveServer()
    live.start()
    yield live
    live.stop()


@pytest.fixture
def people(transactional_db: None) -> Iterator[Cast]:
    """The cast in committed rows; fire and planning review every sheet."""
    with reviewing("fire", "fire2", "planning"):
        yield build_cast()


Open = Callable[..., Browser]


@pytest.fixture
def browse(people: Cast, server: LiveServer) -> Iterator[Open]:
    """browse("fire", sheet) opens a socket as this person; all are closed at the end."""
    opened: list[Browser] = []

    def open_one(username: str | None, sheet: Any, **options: Any) -> Browser:
        cookie = None
        if username is not None:
            cookie = people.client(username).cookies[settings.SESSION_COOKIE_NAME].value
        cookie = options.pop("cookie", cookie)
        browser = Browser(server.port, getattr(sheet, "pk", sheet), cookie, **options)
        browser.cookie = cookie  # type: ignore[attr-defined]
        opened.append(browser)
        return browser

    yield open_one
    for browser in opened:
        browser.close()
