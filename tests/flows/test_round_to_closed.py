"""The whole way of one drawing set over HTTP, with real drawings: upload, marks, opinions, notice, revision, certificate.

Two departments mark the same sheet; the applicant answers with revision B; what is accepted closes, what is kept goes
round again; the last signature seals the certificate. Then the joint acceptance, to the sealed opinion.
"""

from __future__ import annotations

import hashlib
import io
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import ezdxf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.utils import timezone

from certificates.judging import judge_bytes
from certificates.models import Paper
from certificates.queries import paper_file, trust
from drawings.actions import prepare_file
from drawings.models import Sheet, SourceFile
from drawings.queries.log import first_bad_seq
from joint_review.acceptance.models import AcceptanceRound
from joint_review.models import Anchor, Opinion, Round
from ledger.models import Outbox
from ledger.outbox import dispatch_all
from notices.models import Letter
from projects.actions import load_domain
from projects.models import ItemCase, Project
from tests.actions.joint_review.test_acceptance_acts import after_visit
from tests.actions.joint_review.world import FIRE_LANE, FIRST, SECOND, START, project_in_review, reached
from tests.actions.projects.filing import accepted
from tests.cast import Cast

pytestmark = pytest.mark.django_db

LANE = (12_000.0, 2_000.0)
STAIR = (2_000.0, 8_000.0)


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path) -> Iterator[None]:
    """Files and keys of this test."""
    with override_settings(BLOB_DIR=tmp_path / "blobs", KEY_DIR=tmp_path / "keys"):
        yield


@pytest.fixture
def city(cast: Cast) -> Cast:
    """The cast, with templates and calendar."""
    load_domain()
    return cast


def drawing(*, lane: float, note: str) -> bytes:
    """A small site plan as DXF: red line, building with a stair, a fire lane of this width, Chinese texts. Millimetres."""
    document = ezdxf.new("R2018", setup=True)
    document.header["$INSUNITS"] = 4
    for name in ("A-WALL", "A-STAIR", "F-LANE", "A-TEXT"):
        document.layers.add(name)
    model = document.modelspace()
    model.add_lwpolyline(
        [(0, 0), (30_000, 0), (30_000, 20_000), (0, 20_000)], close=True, dxfattribs={"layer": "A-WALL"}
    )
    x, y = LANE
    model.add_lwpolyline(
        [(x, y), (x + 15_000, y), (x + 15_000, y + lane), (x, y + lane)], close=True, dxfattribs={"layer": "F-LANE"}
    )
    x, y = STAIR
    for step in range(12):
        model.add_line((x, y + 280 * step), (x + 2_400, y + 280 * step), dxfattribs={"layer": "A-STAIR"})
    model.add_circle((x + 1_200, y + 1_600), 300, dxfattribs={"layer": "A-STAIR"})
    style = {"layer": "A-TEXT", "height": 500}
    model.add_text("消防车道", dxfattribs=style).set_placement((LANE[0] + 5_000, LANE[1] + 1_000))
    model.add_text(note, dxfattribs=style).set_placement((1_000, 18_500))
    out = io.StringIO()
    document.write(out)
    return out.getvalue().encode()


def plan(title: str) -> bytes:
    """A second sheet that never changes."""
    document = ezdxf.new("R2018", setup=True)
    model = document.modelspace()
    model.add_lwpolyline([(0, 0), (9_000, 0), (9_000, 6_000), (0, 6_000)], close=True)
    model.add_text(title, dxfattribs={"height": 300}).set_placement((500, 500))
    out = io.StringIO()
    document.write(out)
    return out.getvalue().encode()


FLOOR = plan("首层平面图")


class Caller:
    """One person at the API, every unsafe call with its own key."""

    def __init__(self, client: Client, prefix: str = "") -> None:
        self.client, self.prefix = client, prefix

    def get(self, path: str) -> Any:
        """What the API answers."""
        answer = self.client.get(f"{self.prefix}/api/v1{path}", headers={"Accept": "application/json"})
        assert answer.status_code == 200, (path, answer.status_code, answer.content[:400])
        return answer.json()

    def post(self, path: str, body: Any = None, *, status: int = 200) -> Any:
        """The answer, with the status expected."""
        answer = self.client.post(
            f"{self.prefix}/api/v1{path}",
            data=body if body is not None else {},
            content_type="application/json",
            headers={"Idempotency-Key": str(uuid.uuid4()), "Accept": "application/json"},
        )
        assert answer.status_code == status, (path, answer.status_code, answer.content.decode()[:600])
        return answer.json() if answer.content else None

    def upload(self, set_id: str, files: dict[str, bytes]) -> str:
        """A revision, prepared as the worker does it; its id."""
        answer = self.client.post(
            f"{self.prefix}/api/v1/sets/{set_id}/revisions",
            data={
                "file": [SimpleUploadedFile(name, data) for name, data in files.items()],
                "sha256": [hashlib.sha256(data).hexdigest() for data in files.values()],
            },
            headers={"Idempotency-Key": str(uuid.uuid4()), "Accept": "application/json"},
        )
        assert answer.status_code == 201, answer.content.decode()[:600]
        revision = answer.json()["id"]
        for file_id in SourceFile.objects.filter(revision_id=revision).values_list("pk", flat=True):
            assert prepare_file(file_id) == "ready"
        assert self.get(f"/revisions/{revision}")["state"] == "clean"
        return str(revision)


def cloud(caller: Caller, sheet: Sheet, corner: tuple[float, float], size: tuple[float, float]) -> str:
    """Draw a cloud; the server's acknowledgement is awaited."""
    (x, y), (w, h) = corner, size
    ring = [[x, y], [x + w, y], [x + w, y + h], [x, y + h], [x, y]]
    obj = str(uuid.uuid4())
    op = {
        "cid": uuid.uuid4().hex,
        "k": "create",
        "obj": obj,
        "base": None,
        "p": {"tool": "cloud", "geom": {"type": "Polygon", "coordinates": [ring]}},
    }
    (result,) = caller.post(f"/sheets/{sheet.pk}/ops", {"ops": [op]})["results"]
    assert result["t"] == "ack", result
    return obj


def deliver() -> None:
    """What the worker does with the outbox; nothing may be left over."""
    dispatch_all()
    left = Outbox.objects.exclude(state=Outbox.State.DONE)
    assert [(row.handler, row.last_error) for row in left] == []


def genuine(paper: Paper) -> None:
    """The sealed file is accepted, and refused with one byte changed."""
    paper.refresh_from_db()
    data = paper_file(paper)
    assert judge_bytes(data, trust()).valid
    middle = len(data) // 2
    changed = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
    assert not judge_bytes(changed, trust()).valid


def task_id(round_: dict[str, Any], department: str) -> str:
    """The department's task."""
    found: str = next(task["id"] for task in round_["tasks"] if task["department"]["code"] == department)
    return found


def sign(city: Cast, round_id: str, department: str, conclusion: str) -> None:
    """Claim by the first, sign by the second person."""
    first, second = Caller(city.client(FIRST[department])), Caller(city.client(SECOND[department]))
    task = task_id(first.get(f"/rounds/{round_id}"), department)
    if not next(entry for entry in first.get(f"/rounds/{round_id}")["tasks"] if entry["id"] == task)["people"]:
        first.post(f"/tasks/{task}/claim")
    second.post(f"/tasks/{task}/sign", {"conclusion": conclusion})


def test_from_upload_to_the_sealed_certificate(city: Cast) -> None:
    project = project_in_review(city)
    owner, lead = Caller(city.client("owner")), Caller(city.client("lead"))
    fire, planning = Caller(city.client("fire")), Caller(city.client("planning"))

    # Upload and open.
    made = owner.post(f"/projects/{project.pk}/sets", {"name": "施工图", "item_code": "HU-DRW"}, status=201)
    files_a = {"总图.dxf": drawing(lane=3_200, note="A 版"), "首层.dxf": FLOOR}
    revision_a = owner.upload(made["id"], files_a)
    round_1 = lead.post("/rounds", {"revision_id": revision_a}, status=201)
    assert {task["department"]["code"] for task in round_1["tasks"]} == {"NRP", "HUC", "CAD", "ADB"}
    site = Sheet.objects.get(revision_id=revision_a, file__name="总图.dxf")

    # Two departments mark the same sheet and raise opinions from their marks.
    lane_mark = cloud(fire, site, (LANE[0] - 300, LANE[1] - 300), (15_600, 3_800))
    stair_mark = cloud(planning, site, (STAIR[0] - 200, STAIR[1] - 200), (2_800, 3_600))
    seen = {entry["obj"]: entry for entry in planning.get(f"/sheets/{site.pk}/snapshot")["objects"]}
    assert {lane_mark, stair_mark} <= set(seen)
    fire_opinion = fire.post(
        f"/rounds/{round_1['id']}/opinions",
        {
            "task_id": task_id(round_1, "HUC"),
            "sheet_id": str(site.pk),
            "marks": [lane_mark],
            "cls": "MANDATORY",
            "clause_code": FIRE_LANE,
            "text": "消防车道净宽 3.2 m，不足 4 m。",
            "demand": "消防车道净宽 ≥ 4 m",
        },
        status=201,
    )
    planning_opinion = planning.post(
        f"/rounds/{round_1['id']}/opinions",
        {
            "task_id": task_id(round_1, "NRP"),
            "sheet_id": str(site.pk),
            "marks": [stair_mark],
            "cls": "PLANNING",
            "text": "室外楼梯位置与规划许可不一致。",
        },
        status=201,
    )
    cited = planning.get(f"/sheets/{site.pk}/snapshot")["objects"]
    assert all(entry["cited"] for entry in cited)
    deliver()
    assert all(anchor.picture for anchor in Anchor.objects.all()), "pictures are cut behind the act"

    # Nothing reaches the applicant before the notice.
    assert owner.client.get(f"/api/v1/rounds/{round_1['id']}/opinions").status_code == 404
    for department in ("HUC", "NRP"):
        sign(city, round_1["id"], department, "revise")
    for department in ("CAD", "ADB"):
        sign(city, round_1["id"], department, "agree")
    notice_1 = lead.post(f"/rounds/{round_1['id']}/notice", status=201)
    deliver()
    genuine(Paper.objects.get(pk=notice_1["paper_id"]))
    document = owner.client.get(f"/documents/{notice_1['paper_id']}.pdf")
    assert (document.status_code, document.content[:4]) == (200, b"%PDF")
    assert Letter.objects.filter(person_id=city.owner.person_id, kind="notice_issued").count() == 1
    item = ItemCase.objects.get(project=project, code="HU-DRW")
    assert item.is_paused

    # The agent answers under the mandate; revision B widens the lane and leaves the stair.
    agent = Caller(city.client("agent"), prefix=f"/as/{city.mandate()}")
    agent.post(f"/opinions/{fire_opinion['id']}/answer", {"kind": "revise", "text": "加宽至 4.2 m"}, status=204)
    agent.post(f"/opinions/{planning_opinion['id']}/answer", {"kind": "object", "text": "与许可附图一致"}, status=204)
    files_b = {"总图.dxf": drawing(lane=4_200, note="B 版"), "首层.dxf": FLOOR}
    revision_b = agent.upload(made["id"], files_b)
    round_2_id = agent.post(f"/rounds/{round_1['id']}/answers", status=201)["next_round_id"]
    round_2 = fire.get(f"/rounds/{round_2_id}")
    changes = {sheet["name"]: sheet["change"] for sheet in round_2["sheets"]}
    assert sorted(changes.values()) == ["changed", "identical"]
    verdicts = {entry["no"]: entry["match"]["verdict"] for entry in fire.get(f"/rounds/{round_2_id}/opinions")}
    assert verdicts == {fire_opinion["no"]: "changed", planning_opinion["no"]: "unchanged"}
    assert not ItemCase.objects.get(pk=item.pk).is_paused
    assert Sheet.objects.get(pk=site.pk).state == "frozen"

    # Fire accepts, planning keeps: another notice, another answer, round three closes.
    assert fire.post(f"/opinions/{fire_opinion['id']}/recheck", {"result": "accept"})["state"] == "closed"
    kept = planning.post(f"/opinions/{planning_opinion['id']}/recheck", {"result": "keep", "text": "请补附图编号"})
    assert kept["state"] == "kept"
    for task in round_2["tasks"]:
        department = task["department"]["code"]
        sign(city, round_2_id, department, "revise" if department == "NRP" else "agree")
    notice_2 = lead.post(f"/rounds/{round_2_id}/notice", status=201)
    owner.post(f"/opinions/{planning_opinion['id']}/answer", {"kind": "explain", "text": "附图 3"}, status=204)
    round_3_id = owner.post(f"/rounds/{round_2_id}/answers", status=201)["next_round_id"]
    round_3 = planning.get(f"/rounds/{round_3_id}")
    assert [task["department"]["code"] for task in round_3["tasks"]] == ["NRP"]
    planning.post(f"/opinions/{planning_opinion['id']}/recheck", {"result": "accept"})
    sign(city, round_3_id, "NRP", "agree")
    assert planning.get(f"/rounds/{round_3_id}")["state"] == "closed"
    deliver()

    # The certificate names the sheets of revision B with their hashes; the item is decided; the logs are whole.
    closed = Round.objects.get(pk=round_3_id)
    certificate = Paper.objects.get(pk=closed.paper_id)
    genuine(certificate)
    genuine(Paper.objects.get(pk=notice_2["paper_id"]))
    listed = {(entry["version"], entry["sha256"]) for entry in certificate.content["drawings"]}
    assert listed == {("B", hashlib.sha256(data).hexdigest()) for data in files_b.values()}
    assert str(closed.revision_id) == revision_b
    assert ItemCase.objects.get(pk=item.pk).state == 11
    assert Opinion.objects.exclude(state="closed").count() == 0
    for sheet in Sheet.objects.all():
        assert first_bad_seq(sheet.pk) is None
        assert sheet.state == ("signed" if str(sheet.revision_id) == revision_b else "frozen")


def test_from_the_application_to_the_sealed_acceptance_opinion(city: Cast) -> None:
    project: Project = reached(accepted(city, at=START), "AC-APP", stages=("S0", "S1", "S2", "S3"))
    owner, lead, fire = city.client("owner"), city.client("lead"), city.client("fire")

    def send(client: Client, path: str, **fields: str) -> None:
        answer = client.post(path, {"idempotency_key": str(uuid.uuid4()), **fields})
        assert answer.status_code == 302, (path, answer.status_code, answer.content.decode()[:600])

    send(owner, f"/projects/{project.pk}/acceptance/apply/", statement="联系人：王工")
    round_ = AcceptanceRound.objects.get()
    tomorrow = timezone.localtime() + timedelta(days=1)
    send(lead, f"/acceptances/{round_.pk}/schedule/", visit_at=tomorrow.strftime("%Y-%m-%dT%H:%M"))
    round_.refresh_from_db()
    with after_visit(round_):
        send(lead, f"/acceptances/{round_.pk}/visited/")
        tasks = {task.department.code: task for task in round_.tasks.select_related("department")}
        check = tasks["HUC"].checks.get(code="AC-FIR")
        send(fire, f"/acceptance-checks/{check.pk}/defects/", severity="FIX", place="3 层", text="防火门缺闭门器")
        defect = check.defects.get()
        for code, task in tasks.items():
            inspector = city.client(FIRST.get(code, "bureau"))
            for one in task.checks.all():
                send(inspector, f"/acceptance-checks/{one.pk}/result/", result="FAIL" if one.pk == check.pk else "PASS")
            send(city.client(SECOND.get(code, "bureau2")), f"/acceptance-tasks/{task.pk}/sign/")
        send(lead, f"/acceptances/{round_.pk}/rectification/")
        deliver()
        genuine(Paper.objects.get(kind="rectification_notice"))
        send(owner, f"/defects/{defect.pk}/answer/", text="闭门器已安装")
        send(owner, f"/acceptances/{round_.pk}/submit/")
        assert set(round_.tasks.filter(state="open").values_list("department__code", flat=True)) == {"HUC"}
        send(fire, f"/defects/{defect.pk}/recheck/", passed="yes")
        send(fire, f"/acceptance-checks/{check.pk}/result/", result="PASS")
        send(city.client("fire2"), f"/acceptance-tasks/{tasks['HUC'].pk}/sign/")
        deliver()
    round_.refresh_from_db()
    assert (round_.state, round_.outcome) == ("passed", "PASS")
    genuine(Paper.objects.get(pk=round_.paper_id))
    decided = ItemCase.objects.filter(project=project, decided_by="ACCEPTANCE").exclude(need="not_needed")
    assert set(decided.values_list("state", flat=True)) == {11}
