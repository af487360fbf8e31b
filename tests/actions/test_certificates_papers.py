"""Papers get gapless numbers, one seal, one file, and are read by those whom the table names."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from django.db import close_old_connections, transaction

from accounts.access import require
from accounts.policy import row_of, system_acts
from certificates import store
from certificates.actions import ask_to_revoke, issue_paper, keep_picture, seal_paper
from certificates.drafting import Draft, DraftMalformed, UnknownKind, kinds
from certificates.models import NumberRule, NumberSeries, Paper
from certificates.queries import paper_file, preview_paper, trust
from certificates.verification import judge
from ledger.actor import Actor
from ledger.clock_now import freeze
from ledger.errors import Forbidden, Refused, SignInRequired, StateConflict
from ledger.outbox import dispatch_all
from tests.cast import Cast, build_cast
from tests.certificates_world import FACTS, SPRING, issued, kept_files, own_directories, picture, sealed


@pytest.fixture(autouse=True)
def directories(settings: Any, tmp_path: Path) -> None:
    own_directories(settings, tmp_path)


def text_of(paper: Paper) -> str:
    return "".join(page.get_text() for page in pymupdf.open(stream=paper_file(paper), filetype="pdf"))


# -- numbers ------------------------------------------------------------------------------------------------------


def test_numbers_run_per_kind_and_year_without_gaps(cast: Cast) -> None:
    with freeze(SPRING):
        numbers = [issued(cast).number for _ in range(3)]
        other = issued(cast, "receipt").number
    with freeze(SPRING.replace(year=2027)):
        next_year = issued(cast).number
    assert numbers == ["云川受〔2026〕1号", "云川受〔2026〕2号", "云川受〔2026〕3号"]
    assert other == "云川接〔2026〕1号"
    assert next_year == "云川受〔2027〕1号"


def test_an_act_that_fails_gives_its_number_back(cast: Cast) -> None:
    first = issued(cast)
    with transaction.atomic():
        issued(cast)
        transaction.set_rollback(True)
    second = issued(cast)
    assert (first.n, second.n) == (1, 2)


def test_the_year_of_a_number_is_the_legal_one(cast: Cast) -> None:
    """At 00:30 on 1 January in Shanghai it is still 2026 in UTC."""
    with freeze(SPRING.replace(year=2026, month=12, day=31, hour=16, minute=30)):
        assert issued(cast).number == "云川受〔2027〕1号"


def test_a_district_writes_numbers_by_its_own_rule(cast: Cast) -> None:
    NumberRule.objects.create(district=cast.district, kind="", pattern="{district}新审{mark}字[{year}]第{n:04d}号")
    with freeze(SPRING):
        assert issued(cast).number == "云川新审受字[2026]第0001号"


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_numbers_without_gap_or_double() -> None:
    cast = build_cast()
    barrier = threading.Barrier(6)
    failures: list[BaseException] = []

    def work(fails: bool) -> None:
        try:
            barrier.wait()
            for _ in range(4):
                with transaction.atomic():
                    issued(cast)
                if fails:
                    with transaction.atomic():
                        issued(cast)
                        transaction.set_rollback(True)
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)
        finally:
            close_old_connections()

    threads = [threading.Thread(target=work, args=(number % 2 == 0,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sorted(Paper.objects.values_list("n", flat=True)) == list(range(1, 25))
    assert NumberSeries.objects.get().last == 24


# -- the seal -----------------------------------------------------------------------------------------------------


def test_the_outbox_seals_what_was_issued(cast: Cast) -> None:
    with freeze(SPRING):
        paper = sealed(cast)
    data = paper_file(paper)
    assert hashlib.sha256(data).hexdigest() == paper.sha256
    assert (len(data), paper.pages) == (paper.size, 1)
    verdict = judge(data, trust())
    assert verdict.valid
    assert verdict.signer == "云川新区自然资源和规划局"
    text = text_of(paper)
    for part in (
        "受理通知书",
        paper.number,
        paper.addressee,
        "2026年3月11日",
        "云启精密制造产业园一期",
        paper.verify_code,
    ):
        assert part in text.replace("\n", ""), part


def test_a_seal_that_died_before_its_commit_is_taken_up_again(cast: Cast) -> None:
    """The file signed by the first attempt is the one that is issued: never two files of one number."""
    paper = issued(cast)
    with transaction.atomic():  # killed before the commit
        seal_paper(paper.pk, actor=Actor.system(cause="PaperIssued"))
        transaction.set_rollback(True)
    waiting = store.sealing_place(paper.pk).read_bytes()
    dispatch_all()
    paper.refresh_from_db()
    assert paper_file(paper) == waiting
    assert len(kept_files()) == 1


def test_a_half_written_attempt_is_not_adopted(cast: Cast) -> None:
    paper = issued(cast)
    place = store.sealing_place(paper.pk)
    place.parent.mkdir(parents=True)
    place.write_bytes(b"%PDF-1.4 half")
    dispatch_all()
    paper.refresh_from_db()
    assert paper.state == "issued"
    assert judge(paper_file(paper), trust()).valid


@pytest.mark.django_db(transaction=True)
def test_the_waiting_file_is_cleared_after_the_commit() -> None:
    paper = sealed(build_cast())
    assert not store.sealing_place(paper.pk).exists()


def test_the_bureau_seals_what_it_exercises_for_others(cast: Cast) -> None:
    """Powers table: the drainage company's word is the bureau's seal; both may read the paper."""
    paper = sealed(cast, signer_department_code="WRB")
    assert paper.sealer.code == "ADB"
    assert paper.department_codes == ["ADB", "WRB"]
    assert "云川新区行政审批局" in text_of(paper)
    assert judge(paper_file(paper), trust()).signer == "云川新区行政审批局"


def test_a_person_cannot_press_a_seal_without_the_post(cast: Cast) -> None:
    paper = issued(cast)
    for who in ("window", "planning", "fire2", "owner"):
        with pytest.raises(Forbidden if who != "fire2" else Exception):
            seal_paper(paper.pk, actor=cast.actor(who))
    assert Paper.objects.get().state == "sealing"


# -- the wording --------------------------------------------------------------------------------------------------

GIVEN = {
    "receipt": {"body": "申请表、营业执照、用地红线图。"},
    "correction_notice": {"body": {"list": ["营业执照复印件未加盖公章。", "总平面图未标注消防车道宽度。"]}},
    "tolerant_acceptance": {"body": {"list": ["地质灾害评估报告。"]}},
    "rejection": {"body": "申请事项依法不属于本机关职权范围。"},
    "special_procedure": {"facts": {**FACTS, "ground": "专家评审"}},
    "extension": {"facts": {**FACTS, "ground": "需要征求相关部门意见"}},
    "merged_notice": {"facts": {**FACTS, "set_name": "施工图设计文件"}},
    "drawing_certificate": {"facts": {**FACTS, "set_name": "施工图设计文件"}},
    "licence_denied": {"body": "建筑退让用地红线距离不足。"},
    "joint_acceptance_opinion": {"facts": {**FACTS, "conclusion": "合格"}},
    "revocation": {"facts": {"original_number": "云川许〔2026〕1号"}, "body": "申请材料不实。"},
    "mandate": {"facts": {"principal_name": "云启精密制造有限公司", "agent_name": "李代办"}},
}


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_every_kind_is_issued_and_sealed(cast: Cast, kind: str) -> None:
    paper = sealed(cast, kind, **GIVEN.get(kind, {}))
    text = text_of(paper).replace("\n", "")
    assert kinds()[kind].title in text
    assert "{" not in text
    assert "[" not in text
    assert "依据" in text


def test_a_missing_fact_is_named_and_costs_no_number(cast: Cast) -> None:
    with pytest.raises(Refused) as refusal:
        issued(cast, "joint_acceptance_opinion")
    assert refusal.value.code == "paper_incomplete"
    assert "结论" in refusal.value.message
    assert not NumberSeries.objects.exists()


def test_a_fault_of_the_program_is_not_a_refusal(cast: Cast) -> None:
    with pytest.raises(UnknownKind):
        issued(cast, "love_letter")
    with pytest.raises(DraftMalformed):
        issued(cast, body={"poem": "春眠不觉晓"})
    with pytest.raises(DraftMalformed):
        issued(cast, facts={**FACTS, "nonsense": "x"})


# -- who may cause a paper ----------------------------------------------------------------------------------------


def issue_as(cast: Cast, actor: Actor, kind: str = "acceptance_notice") -> Paper:
    return issue_paper(
        kind,
        project_id=None,
        district_id=cast.district.pk,
        addressee=cast.yunqi.name,
        facts=FACTS,
        signer_department_code="NRP",
        organisation_id=cast.yunqi.pk,
        actor=actor,
    )


def test_every_kind_names_acts_of_the_permission_table() -> None:
    for kind in kinds().values():
        assert kind.acts, kind.code
        for act in kind.acts:
            assert row_of(act).cells or any(name == act for name, _cause in system_acts()), (kind.code, act)


@pytest.mark.parametrize("who", ["window", "planning2", "lead", "owner", "sysadmin"])
def test_nobody_issues_a_paper_without_an_act(cast: Cast, who: str) -> None:
    with transaction.atomic(), pytest.raises(Forbidden):
        issue_as(cast, cast.actor(who))
    assert not Paper.objects.exists()
    assert not NumberSeries.objects.exists()


@pytest.mark.parametrize("actor", [Actor.public(), Actor.system(cause="PaperIssued")])
def test_neither_visitor_nor_system_issues_a_paper_without_an_act(cast: Cast, actor: Actor) -> None:
    with transaction.atomic(), pytest.raises(Forbidden):
        issue_as(cast, actor)


def test_an_allowed_act_brings_its_own_paper_and_no_other(cast: Cast) -> None:
    with transaction.atomic():
        require(cast.window, "project.accept_at_window")
        assert issue_as(cast, cast.window).kind == "acceptance_notice"
        with pytest.raises(Forbidden):
            issue_as(cast, cast.window, "licence_granted")
        with pytest.raises(Forbidden):
            issue_as(cast, cast.window2)


@pytest.mark.django_db(transaction=True)
def test_what_was_allowed_ends_with_its_transaction() -> None:
    cast = build_cast()
    with transaction.atomic():
        require(cast.window, "project.accept_at_window")
    with transaction.atomic(), pytest.raises(Forbidden):
        issue_as(cast, cast.window)
    with transaction.atomic():
        with transaction.atomic():
            require(cast.window, "project.accept_at_window")
            transaction.set_rollback(True)
        with pytest.raises(Forbidden):
            issue_as(cast, cast.window)
    require(cast.window, "project.accept_at_window")
    with pytest.raises(Forbidden):
        issue_as(cast, cast.window)


def test_a_visitor_is_allowed_no_act(cast: Cast) -> None:
    with pytest.raises(SignInRequired):
        require(Actor.public(), "project.accept_at_window")


def test_a_notice_prints_opinions_with_pictures_and_the_drawing_list(cast: Cast) -> None:
    sha256 = keep_picture(picture())
    digest = hashlib.sha256(b"drawing").hexdigest()
    paper = sealed(
        cast,
        "merged_notice",
        facts={**FACTS, "set_name": "施工图设计文件", "revision": "A", "round": "一"},
        body={
            "opinions": [
                {"department": "住房和城乡建设局", "text": "消防车道净宽不足。", "clause": "GB 55037-2022 第3.4.5条",
                 "sheet": "消施-01", "kind": "强制性条文", "demand": "净宽不小于4.0m", "picture": sha256},
                {"department": "自然资源和规划局", "text": "建筑退让红线距离未标注。"},
            ]
        },
        sheets=[{"number": "消施-01", "name": "消防布置图", "version": "A", "sha256": digest, "file": "消防布置图.dxf"}],
        department_codes=["HUC", "CAD"],
    )  # fmt: skip
    document = pymupdf.open(stream=paper_file(paper), filetype="pdf")
    text = "".join(page.get_text() for page in document).replace("\n", "")
    for part in (
        "消防车道净宽不足。",
        "GB 55037-2022 第3.4.5条",
        "消施-01",
        "建筑退让红线距离未标注。",
        digest[:32],
        digest[32:],
    ):
        assert part in text, part
    assert sum(len(page.get_images()) for page in document) == 1
    assert paper.department_codes == ["CAD", "HUC", "NRP"]


def test_a_picture_that_is_none_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused) as refusal:
        keep_picture(b"<svg onload=alert(1)>")
    assert refusal.value.code == "picture_unusable"


def test_a_preview_has_the_wording_but_neither_number_nor_seal(cast: Cast) -> None:
    pdf = preview_paper(
        "acceptance_notice",
        district_id=cast.district.pk,
        addressee=cast.yunqi.name,
        signer_department_code="NRP",
        draft=Draft(facts=FACTS),
    )
    text = "".join(page.get_text() for page in pymupdf.open(stream=pdf, filetype="pdf"))
    assert "样稿" in text
    assert "受理通知书" in text
    assert "〔" not in text
    assert not judge(pdf, trust()).valid
    assert not Paper.objects.exists()


def test_a_paper_without_its_seal_cannot_be_revoked(cast: Cast) -> None:
    with pytest.raises(StateConflict):
        ask_to_revoke(issued(cast).pk, actor=cast.planning2, reason="申请材料不实，依法撤销。")


def test_issue_without_a_project_is_possible(cast: Cast) -> None:
    paper = sealed(cast, "mandate", project_id=None, **GIVEN["mandate"])
    assert paper.project_id is not None
    require(cast.owner, "mandate.grant")
    free = issue_paper(
        "mandate",
        project_id=None,
        district_id=cast.district.pk,
        addressee="李代办",
        facts=GIVEN["mandate"]["facts"],
        signer_department_code="ADB",
        actor=cast.owner,
        organisation_id=cast.yunqi.pk,
    )
    assert free.project_id is None
