"""The pre-check without signing in: draw, paste, see what may be reused and what stands against it, take it along."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import PASSWORD, picture

pytestmark = pytest.mark.browser

# Across the edge of the heritage survey in the demo's park: all six answers.
ACROSS = "J1 116.2318 39.1008\nJ2 116.2342 39.1008\nJ3 116.2342 39.1026\nJ4 116.2318 39.1026"
# From the park's north block into the fields: a conflict of each severity.
NORTH = "116.2365,39.1095\n116.2395,39.1095\n116.2395,39.1122\n116.2365,39.1122"


def paste(page: Page, corners: str) -> None:
    """By the text box beside the map."""
    page.fill("#paste-coordinates", corners)
    page.get_by_role("button", name="画到图上").click()


def check(page: Page) -> None:
    """Ask, and wait for the answer to this very red line."""
    page.get_by_role("button", name="开始预查").click()
    expect(page.locator("#precheck-result[data-stale]")).to_have_count(0)
    page.locator("#precheck-result .tally").wait_for()


def test_a_visitor_checks_a_site_and_takes_it_into_the_form(context: Callable[..., BrowserContext]) -> None:
    page = context().new_page()
    page.goto("/")
    page.get_by_role("link", name="画红线，先预查选址").click()
    view = page.locator(".precheck-map .map-view")
    view.locator("canvas").first.wait_for()
    expect(page.locator(".land-legend")).to_contain_text("已发布的区域评估")

    # The map has been fitted to the district once the base map and the published land have come; it moves no more.
    page.wait_for_function(
        "() => performance.getEntriesByName(new URL('/basemap/places.geojson', location).href).length > 0"
    )
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)

    # The area is there while the line is still being drawn.
    box = view.bounding_box()
    assert box is not None
    for x, y in ((300, 150), (420, 160), (410, 260)):
        page.mouse.click(box["x"] + x, box["y"] + y)
        page.wait_for_timeout(300)  # slower than a double click
    page.mouse.move(box["x"] + 320, box["y"] + 270)
    expect(page.locator(".map-foot")).to_contain_text("亩")
    view.press("Enter")
    expect(page.locator("#boundary")).not_to_have_value("")

    page.locator("summary", has_text="粘贴坐标").click()
    paste(page, ACROSS)
    check(page)
    kinds = page.locator("#precheck-result")
    for words in ("可复用", "承诺后可复用", "经认定无需评估", "部分覆盖，需补评", "资料不足，暂不能判断", "不可复用"):
        expect(kinds.locator(".badge", has_text=words).first).to_be_visible()
    expect(page.locator(".land-legend")).to_contain_text("需补充评估的范围")
    kinds.get_by_role("button", name="文物保护").click()
    expect(page.locator(".land-row[data-chosen]")).to_contain_text("文物保护")
    picture(page, "precheck-reuse")

    # Another line: the old answer says that it is old, the new one names what forbids the site.
    paste(page, NORTH)
    expect(page.locator(".stale-note")).to_be_visible()
    check(page)
    for words in ("红 · 否决", "橙 · 需协调", "黄 · 需修改", "蓝 · 提示", "灰 · 信息"):
        expect(kinds.locator(".badge", has_text=words).first).to_be_visible()
    expect(kinds).to_contain_text("永久基本农田")
    picture(page, "precheck-conflicts")

    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="登录并带入项目申报").click()
    page.fill("[name=login]", "owner")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/projects/new/")
    page.goto("/precheck/")
    expect(page.locator("#boundary")).to_have_value(re.compile("116.2365"))
    page.get_by_role("button", name="不再保留").click()
    expect(page.locator("#boundary")).to_have_value("")
