"""Drawings in a real browser: an upload over a broken line and a closed tab, two revisions over each other."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest
from playwright.sync_api import BrowserContext, Page, Request, Route, expect

from tests.browser.conftest import picture

pytestmark = pytest.mark.browser
PROJECT = "云启仓储楼"
REVIEWED = "云启精密制造产业园一期"


def set_of(page: Page) -> str:
    """The demo project that has two revisions: the address of its drawing set."""
    found = page.request.get("/api/v1/projects?per_page=100").json()["results"]
    project = next(each["id"] for each in found if each["name"] == PROJECT)
    return f"/sets/{page.request.get(f'/api/v1/projects/{project}/sets').json()[0]['id']}/"


def pieces_of(page: Page) -> list[int]:
    """Where the pieces begin that this page sends from now on."""
    offsets: list[int] = []

    def note(request: Request) -> None:
        if request.method == "PATCH":
            offsets.append(int(request.headers["upload-offset"]))

    page.on("request", note)
    return offsets


def upload_over_a_broken_line(owner: BrowserContext, tmp_path: Path) -> None:
    """The line breaks, then the tab is closed: what was sent is not sent again."""
    page = owner.new_page()
    page.goto(set_of(page))
    page.goto(page.locator(".page-head a").last.get_attribute("href") or "")
    page.fill("[name=name]", f"续传 {time.time_ns()}")
    page.get_by_role("button", name="新建").click()
    page.wait_for_url("**/sets/**")
    plan = tmp_path / "首层平面图.dxf"
    plan.write_bytes(os.urandom(2_000_000))
    page.locator(".file-drop-zone input[type=file]").set_input_files(plan)
    sent = pieces_of(page)
    line = {"cut": 0}

    def broken(route: Route) -> None:
        """The line breaks once and heals; after 1 MB it is dead."""
        if route.request.method == "PATCH" and sent:
            if sent[-1] >= 1_000_000:
                route.abort("connectionreset")
                return
            if line["cut"] == 0 and sent[-1] > 0:
                line["cut"] = 1
                route.abort("connectionreset")
                return
        route.continue_()

    page.route("**/api/v1/uploads/*", broken)
    page.get_by_role("button", name="上传并检查").click()
    expect(page.locator(".file-row")).to_contain_text("连接中断")
    for _ in range(60):
        if max(sent) >= 1_000_000:
            break
        page.wait_for_timeout(250)
    assert line["cut"] == 1
    assert max(sent) >= 1_000_000, "the first cut was waited out"
    address = page.url
    page.close(run_before_unload=False)

    again = owner.new_page()
    again.goto(address)
    expect(again.locator(".file-row")).to_contain_text("请再次选择同一文件")
    picture(again, "upload-interrupted")
    resumed = pieces_of(again)
    again.locator(".file-drop-zone input[type=file]").set_input_files(plan)
    expect(again.locator(".file-row")).to_have_count(1)
    again.get_by_role("button", name="上传并检查").click()
    expect(again.locator(".file-row .done", has_text="上传")).to_be_visible()
    assert resumed[0] >= 1_000_000, "nothing is sent twice"


def lay_over_each_other(page: Page) -> None:
    """Two revisions of the demo city: the list, the proof, and the overlay that follows it."""
    page.goto(f"{set_of(page)}compare/")
    pair = page.locator(".pair", has_text="建施-02")
    expect(pair).to_contain_text("其中仅文字 1")
    expect(pair.locator("ins")).to_contain_text("2026")
    assert len(page.locator(".proof-hash").first.inner_text()) == 64
    pair.get_by_role("link", name="叠图查看").click()
    page.wait_for_function("() => window.__compare && window.__compare.complete", timeout=20_000)
    expect(page.locator(".compare-summary")).to_contain_text("修改 27")
    before = page.evaluate("() => window.__compare.new.resolution")
    page.keyboard.press("n")
    page.wait_for_function(f"() => window.__compare.new.resolution < {before} * 0.9")
    ratio = page.evaluate("() => window.__compare.old.resolution / window.__compare.new.resolution")
    assert ratio == pytest.approx(1)
    picture(page, "compare")


def look_at_a_sheet(page: Page) -> None:
    """Open a sheet, switch a layer, search the set, ask an entity, snap a measure to it, lay the grid, print at scale."""
    found = page.request.get("/api/v1/projects?per_page=100").json()["results"]
    project = next(each["id"] for each in found if each["name"] == REVIEWED)
    page.goto(f"/sets/{page.request.get(f'/api/v1/projects/{project}/sets').json()[0]['id']}/")
    page.locator(".sheet-card", has_text="建施-04").click()
    page.wait_for_function("() => window.__review && window.__review.complete && window.__review.connected")
    assert page.locator(".sheet-row[aria-current] img").evaluate("picture => picture.naturalWidth") > 1000

    shown = page.locator(".panel-layers .panel-head .small")
    every = shown.inner_text()
    page.locator(".layer-row").first.click()
    expect(shown).not_to_have_text(every)
    page.locator(".layer-row").first.click()
    expect(shown).to_have_text(every)

    page.keyboard.press("/")
    page.keyboard.type("门厅")
    expect(page.locator(".set-hits a.text-hit").first).to_contain_text("门厅")
    page.keyboard.press("Escape")
    page.locator(".stage").focus()

    x, y = page.evaluate("() => window.__review.toPixel([0, 0])")
    page.mouse.click(x + 2, y + 2)
    card = page.locator("aside.properties:visible")
    expect(card).to_contain_text("句柄")
    expect(card).to_contain_text(re.compile(r"[长面].*m"))
    page.keyboard.press("Escape")

    page.keyboard.press("Shift+R")
    page.wait_for_function("() => document.querySelector('.north').classList.contains('is-turned')")
    page.locator(".north").click()
    page.locator("[data-aid=grid]").click()
    expect(page.locator(".drawing-grid")).to_be_visible()
    picture(page, "sheet-grid")
    page.locator("[data-aid=grid]").click()

    page.keyboard.press("Control+p")
    page.locator("[data-print=scale]").select_option("200")
    printed = page.request.get(page.locator(".print-card a.btn-primary").get_attribute("href") or "")
    paper = pymupdf.open(stream=printed.body(), filetype="pdf")[0]
    assert (round(paper.rect.width * 25.4 / 72), round(paper.rect.height * 25.4 / 72)) == (420, 297)
    assert "建施-04" in paper.get_text()
    assert len(paper.get_drawings()) > 100  # lines, not a picture of them
    page.keyboard.press("Escape")


def snap_a_measure(page: Page) -> None:
    """A measure clicked near a corner begins exactly at it; nothing of it is kept."""
    before = page.evaluate("() => window.__review.marks.length")
    x, y = page.evaluate("() => window.__review.toPixel([0, 0])")
    page.keyboard.press("m")
    for dx, dy in ((4, -3), (150, -60)):
        page.mouse.move(x + dx, y + dy, steps=3)
        page.wait_for_timeout(250)  # the snap is looked up while the pointer rests
        page.mouse.click(x + dx, y + dy)
    page.keyboard.press("Enter")
    page.wait_for_function(f"() => window.__review.marks.length > {before} && window.__review.pending === 0")
    mark = page.evaluate("() => window.__review.marks.at(-1)")
    asked = page.evaluate(f"() => window.__review.toSheet([{x + 4}, {y - 3}])")
    got = mark["geom"]["coordinates"][0]
    assert got != pytest.approx(asked, abs=1), "it was drawn to something of the drawing"
    near = page.evaluate(f"() => window.__review.toPixel([{got[0]}, {got[1]}])")
    assert near == pytest.approx([x + 4, y - 3], abs=14)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+z")
    page.wait_for_function("() => window.__review.marks.at(-1).deleted && window.__review.pending === 0")


def test_a_sheet_is_looked_at_searched_and_printed(context: Callable[..., BrowserContext]) -> None:
    page = context(user="fire").new_page()
    look_at_a_sheet(page)
    snap_a_measure(page)


def test_drawings_come_in_over_a_broken_line_and_are_compared(
    context: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    owner = context(user="owner")
    upload_over_a_broken_line(owner, tmp_path)
    lay_over_each_other(owner.new_page())
