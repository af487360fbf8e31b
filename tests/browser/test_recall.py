"""The recall wave in real browsers: an assessment is taken back, and the enterprise that leaned on it reads so."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from accounts.identifiers import make_project_code
from tests.browser.conftest import picture
from tests.browser.people import People
from tests.browser.test_intake import call
from tests.live import LiveSystem

pytestmark = pytest.mark.browser

# Far from the demo city's own land, so that no other test leans on it.
ZONE = [[116.50, 39.20], [116.52, 39.20], [116.52, 39.22], [116.50, 39.22], [116.50, 39.20]]
SITE = [[116.505, 39.205], [116.507, 39.205], [116.507, 39.207], [116.505, 39.207], [116.505, 39.205]]
TERMS = {
    "kind": "SEISMIC",
    "status": "PUBLISHED",
    "number": "云震评〔2026〕9号",
    "region": "云川北区",
    "valid_from": "2025-01-01",
    "days_saved": 40,
    "fee_saved_yuan": 150000,
}
REVOKE = """
from accounts.access import confirmed
from accounts.models import Post
from accounts.sessions import actor_of_post
from regional_eval.actions import revoke_assessment
from regional_eval.models import Assessment
post = Post.objects.select_related("person", "department").get(person__username="assess2")
with confirmed("assessment.withdraw"):
    revoke_assessment(
        Assessment.objects.get(number="云震评〔2026〕9号").pk,
        actor=actor_of_post(post, stepped_up=True),
        reason="活动断层新证据，原结论不再适用",
    )
"""


def test_an_enterprise_reads_that_its_assessment_was_taken_back(
    context: Callable[..., BrowserContext], live_server_with_everything: LiveSystem, tmp_path: Path
) -> None:
    land, terms = tmp_path / "zone.geojson", tmp_path / "terms.json"
    land.write_text(json.dumps({"type": "Polygon", "coordinates": [ZONE]}), encoding="utf-8")
    terms.write_text(json.dumps(TERMS), encoding="utf-8")
    system = live_server_with_everything
    command = ("import_layer", str(land), "--kind", "assessment", "--code", "north-seismic", "--attributes", str(terms))
    system.manage(*command)
    people = People(context)
    owner = people["owner"]
    serial = int(datetime.now(UTC).timestamp()) % 100_000
    code = make_project_code(year=2026, month=4, region="131099", department="04", kind="01", serial=serial)
    form = {"name": f"北区仓库 {serial}", "code": code, "place": "云川新区北区", "contents": "新建仓库一栋"}
    project = owner.post("/projects", form)["id"]
    call(owner.page, "PUT", f"/projects/{project}/site", {"boundary": {"type": "Polygon", "coordinates": [SITE]}})

    page = owner.page
    page.goto(f"/projects/{project}/reuse/")
    row = page.locator("#kind-SEISMIC")
    expect(row).to_contain_text("100.0%")
    expect(row).to_contain_text("150,000 元")
    row.get_by_role("button", name="提请应用").click()
    expect(row).to_contain_text("已提请，待部门确认")

    # The earthquake office has no account of its own: the bureau exercises its power.
    desk = people["bureau"].page
    desk.goto("/desk/")
    desk.locator("tr", has_text=form["name"]).get_by_role("link").click()
    desk.get_by_role("button", name="确认应用").click()
    expect(desk.locator("main")).to_contain_text("已确认应用")
    page.reload()
    expect(row).to_contain_text("区域评估成果应用确认书")

    system.manage("shell", "-c", REVOKE)
    # The outbox brings the wave within moments; nobody has asked for it.
    for _try in range(40):
        page.reload()
        if "前复核" in row.inner_text():
            break
        page.wait_for_timeout(250)
    expect(row).to_contain_text("原确认没有自动失效")
    expect(row).to_contain_text("活动断层新证据")
    picture(page, "recall-enterprise")

    # Whoever looks again decides, and the enterprise reads that, too.
    manager = people["assess"].page
    manager.goto("/rechecks/")
    task = manager.locator(".land-row", has_text=form["name"])
    task.locator("summary", has_text="作出复核决定").click()
    task.get_by_label("恢复单独评估").check()
    task.get_by_label("理由").fill("活动断层距离不足，须单独开展地震安全性评价")
    picture(manager, "recall-decision")
    task.get_by_role("button", name="办结复核").click()
    expect(manager.locator("main")).to_contain_text("复核已办结")
    page.reload()
    expect(row).to_contain_text("复核后恢复单独办理")
