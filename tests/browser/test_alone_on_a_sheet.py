"""One person on a sheet without a mouse: by keys alone, by touch; and with a tab that closes before the network comes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import picture, sign_in
from tests.browser.test_co_annotation import SAVED
from tests.browser.test_together import READY, draw_cloud, marks, open_room, room_of
from tests.live import LiveSystem

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def mark(page: Page, obj: str) -> dict[str, Any]:
    """A mark as this page has it."""
    found: dict[str, Any] = page.evaluate(
        "(obj) => window.__review.marks.map(({ shown, ...mark }) => mark).find((mark) => mark.obj === obj)", obj
    )
    return found


def left_of(one: dict[str, Any]) -> float:
    return min(x for x, _y in one["geom"]["coordinates"][0])


def test_keys_alone_draw_select_move_delete_and_take_back(
    context: Callable[..., BrowserContext], live_server_with_everything: LiveSystem
) -> None:
    page = open_room(context, "planning", room_of(live_server_with_everything))
    page.locator(".stage").focus()
    before = marks(page)
    press(page, "r", "ArrowRight", *["ArrowRight"] * 3, "Space", *["ArrowRight"] * 6, *["ArrowDown"] * 4)
    picture(page, "crosshair")
    press(page, "Space")
    page.wait_for_function(f"() => window.__review.marks.length === {before + 1}")
    obj = page.evaluate("() => window.__review.selection[0]")
    page.locator(".writer textarea").wait_for(state="visible")
    page.keyboard.type("楼梯间前室面积不足")
    press(page, "Enter")
    page.wait_for_function(SAVED)
    drawn = mark(page, obj)
    assert (drawn["tool"], drawn["text"]) == ("rect", "楼梯间前室面积不足")
    page.locator(".stage").focus()
    press(page, "Escape")
    page.wait_for_function("() => window.__review.selection.length === 0")
    for _ in range(before + 1):
        press(page, ".")
        if page.evaluate("() => window.__review.selection") == [obj]:
            break
    assert page.evaluate("() => window.__review.selection") == [obj]
    press(page, "Shift+ArrowRight", "Shift+ArrowRight")
    page.wait_for_function(SAVED)
    moved = mark(page, obj)
    assert left_of(moved) > left_of(drawn)
    press(page, "Control+z")
    page.wait_for_function(SAVED)
    assert left_of(drawn) < left_of(mark(page, obj)) < left_of(moved), "one step of two is taken back"
    press(page, "Delete")
    page.wait_for_function(f"() => window.__review.marks.find((mark) => mark.obj === '{obj}').deleted")
    press(page, "Control+z")
    page.wait_for_function(f"() => !window.__review.marks.find((mark) => mark.obj === '{obj}').deleted")
    page.wait_for_function(SAVED)
    assert mark(page, obj)["text"] == "楼梯间前室面积不足"


def test_fingers_draw_pan_and_pinch(
    context: Callable[..., BrowserContext], live_server_with_everything: LiveSystem
) -> None:
    made = context("planning", width=820, height=1180, has_touch=True)
    page = made.new_page()
    page.goto(room_of(live_server_with_everything))
    page.wait_for_function(READY, timeout=60_000)
    before = marks(page)
    fingers = made.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        told = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": told})

    def stroke(*steps: tuple[tuple[float, float], ...]) -> None:
        """Fingers go down, move through these places and are lifted."""
        touch("touchStart", *steps[0])
        for step in steps[1:]:
            touch("touchMove", *step)
            page.wait_for_timeout(30)
        touch("touchEnd")

    def seen() -> list[float]:
        page.wait_for_timeout(500)  # the sheet comes to rest
        box: list[float] = page.evaluate("() => window.__review.visible")
        return box

    page.keyboard.press("c")
    stroke(((300, 420),), ((340, 460),), ((420, 540),), ((440, 560),))
    page.wait_for_function(f"() => window.__review.marks.length === {before + 1}")
    expect(page.locator(".topbar")).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.wait_for_function("() => window.__review.tool === 'select'")
    whole = seen()
    stroke(((400, 700),), ((380, 690),), ((300, 640),), ((240, 600),))
    panned = seen()
    assert panned[0] > whole[0], "one finger pans"
    assert abs((panned[2] - panned[0]) - (whole[2] - whole[0])) < 1e-6
    page.keyboard.press("c")
    stroke(((380, 600), (440, 660)), ((340, 560), (480, 700)), ((280, 500), (540, 760)), ((240, 460), (580, 800)))
    near = seen()
    assert near[2] - near[0] < 0.7 * (panned[2] - panned[0]), "two fingers zoom, with a tool in hand too"
    assert marks(page) == before + 1, "and draw nothing"
    expect(page.locator(".topbar")).to_be_in_viewport(ratio=1)
    picture(page, "pinched")
    page.wait_for_function(SAVED)


def test_a_queue_outlives_its_tab_and_not_its_owner(
    context: Callable[..., BrowserContext], live_server_with_everything: LiveSystem
) -> None:
    path = room_of(live_server_with_everything)
    page = open_room(context, "planning", path, own_sign_in=True)
    made = page.context
    before = marks(page)
    draw_without_network(page, 1)
    page.close()
    made.set_offline(False)
    page = made.new_page()
    page.goto(path)
    page.wait_for_function(READY, timeout=60_000)
    page.wait_for_function(SAVED)
    assert marks(page) == before + 1
    draw_without_network(page, 1)
    page.close()
    made.set_offline(False)
    page = made.new_page()
    page.goto("/")
    asked: list[str] = []

    def agree(dialog: Any) -> None:
        asked.append(dialog.message)
        dialog.accept()

    page.on("dialog", agree)
    with page.expect_navigation():
        page.evaluate("() => document.querySelector('form[data-sign-out]').requestSubmit()")
    assert asked, "he is told what he will lose"
    assert "1" in asked[0]
    assert page.evaluate("async () => (await indexedDB.databases()).map((one) => one.name)") == []
    page.close()
    sign_in(made, "planning")
    page = made.new_page()
    page.goto(path)
    page.wait_for_function(READY, timeout=60_000)
    page.wait_for_function(SAVED)
    assert marks(page) == before + 1, "what he gave up at sign-out is not sent later"


def draw_without_network(page: Page, count: int) -> None:
    """Marks that wait on this machine."""
    page.context.set_offline(True)
    draw_cloud(page, 0.3)
    page.wait_for_function(f"() => window.__review.pending === {count}")
    expect(page.locator(".save-state")).to_contain_text(f"{count} 条未同步")
