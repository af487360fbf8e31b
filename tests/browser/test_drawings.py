"""Drawings in a real browser: an upload over a broken line and a closed tab, two revisions over each other."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pymupdf
import pytest
from playwright.sync_api import BrowserContext, Page, Request, Route, expect

from drawings.bench.plan import plan as large_plan
from tests.browser.conftest import picture
from tests.live import LiveSystem

pytestmark = pytest.mark.browser
PROJECT = "云启仓储楼"
REVIEWED = "云启精密制造产业园一期"
ENTITIES = int(os.environ.get("LIANSHEN_LARGE_PLAN", "20000"))
"""Of the large plan; 200,000 in the soak."""


WHOLE_SHEET = """() => {
    const [x0, y0, x1, y1] = window.__review.fit;
    const room = document.querySelector(".stage").getBoundingClientRect();
    return [[x0, y0], [x1, y1]].map(window.__review.toPixel).map(
        ([x, y]) => x >= room.left && x <= room.right && y >= room.top && y <= room.bottom);
}"""


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
    packed = {"name": "全套.zip", "mimeType": "application/zip", "buffer": b"PK"}
    page.locator(".file-drop-zone input[type=file]").set_input_files(packed)
    expect(page.locator(".file-row[data-state=refused]")).to_contain_text("错误代码 E_TYPE")
    page.get_by_role("button", name="移除 全套.zip").click()  # what is refused can be taken off the list
    expect(page.locator(".file-row")).to_have_count(0)
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
    # Beside each other each pane shows the whole sheet and its name; Esc ends aligning where it began.
    page.keyboard.press("0")
    page.wait_for_function(f"() => Math.abs(window.__compare.new.resolution - {before}) < {before} * 0.01")
    page.locator("[data-choice=beside]").click()
    page.wait_for_function(f"() => window.__compare.new.resolution > {before} * 1.5")
    expect(page.locator(".compare-name:visible")).to_have_text(["旧版 A", "新版 B"])
    expect(page.locator("[data-choice=beside]")).to_be_focused()
    page.locator("[data-choice=over]").click()
    page.locator("[data-choice=align]").click()
    expect(page.locator(".is-asked")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".is-asked")).to_have_count(0)
    assert page.evaluate("() => window.__compare.mode") == "over"


def keep_a_layer_state(page: Page) -> None:
    """With one layer off: the state is kept, everything shown, the state applied again, removed and taken back."""
    shown = page.locator(".panel-layers .panel-head .small")
    less = shown.inner_text()
    page.locator(".layer-states summary").click()
    page.get_by_label("图层状态的名称").fill("少一层")
    page.locator(".layer-state-form button").click()
    state = page.locator(".layer-state", has_text="少一层")
    expect(state).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="还原").click()
    expect(shown).not_to_have_text(less)
    expect(state).to_have_attribute("aria-pressed", "false")
    page.reload()
    page.wait_for_function("() => window.__review && window.__review.complete && window.__review.connected")
    page.locator(".layer-states summary").click()
    state.click()
    expect(shown).to_have_text(less)
    picture(page, "layer-states")
    page.get_by_role("button", name="删除「少一层」").click()
    expect(state).to_have_count(0)
    page.get_by_role("button", name="撤销").last.click()
    expect(state).to_have_count(1)


def look_at_a_sheet(page: Page) -> None:
    """Open a sheet, switch a layer, search the set, ask an entity, snap a measure to it, lay the grid, print at scale."""
    found = page.request.get("/api/v1/projects?per_page=100").json()["results"]
    project = next(each["id"] for each in found if each["name"] == REVIEWED)
    page.goto(f"/sets/{page.request.get(f'/api/v1/projects/{project}/sets').json()[0]['id']}/")
    page.set_viewport_size({"width": 1024, "height": 768})
    page.locator(".sheet-card", has_text="建施-04").click()
    page.wait_for_function("() => window.__review && window.__review.complete && window.__review.connected")
    assert page.evaluate(WHOLE_SHEET) == [True, True], "on a small desk the whole sheet stands between the panels"
    page.set_viewport_size({"width": 1440, "height": 900})
    assert page.locator(".sheet-row[aria-current] img").evaluate("picture => picture.naturalWidth") >= 1000

    shown = page.locator(".panel-layers .panel-head .small")
    every = shown.inner_text()
    page.locator(".layer-row").first.click()
    expect(shown).not_to_have_text(every)
    keep_a_layer_state(page)
    page.locator(".layer-row input").last.focus()
    assert page.evaluate("() => document.scrollingElement.scrollTop") == 0, "a focus far down moves the page"
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

    expect(page.locator(".north")).to_have_text("图纸上方")  # this plan does not say where north is
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


def acknowledged(page: Page, place: int) -> float:
    """Seconds from the end of a stroke until its mark is kept by the server."""
    before = page.evaluate("() => window.__review.marks.length")
    x, y = 480 + 30 * (place % 12), 300 + 25 * (place // 12 % 10)
    page.keyboard.press("f")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 20, y + 14, steps=4)
    page.mouse.up()
    kept = """before => new Promise((done, fail) => {
        const from = performance.now();
        const look = () => {
            const took = performance.now() - from;
            if (window.__review.marks.length > before && window.__review.pending === 0) done(took);
            else if (took > 30000) fail(new Error(`not kept: ${JSON.stringify([window.__review.marks.length - before, window.__review.pending])}`));
            else setTimeout(look, 4);
        };
        look();
    })"""
    return float(page.evaluate(kept, before)) / 1000


def test_a_large_plan_is_taken_in_and_opened_while_another_annotates(
    context: Callable[..., BrowserContext], live_server_with_everything: LiveSystem, tmp_path: Path
) -> None:
    """Preparing and drawing many entities costs the other his speed neither on the server nor on the socket."""
    plan = tmp_path / "总平面图.dxf"
    plan.write_bytes(large_plan(ENTITIES))
    fire = context(user="fire").new_page()
    fire.goto(json.loads(live_server_with_everything.manage("demo_room", "--json"))["page"])
    fire.wait_for_function("() => window.__review && window.__review.complete && window.__review.connected")
    quiet = [acknowledged(fire, place) for place in range(5)]

    owner = context(user="owner").new_page()
    owner.goto(set_of(owner))
    owner.goto(owner.locator(".page-head a").last.get_attribute("href") or "")
    owner.fill("[name=name]", f"总图 {time.time_ns()}")
    owner.get_by_role("button", name="新建").click()
    owner.wait_for_url("**/sets/**")
    owner.locator(".file-drop-zone input[type=file]").set_input_files(plan)
    owner.get_by_role("button", name="上传并检查").click()
    busy = []
    until = time.monotonic() + 240 + ENTITIES / 200
    done = owner.get_by_role("link", name="查看图纸")
    while not done.count():
        assert time.monotonic() < until, "the plan was not prepared"
        busy.append(acknowledged(fire, 5 + len(busy)))
        fire.wait_for_timeout(1000)
    done.click()
    href = owner.locator(".sheet-card").first.get_attribute("href") or ""
    owner.goto(href, wait_until="commit")
    opening = time.monotonic()
    while not owner.evaluate("() => Boolean(window.__review && window.__review.complete && window.__review.ready)"):
        assert time.monotonic() < opening + 60, "the plan did not open"
        busy.append(acknowledged(fire, 5 + len(busy)))
    told = f"{ENTITIES} entities opened in {time.monotonic() - opening:.1f} s; acknowledged in {median(quiet):.3f} s alone, "
    print(told + f"{median(busy):.3f} s meanwhile, at most {max(busy):.3f} s, {len(busy)} marks")  # noqa: T201 - the figures of the soak
    picture(owner, "large-plan")
    assert owner.evaluate("() => window.__review.failed.length") == 0
    assert len(busy) >= 5
    assert median(busy) < max(0.5, 4 * median(quiet))
    assert max(busy) < max(3, 10 * max(quiet))
