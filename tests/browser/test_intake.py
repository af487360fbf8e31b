"""The rehearsal and the one window in a real browser: honest levers, one list of corrections and never a second."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from accounts.identifiers import make_project_code
from tests.browser.conftest import PASSWORD, picture

pytestmark = pytest.mark.browser

SQUARE = [[116.2, 39.1], [116.203, 39.1], [116.203, 39.103], [116.2, 39.103], [116.2, 39.1]]
FACTS: dict[str, Any] = {
    "investment": "PRIVATE",
    "management": "FILING",
    "use": "OFFICE",
    "floor_area_m2": 42000,
    "building_height_m": 60,
    "investment_10k_yuan": 36000,
}


def call(page: Page, method: str, path: str, body: Any) -> Any:
    """The API as a page calls it: session, CSRF token, idempotency key."""
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    headers = {
        "X-CSRFToken": cookies["csrftoken"],
        "Idempotency-Key": str(uuid4()),
        "Referer": page.url,
    }
    answer = page.request.fetch(f"/api/v1{path}", method=method, data=body, headers=headers)
    assert answer.ok, f"{method} {path}: {answer.status} {answer.text()[:400]}"
    return answer.json()


def test_the_rehearsal_shows_days_path_and_honest_levers(context: Callable[..., BrowserContext]) -> None:
    page = context(user="owner").new_page()
    page.goto("/rehearsal/")
    page.select_option("#investment", "PRIVATE")
    page.select_option("#management", "FILING")
    page.select_option("#use", "OFFICE")
    page.get_by_role("button", name="预演").click()
    outcome = page.locator("section[aria-labelledby=outcome]")
    expect(outcome).to_contain_text("37")
    expect(outcome).to_contain_text("承诺不超过 40 个")
    expect(outcome).to_contain_text("已办结项目")
    bars = page.locator(".gantt rect.critical")
    assert bars.count() > 3
    assert page.locator(".gantt rect.slack").count() > 0
    levers = page.locator("section[aria-labelledby=levers] tbody tr")
    saved = [int(text) for text in levers.locator("td:last-child").all_inner_texts()]
    assert saved == sorted(saved, reverse=True)
    assert 0 in saved  # said as zero
    picture(page, "rehearsal")
    # The enterprise's own dates move the calendar, never the government's clock.
    before = page.locator("#own-EV-DSN").input_value()
    page.fill("#own-EV-DSN", str(int(before) + 60))
    page.get_by_role("button", name="预演").click()
    expect(page.locator("section[aria-labelledby=outcome] .big-number")).to_have_text("37")
    expect(page.locator("section[aria-labelledby=own]")).to_contain_text("在关键路径上")
    narrow = context(user="owner", width=390).new_page()
    narrow.goto(page.url)
    overflow = narrow.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 1
    picture(narrow, "rehearsal-narrow")


def file_project(page: Page, *, first: bool, project_id: str) -> None:
    """Submit by the dialog, with the fresh factor it asks for."""
    page.goto(f"/projects/{project_id}/filing/")
    page.wait_for_load_state("networkidle")  # the button opens the dialog by the page's script
    page.get_by_role("button", name="提交申报").click()
    dialog = page.locator("dialog#submit")
    expect(dialog).to_be_visible()
    if dialog.locator("#submit-password").count():
        dialog.locator("#submit-password").fill(PASSWORD)
    dialog.get_by_role("button", name="确认提交").click()
    page.wait_for_url(lambda url: "/filing" not in url)
    if first:
        picture(page, "filed")


def test_a_second_list_of_corrections_is_refused(context: Callable[..., BrowserContext]) -> None:
    owner = context(user="owner").new_page()
    owner.goto("/")
    serial = int(datetime.now(UTC).timestamp()) % 100_000
    code = make_project_code(year=2026, month=3, region="131099", department="04", kind="01", serial=serial)
    form = {
        "name": f"一次性告知试件 {serial}",
        "code": code,
        "place": "云川新区创新大道 18 号",
        "contents": "新建研发楼一栋",
    }
    project_id = call(owner, "POST", "/projects", form)["id"]
    call(owner, "PATCH", f"/projects/{project_id}", {"facts": FACTS})
    call(owner, "PUT", f"/projects/{project_id}/site", {"boundary": {"type": "Polygon", "coordinates": [SQUARE]}})
    file_project(owner, first=True, project_id=project_id)

    # Two clerks open the filing; the second keeps the page open while the first issues the only list.
    first, second = context(user="window").new_page(), context(user="window2").new_page()
    for page in (first, second):
        page.goto(f"/projects/{project_id}/intake/")
        page.locator("summary", has_text="一次性补正告知").click()
        expect(page.get_by_role("button", name="出具一次性补正告知书")).to_be_visible()
    picture(first, "intake")
    first.fill("#others", "总平面图缺少坐标标注，请补注后重新提交。")
    first.get_by_role("button", name="出具一次性补正告知书").click()
    expect(first.locator(".page-head")).to_contain_text("等待企业补正")

    file_project(owner, first=False, project_id=project_id)
    second.fill("#others", "还有一处：请再补充日照分析。")
    second.get_by_role("button", name="出具一次性补正告知书").click()
    expect(second.locator("body")).to_contain_text("不能再出具第二份")
    picture(second, "second-list-refused")

    # The page itself no longer offers it, and still offers what the law leaves: accept, tolerate, refuse.
    first.goto(f"/projects/{project_id}/intake/")
    first.locator("summary", has_text="一次性补正告知").click()
    expect(first.locator("body")).to_contain_text("依法不能出具第二份")
    expect(first.get_by_role("button", name="出具一次性补正告知书")).to_have_count(0)
    expect(first.get_by_role("button", name="容缺受理")).to_be_visible()
    picture(first, "intake-second-time")
