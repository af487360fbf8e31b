"""The administrator edits a template in the browser and sees graph and path before anything is published."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import picture

pytestmark = pytest.mark.browser


def test_a_draft_shows_its_path_and_faults_before_it_is_published(context: Callable[..., BrowserContext]) -> None:
    page = context(user="sysadmin").new_page()
    page.goto("/catalogue/")
    row = page.locator("tbody tr", has_text="社会投资备案类一般项目").first
    picture(page, "catalogue")
    row.locator("input[name=version]").fill(f"t-{uuid4().hex[:8]}")
    row.get_by_role("button", name="编制").click()
    page.wait_for_url("**/catalogue/*-*/")
    expect(page.locator(".big-number")).to_have_text("37")
    expect(page.locator("body")).to_contain_text("没有问题，可以提请发布")
    assert page.locator(".gantt rect.critical").count() > 3
    picture(page, "edition-draft")

    # A longer promise moves the critical path at once; too long, and publication has its reason.
    item = page.locator("#item-DR-REC")
    item.locator("summary", has_text="修改").click()
    item.locator("[name=limit_working_days]").fill("12")
    item.get_by_role("button", name="保存").click()
    expect(page.locator(".big-number")).not_to_have_text("37")
    expect(page.locator("section[aria-labelledby=faults]")).to_contain_text("超过")
    picture(page, "edition-faults")

    item = page.locator("#item-DR-REC")
    item.locator("summary", has_text="修改").click()
    item.locator("[name=limit_working_days]").fill("1")
    item.locator("[name=materials]").fill("M1 | 其他材料")
    item.get_by_role("button", name="保存").click()
    expect(page.locator("section[aria-labelledby=faults]")).to_contain_text("其他材料")

    page.get_by_role("button", name="删除草稿").click()
    page.wait_for_url("**/catalogue/")
