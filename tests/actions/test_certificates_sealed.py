"""A sealed paper: its seal and keys, who reads it, how it is taken back, what the register says of its file."""

from __future__ import annotations

import stat
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from accounts.access import can
from accounts.actions import confirm_second_key
from accounts.models import Department, Person, Post
from accounts.sessions import actor_of_post
from certificates import store
from certificates.actions import ask_to_revoke, revoke_paper, seal_paper
from certificates.models import Paper, SealKey
from certificates.queries import check_file, paper_file, papers_of
from ledger.actor import Actor
from ledger.errors import Forbidden, Refused, SecondKeyRequired, StateConflict
from ledger.models import AuditEvent, Outbox
from tests.cast import Cast, build_cast
from tests.certificates_world import kept_files, sealed
from tests.standing import own_copy


@pytest.fixture(scope="module", autouse=True)
def sealed_paper(standing: Path) -> Paper:
    return sealed(build_cast())


@pytest.fixture(autouse=True)
def files(standing: Path, settings: Any, tmp_path: Path) -> None:
    for name, folder in own_copy(standing, tmp_path).items():
        setattr(settings, name, folder)


@pytest.fixture
def paper(db: None, sealed_paper: Paper) -> Paper:
    return deepcopy(sealed_paper)


# -- the seal -----------------------------------------------------------------------------------------------------


def test_sealing_twice_changes_nothing(paper: Paper) -> None:
    again = seal_paper(paper.pk, actor=Actor.system(cause="PaperIssued"))
    assert (again.sha256, again.sealed_at) == (paper.sha256, paper.sealed_at)
    assert AuditEvent.objects.filter(name="PaperSealed").count() == 1
    assert len(kept_files()) == 1


def test_keys_are_files_that_nobody_else_reads(settings: Any) -> None:
    files = sorted(Path(settings.KEY_DIR).iterdir())
    assert [file.name for file in files] == ["root.pem", "seal-131099-NRP.pem"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(Path(settings.KEY_DIR).stat().st_mode) == 0o700


def test_one_department_keeps_one_seal(cast: Cast, paper: Paper) -> None:
    assert sealed(cast, "receipt").seal_key == paper.seal_key
    assert SealKey.objects.count() == 1
    assert AuditEvent.objects.filter(name="SealKeyMade").count() == 1


# -- who reads ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("owner", True),
        ("rival", False),
        ("window", True),
        ("planning", True),
        ("fire", False),
        ("lead", False),
        ("supervisor", False),
        ("sysadmin", False),
        ("auditor", False),
        ("designer", False),
    ],
)
def test_who_may_fetch_a_paper(cast: Cast, paper: Paper, who: str, may: bool) -> None:
    assert can(cast.actor(who), "document.download_issued", paper) is may
    assert bool(papers_of(paper.project_id, cast.actor(who))) is may


def test_an_agent_fetches_under_the_right_mandate_only(cast: Cast, paper: Paper) -> None:
    assert can(cast.acting("agent", "yunqi"), "document.download_issued", paper)
    assert not can(cast.acting("agent", "chuanhe"), "document.download_issued", paper)
    assert not can(cast.actor("agent"), "document.download_issued", paper)


def test_a_department_that_took_part_reads_the_paper(cast: Cast) -> None:
    paper = sealed(cast, department_codes=["HUC"])
    assert can(cast.fire, "document.download_issued", paper)
    assert can(cast.lead, "document.download_issued", paper)
    assert not can(cast.airdefence, "document.download_issued", paper)


# -- taking back --------------------------------------------------------------------------------------------------


def test_revoking_needs_two_people_and_a_reason(cast: Cast, paper: Paper) -> None:
    with pytest.raises(SecondKeyRequired):
        revoke_paper(paper.pk, actor=cast.planning2, reason="申请材料不实，依法撤销。")
    with pytest.raises(Refused):
        ask_to_revoke(paper.pk, actor=cast.planning2, reason="错")
    key = ask_to_revoke(paper.pk, actor=cast.planning2, reason="申请材料不实，依法撤销。")
    with pytest.raises(Forbidden):
        confirm_second_key(key.pk, actor=cast.planning2)
    colleague = Person.objects.create_user("planning3", name="另一位")
    post = Post.objects.create(
        person=colleague,
        title="批准办结岗",
        roles=["pos_approve"],
        district=cast.district,
        department=Department.objects.get(code="NRP"),
    )
    confirm_second_key(key.pk, actor=actor_of_post(post, stepped_up=True))
    paper.refresh_from_db()
    assert (paper.state, paper.revoked_reason) == ("revoked", "申请材料不实，依法撤销。")
    with pytest.raises(StateConflict):
        paper_file(paper)
    checked = check_file(store.fetch("papers", paper.sha256), actor=Actor.public())
    assert not checked.verdict.valid
    assert [reason.code for reason in checked.verdict.reasons] == ["revoked"]


# -- the register -------------------------------------------------------------------------------------------------


def test_a_good_seal_on_a_file_nobody_registered_is_refused(paper: Paper) -> None:
    data = paper_file(paper)
    Outbox.objects.all().delete()
    paper.delete()
    checked = check_file(data, actor=Actor.public())
    assert [reason.code for reason in checked.verdict.reasons] == ["not_registered"]
    assert not checked.verdict.valid


def test_a_genuine_paper_is_not_another_one(cast: Cast, paper: Paper) -> None:
    other = sealed(cast)
    checked = check_file(paper_file(paper), actor=Actor.public(), expected_code=other.verify_code)
    assert [reason.code for reason in checked.verdict.reasons] == ["another_paper"]
    assert check_file(paper_file(paper), actor=Actor.public(), expected_code=paper.verify_code).verdict.valid


def test_a_kept_file_that_rots_is_noticed(paper: Paper) -> None:
    place = store.place_of("papers", paper.sha256)
    place.write_bytes(place.read_bytes()[:-1])
    with pytest.raises(store.StoredFileDamaged):
        paper_file(paper)
