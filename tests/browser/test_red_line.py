"""Drawing a red line by hand, by picking, by file and by keyboard, on the page of the design system."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

pytestmark = pytest.mark.browser

SQUARE = [[116.2, 39.1], [116.203, 39.1], [116.203, 39.103], [116.2, 39.103], [116.2, 39.1]]
BOW_TIE = [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3], SQUARE[0]]


@pytest.fixture
def page(context: Callable[..., BrowserContext]) -> Page:
    """The catalogue with its map ready."""
    page = context().new_page()
    page.goto("/design/")
    page.locator("#map .map-view canvas").first.wait_for()
    page.locator("#map .map-view").scroll_into_view_if_needed()
    # The base map has come when the map was fitted to the district: picking needs its parcels.
    page.wait_for_function(
        "() => performance.getEntriesByName(new URL('/basemap/places.geojson', location).href).length > 0"
    )
    page.wait_for_timeout(500)
    return page


def geometry(page: Page) -> dict[str, Any]:
    """What the form would send."""
    found: dict[str, Any] = json.loads(page.input_value("#boundary"))
    return found


def give_file(page: Page, ring: list[list[float]], name: str = "red-line.geojson") -> None:
    content = json.dumps({"type": "Polygon", "coordinates": [ring]}).encode()
    page.set_input_files("#map input[type=file]", {"name": name, "mimeType": "application/json", "buffer": content})


def click_corners(page: Page, corners: list[tuple[int, int]]) -> None:
    box = page.locator("#map .map-view").bounding_box()
    assert box is not None
    for x, y in corners:
        page.mouse.click(box["x"] + x, box["y"] + y)
        page.wait_for_timeout(320)  # slower than a double click
    page.locator("#map .map-view").press("Enter")


def test_drawn_by_hand_it_has_an_area_and_its_zone(page: Page) -> None:
    click_corners(page, [(450, 160), (620, 165), (630, 330), (440, 320)])
    expect(page.locator("#map .map-foot")).to_contain_text("亩")
    expect(page.locator("#map .map-foot")).to_contain_text("EPSG:4548")
    assert len(geometry(page)["coordinates"][0]) == 5


def test_a_crossing_line_is_marked_and_said_and_undone(page: Page) -> None:
    give_file(page, BOW_TIE)
    expect(page.locator("#map .map-problems li")).to_have_count(1)
    expect(page.locator("#map .map-problems")).to_contain_text("J1–J2")
    expect(page.locator("#map .map-foot")).not_to_contain_text("m²")
    page.locator("#map").get_by_role("button", name="撤销").click()
    expect(page.locator("#map .map-problems li")).to_have_count(0)
    assert page.input_value("#boundary") == ""


def test_a_parcel_is_taken_whole(page: Page) -> None:
    page.get_by_role("button", name="选用地块").click()
    box = page.locator("#map .map-view").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 700, box["y"] + 200)
    expect(page.locator("#toasts")).to_contain_text("YC-")
    assert geometry(page)["type"] == "Polygon"


def test_by_keyboard_alone_in_plane_coordinates(page: Page) -> None:
    page.locator("#map summary").press("Enter")
    page.locator("#map").get_by_role("button", name="平面坐标").press("Enter")
    for north, east in [(4329910, 430796), (4329910, 431000), (4330110, 431000), (4330110, 430796)]:
        page.locator("[data-cell='add.0']").fill(str(north))
        page.locator("[data-cell='add.1']").fill(str(east))
        page.locator("[data-cell='add.1']").press("Enter")
    expect(page.locator("#map .map-foot")).to_contain_text("40,800.00 m²")
    expect(page.locator("#map .map-foot")).to_contain_text("61.20 亩")


@pytest.mark.parametrize(
    ("ring", "words"),
    [([[2.1, 48.8], [2.2, 48.8], [2.2, 48.9], [2.1, 48.8]], "中国范围"), ([[1.29e7, 4.7e6], [1.3e7, 4.7e6], [1.3e7, 4.8e6], [1.29e7, 4.7e6]], "坐标系")],
)  # fmt: skip
def test_a_file_in_another_system_is_refused_in_words(page: Page, ring: list[list[float]], words: str) -> None:
    give_file(page, ring)
    expect(page.locator(".toast-red")).to_contain_text(words)
    assert page.input_value("#boundary") == ""


def test_a_drawn_line_survives_an_expired_sign_in(context: Callable[..., BrowserContext]) -> None:
    opened = context("owner")
    page = opened.new_page()
    page.goto("/design/")
    page.locator("#map .map-view canvas").first.wait_for()
    give_file(page, SQUARE)
    expect(page.locator("#map [data-draft-note]")).to_contain_text("草稿已保存")
    kept = page.input_value("#boundary")
    cookies = [cookie for cookie in opened.cookies() if cookie.get("name") != "sessionid"]
    opened.clear_cookies()
    opened.add_cookies(cookies)  # type: ignore[arg-type]
    give_file(page, [[x + 0.001, y] for x, y in SQUARE])
    expect(page.get_by_role("dialog").filter(has_text="登录已过期")).to_be_visible()
    last = page.input_value("#boundary")
    assert last != kept
    page.get_by_role("link", name="重新登录").click()
    page.fill("[name=login]", "owner")
    page.fill("[name=password]", "lianshen-demo")
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/design/")
    page.locator("#map .map-view canvas").first.wait_for()
    page.wait_for_function("value => document.querySelector('#boundary').value === value", arg=last)
