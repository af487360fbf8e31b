"""The public verification page, the download, the API and the command, as their users meet them."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from certificates.models import Paper
from certificates.queries import paper_file
from tests.cast import Cast, build_cast
from tests.certificates_world import issued, sealed
from tests.standing import own_copy


@pytest.fixture(scope="module")
def sealed_paper(standing: Path) -> Paper:
    return sealed(build_cast())


@pytest.fixture(autouse=True)
def directories(standing: Path, settings: Any, tmp_path: Path) -> None:
    for name, folder in own_copy(standing, tmp_path).items():
        setattr(settings, name, folder)
    cache.clear()


@pytest.fixture
def paper(db: None, sealed_paper: Paper) -> Paper:
    return deepcopy(sealed_paper)


def upload(data: bytes, name: str = "受理通知书.pdf") -> dict[str, Any]:
    return {"file": SimpleUploadedFile(name, data, "application/pdf"), "idempotency_key": str(uuid4())}


def with_one_byte_changed(data: bytes) -> bytes:
    changed = bytearray(data)
    changed[len(changed) // 3] ^= 1
    return bytes(changed)


# -- the public page ----------------------------------------------------------------------------------------------


def test_anybody_reads_the_register_by_code(paper: Paper) -> None:
    answer = Client().get(f"/verify/{paper.verify_code}/")
    assert answer.status_code == 200
    page = answer.content.decode()
    for part in ("受理通知书", paper.number, "云川新区自然资源和规划局", paper.sha256, "有效"):
        assert part in page, part


def test_the_public_page_tells_nothing_else(paper: Paper) -> None:
    """Neither the addressee nor the project, nor who issued it."""
    page = Client().get(f"/verify/{paper.verify_code}/").content.decode()
    for part in (paper.addressee, "云启", "2026-131099-35-03-100234", "赵窗口", str(paper.project_id), str(paper.pk)):
        assert part not in page, part


@pytest.mark.parametrize("typed", ["{code}", "{lower}", "{bare}", " {bare} "])
def test_a_code_is_found_however_it_is_typed(paper: Paper, typed: str) -> None:
    code = paper.verify_code
    text = typed.format(code=code, lower=code.lower(), bare=code.replace("-", ""))
    answer = Client().get("/verify/", {"code": text})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/verify/{code}/")


def test_a_code_that_cannot_be_one_is_explained(db: None) -> None:
    answer = Client().get("/verify/", {"code": "12"})
    assert answer.status_code == 200
    assert "核验码是 12 位字母和数字" in answer.content.decode()


def test_an_unknown_code_is_not_found(db: None) -> None:
    assert Client().get("/verify/ABCD-EFGH-JKMN/").status_code == 404


def test_a_paper_being_sealed_says_so(cast: Cast) -> None:
    page = Client().get(f"/verify/{issued(cast).verify_code}/").content.decode()
    assert "正在加盖电子印章" in page


def test_the_original_file_passes_and_one_changed_byte_does_not(paper: Paper) -> None:
    data = paper_file(paper)
    good = Client().post(f"/verify/{paper.verify_code}/", upload(data))
    assert good.status_code == 200
    assert "文件有效" in good.content.decode()
    bad = Client().post(f"/verify/{paper.verify_code}/", upload(with_one_byte_changed(data)))
    assert bad.status_code == 200
    assert "文件不予认可" in bad.content.decode()
    assert "文件有效" not in bad.content.decode()


def test_another_paper_is_not_this_one(cast: Cast, paper: Paper) -> None:
    other = sealed(cast, "receipt")
    page = Client().post(f"/verify/{paper.verify_code}/", upload(paper_file(other))).content.decode()
    assert "文件不予认可" in page
    assert other.number in page


def test_the_general_page_takes_any_paper(paper: Paper) -> None:
    page = Client().post("/verify/", upload(paper_file(paper))).content.decode()
    assert "文件有效" in page
    assert paper.number in page


@pytest.mark.parametrize("data", [b"MZ\x90\x00", b"%PDF-1.7\n", b"\x00" * 1000, b"<script>alert(1)</script>"])
def test_hostile_files_get_a_plain_answer(paper: Paper, data: bytes) -> None:
    answer = Client().post("/verify/", upload(data, "<img src=x>.pdf"))
    assert answer.status_code == 200
    assert "文件不予认可" in answer.content.decode()
    assert "<img src=x>" not in answer.content.decode()
    assert "<script>alert" not in answer.content.decode()


def test_a_form_without_a_file_is_refused_in_words(db: None) -> None:
    answer = Client().post("/verify/", {"idempotency_key": str(uuid4())})
    assert answer.status_code == 422
    assert "请选择要核验的 PDF 文件" in answer.content.decode()


def test_checks_are_bounded_per_address(db: None) -> None:
    client = Client()
    codes = [client.post("/verify/", {"idempotency_key": str(uuid4())}).status_code for _ in range(21)]
    assert codes[:20] == [422] * 20
    assert codes[20] == 429


def test_htmx_gets_the_result_alone(paper: Paper) -> None:
    answer = Client().post("/verify/", upload(paper_file(paper)), headers={"HX-Request": "true"})
    assert answer.content.decode().lstrip().startswith('<section id="result"')


def test_the_page_is_english_on_request(paper: Paper) -> None:
    client = Client(headers={"accept-language": "en"})
    page = client.get(f"/verify/{paper.verify_code}/").content.decode()
    assert "Notice of acceptance (受理通知书)" in page


# -- the download -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "status"),
    [("owner", 200), ("window", 200), ("planning", 200), ("rival", 404), ("fire", 404), ("sysadmin", 404)],
)
def test_a_paper_is_fetched_by_those_whom_the_table_names(cast: Cast, paper: Paper, who: str, status: int) -> None:
    answer = cast.client(who).get(f"/documents/{paper.pk}.pdf")
    assert answer.status_code == status
    assert answer.content.startswith(b"%PDF") is (status == 200)


def test_a_visitor_is_sent_to_sign_in(cast: Cast, paper: Paper) -> None:
    answer = Client().get(f"/documents/{paper.pk}.pdf")
    assert answer.status_code in {302, 401}
    assert b"%PDF" not in answer.content


def test_the_download_is_the_sealed_file_byte_for_byte(cast: Cast, paper: Paper) -> None:
    answer = cast.client("owner").get(f"/documents/{paper.pk}.pdf?download")
    assert answer.content == paper_file(paper)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "%E5%8F%97%E7%90%86" in answer.headers["Content-Disposition"]
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_paper_without_its_seal_is_not_handed_out(cast: Cast) -> None:
    assert cast.client("owner").get(f"/documents/{issued(cast).pk}.pdf").status_code == 409


def test_the_agent_fetches_under_the_mandate_in_the_address(cast: Cast, paper: Paper) -> None:
    client = cast.client("agent")
    assert client.get(f"/documents/{paper.pk}.pdf").status_code in {403, 404}
    assert client.get(f"/as/{cast.mandate('agent', 'yunqi')}/documents/{paper.pk}.pdf").status_code == 200
    assert client.get(f"/as/{cast.mandate('agent', 'chuanhe')}/documents/{paper.pk}.pdf").status_code == 404


# -- the API ------------------------------------------------------------------------------------------------------


def test_the_api_lists_what_the_caller_may_fetch(cast: Cast, paper: Paper) -> None:
    own = cast.client("owner").get("/api/v1/papers", {"project": str(paper.project_id)}).json()
    assert [line["number"] for line in own] == [paper.number]
    assert own[0]["href"] == f"/documents/{paper.pk}.pdf"
    assert cast.client("rival").get("/api/v1/papers").json() == []


def test_the_api_gives_the_public_facts(paper: Paper) -> None:
    facts = Client().get(f"/api/v1/verify/{paper.verify_code}").json()
    assert set(facts) == {"title", "number", "issuer", "day", "state", "verify_code", "sha256"}
    assert facts["sha256"] == paper.sha256


def test_the_api_judges_a_file(cast: Cast, paper: Paper) -> None:
    data = paper_file(paper)
    form = {"file": SimpleUploadedFile("p.pdf", data, "application/pdf")}
    answer = cast.client("owner").post("/api/v1/verify", form, headers={"Idempotency-Key": str(uuid4())})
    assert answer.status_code == 200
    assert answer.json()["valid"] is True
    assert answer.json()["paper"]["number"] == paper.number


def test_revoking_by_api_waits_for_a_second_person(cast: Cast, paper: Paper) -> None:
    body = json.dumps({"reason": "申请材料不实，依法撤销。"})
    client = cast.client("planning2")
    answer = client.post(
        f"/api/v1/papers/{paper.pk}/revoke", body, "application/json", headers={"Idempotency-Key": str(uuid4())}
    )
    assert answer.status_code == 202, answer.content
    assert answer.json()["state"] == "waiting"
    paper.refresh_from_db()
    assert paper.state == "issued"


# -- the command --------------------------------------------------------------------------------------------------


def run(path: Path, *options: str) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("verify_document", str(path), *options, stdout=out)
    except SystemExit as stop:
        return int(stop.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_the_command_accepts_the_sealed_file_and_refuses_one_changed_byte(paper: Paper, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.pdf", tmp_path / "bad.pdf"
    good.write_bytes(paper_file(paper))
    bad.write_bytes(with_one_byte_changed(paper_file(paper)))
    code, text = run(good, "--json")
    answer = json.loads(text)
    assert code == 0
    assert (answer["valid"], answer["coverage"], answer["signer"]) == (True, "entire_file", "云川新区自然资源和规划局")
    assert answer["registered"]["number"] == paper.number
    assert "\\u" not in text
    code, text = run(bad, "--json")
    answer = json.loads(text)
    assert code == 2
    assert answer["valid"] is False
    assert answer["verdict"] == "refused"
    assert answer["code"] == "changed"
    assert answer["reasons"] == ["盖章之后文件内容被改动过。"]


@pytest.mark.parametrize(
    ("data", "code"), [(b"", "not_pdf"), (b"hello", "not_pdf"), (b"%PDF-1.7 nothing", "damaged"), (None, "no_file")]
)
def test_the_command_never_shows_a_traceback(db: None, tmp_path: Path, data: bytes | None, code: str) -> None:
    path = tmp_path / "x.pdf"
    if data is not None:
        path.write_bytes(data)
    exit_code, text = run(path, "--json")
    assert exit_code == 2
    assert json.loads(text)["code"] == code
    assert "Traceback" not in text


def test_the_command_has_a_table_for_people(paper: Paper, tmp_path: Path) -> None:
    path = tmp_path / "good.pdf"
    path.write_bytes(paper_file(paper))
    code, text = run(path)
    assert code == 0
    assert "结论\t有效" in text


@pytest.mark.parametrize("options", [["--json"], []])
def test_the_command_answers_at_once_without_a_database(tmp_path: Path, options: list[str]) -> None:
    """A process of its own, as an operator would run it where only the file is; the pool would knock for 10 s."""
    path = tmp_path / "x.pdf"
    path.write_bytes(b"%PDF-1.7 nothing")
    words = [sys.executable, "manage.py", "verify_document", str(path), *options]
    environment = {**os.environ, "LIANSHEN_MODE": "demo", "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    done = subprocess.run(
        words, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2, done.stderr
    assert "没有核对登记" in done.stderr
    assert "Traceback" not in done.stderr
    assert "pool" not in done.stderr, "the pool was asked, which waits 10 s"
    if options:
        answer = json.loads(done.stdout)
        assert (answer["code"], answer["registered"], answer["register_asked"]) == ("damaged", None, False)
    else:
        assert "未核对" in done.stdout
