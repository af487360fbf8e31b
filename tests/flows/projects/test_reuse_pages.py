"""Pages of reuse: the enterprise proposes and signs, the department confirms or refuses, managers decide re-checks."""

from __future__ import annotations

import pytest

from projects.models import AssessmentReuse, RecheckTask
from tests.actions.projects.filing import OFFICE, draft
from tests.actions.projects.reuse_land import HALF, assess, recalled
from tests.cast import Cast
from tests.flows.projects.test_pages import post, text_of

FACTS = {**OFFICE, "in_geo_hazard_prone_area": True, "earthwork_m3": 60_000}


@pytest.mark.django_db
def test_from_the_red_line_to_the_certificate_and_back(cast: Cast) -> None:
    hazard = assess(cast, "GEO_HAZARD", limits={"excavation_depth_m": 12}, days_saved=30, fee_saved_yuan=60_000)
    assess(cast, "SOIL_WATER", effect="COMMITMENT", valid_to="2035-12-31")
    assess(cast, "HERITAGE", where=HALF)
    project = draft(cast, facts=FACTS)
    path = f"/projects/{project.pk}/reuse/"

    page = text_of(cast.client("owner").get(path))
    for words in (
        "资料不足",
        "开挖深度",
        "部分覆盖，需补评",
        "补评范围",
        "承诺后可复用",
        "审批时限不变（与关键路径并行）",
    ):
        assert words in page
    assert cast.client("rival").get(path).status_code == 404
    assert post(cast, "rival", f"{path}propose/", {"kind": "GEO_HAZARD"}).status_code in {403, 404}

    # Refused in plain words while the figure is missing; accepted with it.
    assert post(cast, "owner", f"{path}propose/", {"kind": "GEO_HAZARD"}).status_code == 422
    answer = post(cast, "owner", f"{path}propose/", {"kind": "GEO_HAZARD", "figure-excavation_depth_m": "9.5"})
    assert answer.status_code == 302
    assert post(cast, "owner", f"{path}propose/", {"kind": "SOIL_WATER"}).status_code == 302
    exempt, committed = AssessmentReuse.objects.order_by("proposed_at")

    desk = text_of(cast.client("planning").get("/desk/"))
    assert "区域评估应用" in desk
    case = f"/reuse/{exempt.pk}/"
    assert "覆盖、有效期、行业、指标和规划版本都符合" in text_of(cast.client("planning").get(case))
    assert cast.client("fire").get(case).status_code == 404
    assert post(cast, "fire", f"{case}confirm/").status_code in {403, 404}
    assert post(cast, "planning", f"{case}confirm/", {"remark": "同意"}).status_code == 302
    assert "等待企业签署告知承诺" in text_of(cast.client("bureau").get(f"/reuse/{committed.pk}/"))
    assert post(cast, "bureau", f"/reuse/{committed.pk}/confirm/").status_code == 422
    assert post(cast, "owner", f"/reuse/{committed.pk}/promise/", {"from": "project"}).status_code == 302
    refusal = {"reason": "弃渣场不在区域评估范围之内，应当单独编报"}
    assert post(cast, "bureau", f"/reuse/{committed.pk}/refuse/", refusal).status_code == 302

    page = text_of(cast.client("owner").get(path))
    for words in ("区域评估成果应用确认书", "约 60,000 元", "仍为", "不缩短审批时限", "弃渣场不在区域评估范围之内"):
        assert words in page

    recalled(cast, hazard)
    task = RecheckTask.objects.get()
    assert "原确认没有自动失效" in text_of(cast.client("owner").get(path))
    listed = text_of(cast.client("supervisor").get("/rechecks/", {"assessment": str(hazard)}))
    assert project.name in listed
    assert "应用过这项成果的 1 个项目" in listed
    assert "作出复核决定" not in listed
    decision = {"outcome": "put_back", "reason": "原结论已撤销，须单独开展评估"}
    assert post(cast, "supervisor", f"/rechecks/{task.pk}/close/", decision).status_code == 403
    assert post(cast, "assess", f"/rechecks/{task.pk}/close/", decision | {"outcome": "sleep"}).status_code == 422
    assert post(cast, "assess", f"/rechecks/{task.pk}/close/", decision).status_code == 302
    assert "没有待复核的项目" in text_of(cast.client("assess").get("/rechecks/"))
    assert "恢复单独评估" in text_of(cast.client("assess").get("/rechecks/", {"show": "all"}))
    assert "复核后恢复单独办理" in text_of(cast.client("owner").get(path))
