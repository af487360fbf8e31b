"""Two departments mark up one sheet of the demo city in two browsers; a sealed paper is verified and a forged one refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import picture
from tests.live import LiveSystem

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
READY = "() => window.__review && window.__review.ready && window.__review.connected"


def room_of(system: LiveSystem) -> str:
    """The page of the shared drawing."""
    path: str = json.loads(system.manage("demo_room", "--json"))["page"]
    return path


def open_room(context: Callable[..., BrowserContext], user: str, path: str, **options: Any) -> Page:
    """The canvas, drawn and connected."""
    page = context(user, **options).new_page()
    page.goto(path)
    page.wait_for_function(READY, timeout=60_000)
    return page


def marks(page: Page) -> int:
    """How many marks this browser shows."""
    return int(page.evaluate("() => window.__review.marks.length"))


def draw_cloud(page: Page, share: float) -> None:
    """A revision cloud by keyboard and mouse, at a share of the canvas."""
    view = page.viewport_size or {"width": 1440, "height": 900}
    x, y = view["width"] * (0.35 + 0.2 * share), view["height"] * (0.35 + 0.2 * share)
    page.keyboard.press("c")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y + 30, steps=4)
    page.mouse.move(x + 90, y + 70, steps=4)
    page.mouse.up()


def test_marks_of_one_browser_appear_in_the_other(
    context: Callable[..., BrowserContext], live_server_with_everything: LiveSystem
) -> None:
    path = room_of(live_server_with_everything)
    planning = open_room(context, "planning", path)
    fire = open_room(context, "fire", path)
    before = marks(fire)
    assert before >= 1
    draw_cloud(planning, 0.1)
    fire.wait_for_function(f"() => window.__review.marks.length === {before + 1}", timeout=15_000)
    planning.wait_for_function("() => window.__review.pending === 0", timeout=15_000)
    assert marks(planning) == before + 1
    fire.wait_for_function("() => window.__review.people.length >= 1", timeout=15_000)
    picture(planning, "canvas-planning")
    picture(fire, "canvas-fire")


def test_a_mark_drawn_while_the_web_process_is_dead_arrives_once(
    context: Callable[..., BrowserContext], live_server_with_everything: LiveSystem
) -> None:
    system = live_server_with_everything
    path = room_of(system)
    planning = open_room(context, "planning", path)
    before = marks(planning)
    system.kill("web")
    planning.wait_for_function("() => !window.__review.connected", timeout=15_000)
    draw_cloud(planning, 0.6)
    planning.wait_for_function("() => window.__review.pending === 1", timeout=15_000)
    picture(planning, "canvas-offline")
    system.start("web")
    system.wait_until_ready()
    planning.wait_for_function("() => window.__review.connected && window.__review.pending === 0", timeout=60_000)
    fire = open_room(context, "fire", path)
    assert marks(fire) == before + 1


def test_the_project_page_shows_every_day_on_desk_and_phone(context: Callable[..., BrowserContext]) -> None:
    page = context("owner").new_page()
    page.goto("/projects/")
    page.locator("tbody a", has_text="云启精密制造产业园一期").first.click()
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        expect(page.locator(".day-grid .day").first).to_be_visible()
        expect(page.locator(".metro")).to_be_visible()
        too_wide = page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
        assert too_wide <= 1, f"{too_wide} px too wide at {width}"
        picture(page, f"project-{width}")


def test_a_sealed_paper_is_verified_and_one_changed_byte_is_refused(
    context: Callable[..., BrowserContext], live_server_with_everything: LiveSystem, tmp_path: Path
) -> None:
    system = live_server_with_everything
    rival = context("rival")
    page = rival.new_page()
    page.goto("/projects/?state=finished")
    page.locator("tbody a").first.click()
    link = page.locator("a", has_text="联合验收意见书").first
    for _try in range(60):
        if link.count():
            break
        page.wait_for_timeout(1000)
        page.reload()
    answer = rival.request.get(link.get_attribute("href") or "")
    assert answer.status == 200
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(answer.body())
    assert verdict(system, paper)[0] == 0
    forged = bytearray(answer.body())
    forged[len(forged) // 3] ^= 1
    paper.write_bytes(bytes(forged))
    assert verdict(system, paper)[0] == 2


def verdict(system: LiveSystem, paper: Path) -> tuple[int, str]:
    """`manage.py verify_document` on this file: status and answer."""
    return system.command("verify_document", str(paper), "--json")
