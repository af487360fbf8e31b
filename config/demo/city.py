"""The nine and more projects of the demo city (lifecycle.md), each in a state worth looking at."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from accounts.actions import make_cast
from config.demo import accepting, reviewing
from config.demo.calendar import working_days_ago as ago
from config.demo.deciding import work
from config.demo.filing import YUNQI, Blueprint, accept, draft, file, person
from config.demo.hands import hands
from config.demo.land import make_land
from drawings.actions.files import made_from
from joint_review.actions import answer_opinion, claim_task, hand_over_task, issue_notice, sign_task, submit_answers
from joint_review.actions.answers import recheck_opinion
from joint_review.actions.evaluations import Question, convene
from ledger.actor import Actor
from ledger.clock_now import freeze
from portal.demo.drawings import PARCEL, PROJECT, DemoDrawing, drawing_set, fire_layout_gbk, pdf_set, red_line_geojson
from projects.actions import confirm_reuse, load_domain, propose_reuse
from projects.actions.acceptance import SILENCE, accept_by_silence
from projects.queries.lists import any_project
from projects.queries.strips import item_by_code
from supervision.tasks import sweep_cards

EARLY = frozenset({"S0", "S1", "S2", "S3"})
FIRE_LANE = "GB55037-2022#3.4.5"


def build_city(say: Callable[[str], None]) -> None:
    """Make the demo city; a second call changes nothing."""
    make_cast()
    load_domain()
    if any_project():
        say("演示城市已存在。")
        return
    with tempfile.TemporaryDirectory(prefix="lianshen-demo-") as folder:
        sets = {letter: written(drawing_set(letter), Path(folder) / letter) for letter in "AB"}
        sets["every format"] = sets["A"] + written([fire_layout_gbk("A"), pdf_set("A")], Path(folder) / "more")
        tell(sets, say)
    sweep_cards()


def tell(sets: dict[str, list[Path]], say: Callable[[str], None]) -> None:
    """Every story; the drawings are prepared first, so that no two stories prepare the same one."""
    with hands() as begin:
        # The first drawings are prepared while the land is published, on which the stories are told.
        early = [begin(prepare_ahead, path) for path in sets["B"]]
        make_land()
        say(str(make_land.__doc__))
        plain = [
            (begin(story), story)
            for story in (
                rehearsing,
                waiting_at_the_window,
                accepted_with_tolerance,
                accepted_by_silence,
                running_short,
                overdue,
            )
        ]
        for ready in early + [begin(prepare_ahead, path) for path in sets["every format"]]:
            ready.result()
        drawn = [
            (begin(story, sets), story) for story in (in_acceptance, finished, reviewed_together, stopped_for_an_answer)
        ]
        for future, story in [*plain, *drawn]:
            future.result()
            say(str(story.__doc__))


def written(drawings: list[DemoDrawing], folder: Path) -> list[Path]:
    """The drawings as files."""
    folder.mkdir()
    paths = []
    for drawing in drawings:
        path = folder / drawing.file_name
        path.write_bytes(drawing.data)
        paths.append(path)
    return paths


def prepare_ahead(path: Path) -> None:
    """Put the sandbox's result of a drawing into the store, where the act that hands it in finds it."""
    made_from(path, path.name, hashlib.sha256(path.read_bytes()).hexdigest())


def rehearsing() -> None:
    """新建项目，草稿中；区域评估一项已确认应用，一项待签承诺，一项待确认。"""
    plan = Blueprint(
        "川禾生物研发中心", "云川新区河滨路 6 号", "研发楼一栋，地上六层。", 11801, (116.2205, 39.0985), owner="rival"
    )
    project = draft(plan, ago(1))
    with freeze(ago(1, 15)):
        survey = propose_reuse(project, "LAND_SURVEY", actor=person("rival"))
        confirm_reuse(survey.pk, actor=person("planning"), remark="红线与测绘成果一致")
        propose_reuse(project, "SOIL_WATER", actor=person("rival"))
        propose_reuse(project, "MINERAL", actor=person("rival"))
    asked_early(project)


def asked_early(project: UUID) -> None:
    """申报之前征求三个部门的前期意见，一个已答复。"""
    question = Question(
        "拟在河滨路 6 号建设研发楼一栋，地上六层，请就选址和指标是否符合本部门规划提出意见。", ("选址说明书",)
    )
    with freeze(ago(1, 16)):
        round_ = convene(
            project, "early_opinion", actor=person("rival"), question=question, asked=["NRP", "EEB", "WRB"]
        )
        (task_id,) = [task.pk for task in round_.tasks.all() if task.department.code == "NRP"]
        claim_task(task_id, actor=person("planning"))
        hand_over_task(task_id, actor=person("planning"))
    with freeze(ago(1, 16, 30)):
        words = "符合控制性详细规划；建筑退让河滨路红线不少于 8 米。"
        sign_task(task_id, actor=person("planning2"), conclusion="agree_with_conditions", remark=words)


def waiting_at_the_window() -> None:
    """已提交，待窗口受理（由代办员代为申报）。"""
    agent = person("agent", YUNQI)
    plan = Blueprint(
        "云启精密二期厂房",
        "云川新区创新大道 20 号",
        "新建厂房一栋，建筑面积 9,600 平方米。",
        11802,
        # Across the water main at the park's northern edge: a conflict to be mended in design.
        (116.2338, 39.1091),
    )
    project = draft(plan, ago(3), actor=agent)
    file(project, ago(2, 11), actor=agent)


def accepted_with_tolerance() -> None:
    """容缺受理，办理中。"""
    plan = Blueprint(
        "川禾冷链仓储中心",
        "云川新区物流东路 3 号",
        "冷链仓库两栋。",
        11803,
        (116.2250, 39.1020),
        owner="rival",
        lacking=frozenset({"M-COMMIT"}),
    )
    project = draft(plan, ago(6))
    file(project, ago(5), actor=person("rival"))
    accept(project, ago(4), tolerate=True)
    work(project, applicant=person("rival"), first_day=3, last_day=2, stages=EARLY)


def accepted_by_silence() -> None:
    """窗口逾期未告知，自收到之日起视为受理。"""
    plan = Blueprint("川禾中试车间", "云川新区河滨路 8 号", "中试车间一栋。", 11804, (116.2275, 39.0985), owner="rival")
    project = draft(plan, ago(9))
    file(project, ago(8), actor=person("rival"))
    with freeze(ago(2, 0, 5)):
        accept_by_silence(project, actor=Actor.system(cause=SILENCE))


def running_short() -> None:
    """临近期限，黄牌预警。"""
    plan = Blueprint("云启职工食堂", "云川新区创新大道 18 号", "食堂一栋，两层。", 11805, (116.2196, 39.1085))
    project = draft(plan, ago(9))
    file(project, ago(8), actor=person("owner"))
    accept(project, ago(8, 15))
    leave = frozenset({"NR-SCH"})
    work(project, applicant=person("owner"), first_day=7, last_day=0, stages=frozenset({"S0", "S1", "S2"}), leave=leave)


def overdue() -> None:
    """已超期，红牌。"""
    plan = Blueprint(
        "川禾综合楼", "云川新区河滨路 10 号", "综合楼一栋，地上八层。", 11806, (116.2300, 39.1055), owner="rival"
    )
    project = draft(plan, ago(15))
    file(project, ago(14), actor=person("rival"))
    accept(project, ago(14, 15))
    leave = frozenset({"NR-LUP"})
    work(project, applicant=person("rival"), first_day=13, last_day=0, stages=frozenset({"S0", "S1"}), leave=leave)


def to_drawing_review(plan: Blueprint, *, begun: int) -> UUID:
    """A project whose drawing review is in hand, filed `begun` working days ago."""
    owner = person(plan.owner)
    project = draft(plan, ago(begun))
    file(project, ago(begun - 1), actor=owner)
    accept(project, ago(begun - 1, 15))
    work(project, applicant=owner, first_day=begun - 2, last_day=begun - 9, stages=EARLY)
    return project


def reviewed_together(sets: dict[str, list[Path]]) -> None:
    """联合审查进行中：三个部门五处批注，两条意见相互冲突。"""
    plan = Blueprint(
        PROJECT,
        f"云川新区智造园 {PARCEL} 地块",
        "综合办公楼一栋、生产厂房一栋，含防空地下室。",
        11807,
        (0, 0),
        boundary=red_line_geojson(),
    )
    project = to_drawing_review(plan, begun=14)
    designer = person("designer")
    set_id = reviewing.begin_set(project, sets["every format"], ago(3, 9), actor=designer)
    round_ = reviewing.open_round(set_id, ago(2, 9))
    reviewing.claim(round_, ago(2, 10))
    site = reviewing.sheet_numbered(round_.revision_id, "总平面")
    floor = reviewing.sheet_numbered(round_.revision_id, "一层")
    lane = reviewing.mark(
        site, "fire", ago(1, 9), tool="cloud", place=(0.262, 0.350, 0.392, 0.3735), text="消防车道净宽不足"
    )
    reviewing.mark(site, "fire", ago(1, 9, 20), tool="arrow", place=(0.415, 0.05, 0.415, 0.17), text="由此进入")
    green = reviewing.mark(
        site, "planning", ago(1, 10), tool="rect", place=(0.238, 0.314, 0.396, 0.3525), text="绿地不得占用"
    )
    reviewing.mark(floor, "planning", ago(1, 10, 30), tool="text", place=(0.30, 0.55, 0.45, 0.60), text="核对入口位置")
    reviewing.mark(floor, "airdefence", ago(1, 14), tool="cloud", place=(0.45, 0.40, 0.60, 0.55), text="人防出入口宽度")
    reviewing.say(
        round_,
        "HUC",
        ago(1, 15),
        sheet=site,
        marks=[lane],
        cls="MANDATORY",
        clause=FIRE_LANE,
        text="厂房与办公楼之间的消防车道净宽 3.5 m，不足 4.0 m，应加宽。",
        demand={"parameter": "消防车道净宽", "operator": ">=", "value": "4.0", "unit": "m"},
    )
    reviewing.say(
        round_,
        "NRP",
        ago(0, 9),
        sheet=site,
        marks=[green],
        cls="PLANNING",
        text="办公楼北侧绿地为规划条件要求保留，车道不得向南加宽。",
        demand={"parameter": "消防车道净宽", "operator": "<=", "value": "3.5", "unit": "m"},
    )


def first_notice(project: UUID, sets: dict[str, list[Path]], *, day: int) -> tuple[UUID, object, object]:
    """A round with one breach, signed and noticed, beginning `day` working days ago: set, round, opinion."""
    set_id = reviewing.begin_set(project, sets["A"], ago(day, 9), actor=person("designer"))
    round_ = reviewing.open_round(set_id, ago(day - 1, 9))
    reviewing.claim(round_, ago(day - 1, 10))
    site = reviewing.sheet_numbered(round_.revision_id, "总平面")
    lane = reviewing.mark(
        site, "fire", ago(day - 1, 14), tool="cloud", place=(0.262, 0.350, 0.392, 0.3735), text="车道净宽不足"
    )
    opinion = reviewing.say(
        round_,
        "HUC",
        ago(day - 1, 15),
        sheet=site,
        marks=[lane],
        cls="MANDATORY",
        clause=FIRE_LANE,
        text="厂房与办公楼之间的消防车道净宽 3.5 m，不足 4.0 m，应加宽。",
    )
    reviewing.sign_all(round_, ago(day - 2, 10), revise=["HUC"])
    with freeze(ago(day - 2, 15)):
        issue_notice(round_.pk, actor=person("lead"))
    return set_id, round_, opinion


def stopped_for_an_answer(sets: dict[str, list[Path]]) -> None:
    """已签发合并告知书，停表等待企业答复。"""
    plan = Blueprint("云启智能装配车间", "云川新区智造园 YC-ZC-115 地块", "装配车间一栋。", 11808, (116.2225, 39.1075))
    project = to_drawing_review(plan, begun=16)
    first_notice(project, sets, day=6)


def through_drawing_review(plan: Blueprint, sets: dict[str, list[Path]], *, begun: int) -> UUID:
    """Two rounds: noticed, answered with revision B, rechecked, closed."""
    project = to_drawing_review(plan, begun=begun)
    day = begun - 9
    set_id, round_, opinion = first_notice(project, sets, day=day)
    reviewing.hand_in(set_id, sets["B"], ago(day - 3, 10), actor=person("designer"))
    with freeze(ago(day - 3, 15)):
        answer_opinion(opinion.pk, actor=person(plan.owner), kind="revise", text="已加宽至 4.0 m，见 B 版总平面图。")  # type: ignore[attr-defined]
        following = submit_answers(round_.pk, actor=person(plan.owner))  # type: ignore[attr-defined]
    reviewing.claim(following, ago(day - 4, 9))
    with freeze(ago(day - 4, 10)):
        recheck_opinion(opinion.pk, actor=person("fire"), result="accept", text="已按意见修改。")  # type: ignore[attr-defined]
    reviewing.sign_all(following, ago(day - 4, 14))
    if item_by_code(project, "HU-DRW").decided_at is None:
        raise RuntimeError(f"the demo's second round of {plan.name} did not close")
    return project


def to_acceptance(plan: Blueprint, sets: dict[str, list[Path]], *, begun: int) -> object:
    """Built, surveyed, and applied for acceptance."""
    project = through_drawing_review(plan, sets, begun=begun)
    owner = person(plan.owner)
    stages = EARLY | {"S4"}
    done = work(
        project, applicant=owner, first_day=begun - 14, last_day=begun - 20, stages=stages, leave=frozenset({"AC-APP"})
    )
    round_ = accepting.apply(project, ago(done - 1, 9), actor=owner)
    accepting.visit(round_, ago(done - 1, 11), ago(done - 2, 9, 30))
    return round_


def in_acceptance(sets: dict[str, list[Path]]) -> None:
    """联合验收中，一项未通过。"""
    plan = Blueprint("云启仓储楼", "云川新区智造园 YC-ZC-117 地块", "仓储楼一栋。", 11809, (116.2190, 39.1040))
    round_ = to_acceptance(plan, sets, begun=34)
    day = ago(6, 14)
    accepting.inspect(round_, day, fails={"AC-FIR": "东侧消防车道被临时堆场占用，转弯半径不足。"})
    accepting.sign(round_, ago(5, 10))


def finished(sets: dict[str, list[Path]]) -> None:
    """全流程办结，证照齐全。"""
    plan = Blueprint("川禾原料库", "云川新区河滨路 12 号", "原料库一栋。", 11810, (116.2330, 39.1010), owner="rival")
    round_ = to_acceptance(plan, sets, begun=40)
    accepting.inspect(round_, ago(10, 14), fails={})
    accepting.sign(round_, ago(9, 10))
    project = round_.project_id  # type: ignore[attr-defined]
    work(project, applicant=person("rival"), first_day=8, last_day=3, stages=EARLY | {"S4"})
