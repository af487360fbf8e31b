"""State machines as data (状态机): the 15 national codes of an item, and the states of a project. Pure.

Item codes: 工程建设项目审批管理系统数据共享交换标准 (domain.md section 1). The tables drive the actions, the buttons,
the database's checks and the exhaustive tests.
"""

from __future__ import annotations

from enum import IntEnum

from ledger.errors import StateConflict
from projects.words import _


class Code(IntEnum):
    """National codes of an item case (事项办件状态)."""

    RECEIVED = 1  # 已接件
    WITHDRAWN = 2  # 已撤件
    ACCEPTED = 3  # 已受理
    NOT_TAKEN = 4  # 不受理
    REFUSED = 5  # 不予受理
    SUPPLEMENT_START = 6  # 补正开始
    SUPPLEMENT_END = 7  # 补正结束
    IN_PROGRESS = 8  # 部门开始办理
    SPECIAL_START = 9  # 特别程序开始
    SPECIAL_END = 10  # 特别程序结束
    PASSED = 11  # 办结(通过)
    PASSED_WITH_OUTSTANDING = 12  # 办结(容缺通过)
    NOT_PASSED = 13  # 办结(不通过)
    RETRACTED = 14  # 撤回
    REVOKED = 15  # 撤销


ENDED = frozenset(
    {
        Code.WITHDRAWN,
        Code.NOT_TAKEN,
        Code.REFUSED,
        Code.PASSED,
        Code.PASSED_WITH_OUTSTANDING,
        Code.NOT_PASSED,
        Code.RETRACTED,
        Code.REVOKED,
    }
)
# What lets the items behind it go on.
FAVOURABLE = frozenset({Code.PASSED, Code.PASSED_WITH_OUTSTANDING})
STOPPED = frozenset({Code.SUPPLEMENT_START, Code.SPECIAL_START})

_WORKING = (Code.ACCEPTED, Code.SUPPLEMENT_END, Code.IN_PROGRESS, Code.SPECIAL_END)

# (from, act) -> to. None: not reached yet.
ITEM_MOVES: dict[tuple[Code | None, str], Code] = {
    (None, "receive"): Code.RECEIVED,
    (Code.RECEIVED, "accept"): Code.ACCEPTED,
    (Code.RECEIVED, "not_take"): Code.NOT_TAKEN,
    (Code.RECEIVED, "refuse"): Code.REFUSED,
    (Code.RECEIVED, "ask_correction"): Code.SUPPLEMENT_START,
    (Code.ACCEPTED, "begin"): Code.IN_PROGRESS,
    (Code.SUPPLEMENT_END, "begin"): Code.IN_PROGRESS,
    (Code.SPECIAL_END, "begin"): Code.IN_PROGRESS,
    (Code.SUPPLEMENT_START, "answer_correction"): Code.SUPPLEMENT_END,
    (Code.SUPPLEMENT_END, "accept"): Code.ACCEPTED,
    (Code.SUPPLEMENT_END, "refuse"): Code.REFUSED,
    (Code.SPECIAL_START, "end_special"): Code.SPECIAL_END,
    **{(code, "ask_correction"): Code.SUPPLEMENT_START for code in (Code.ACCEPTED, Code.IN_PROGRESS, Code.SPECIAL_END)},
    **{(code, "start_special"): Code.SPECIAL_START for code in _WORKING},
    **{(code, "pass"): Code.PASSED for code in _WORKING},
    **{(code, "pass_outstanding"): Code.PASSED_WITH_OUTSTANDING for code in _WORKING},
    **{(code, "deny"): Code.NOT_PASSED for code in _WORKING},
    **{
        (code, "withdraw"): Code.WITHDRAWN
        for code in (Code.RECEIVED, *_WORKING, Code.SUPPLEMENT_START, Code.SPECIAL_START)
    },
    (Code.PASSED, "retract"): Code.RETRACTED,
    (Code.PASSED_WITH_OUTSTANDING, "retract"): Code.RETRACTED,
    (Code.PASSED, "revoke"): Code.REVOKED,
    (Code.PASSED_WITH_OUTSTANDING, "revoke"): Code.REVOKED,
}

PROJECT_MOVES: dict[tuple[str, str], str] = {
    ("draft", "submit"): "submitted",
    ("correction", "submit"): "submitted",
    ("submitted", "request_correction"): "correction",
    ("submitted", "accept"): "accepted",
    ("submitted", "reject"): "rejected",
    ("draft", "withdraw"): "withdrawn",
    ("submitted", "withdraw"): "withdrawn",
    ("correction", "withdraw"): "withdrawn",
    ("accepted", "withdraw"): "withdrawn",
    ("accepted", "finish"): "finished",
}

REUSE_MOVES: dict[tuple[str, str], str] = {
    ("proposed", "confirm"): "confirmed",
    ("proposed", "refuse"): "refused",
    ("proposed", "withdraw"): "withdrawn",
    ("confirmed", "renew"): "renewed",
    ("confirmed", "put_back"): "recalled",
    ("confirmed", "lapse"): "lapsed",
}


def item_move(state: int | None, act: str) -> Code:
    """Where `act` leads an item; StateConflict in plain words when it leads nowhere."""
    try:
        return ITEM_MOVES[None if state is None else Code(state), act]
    except KeyError as error:
        raise StateConflict(
            _("本事项目前是“%(state)s”，不能进行这项操作。") % {"state": item_state_name(state)},
            next_step=_("请刷新页面，查看最新办理情况。"),
        ) from error


def project_move(state: str, act: str) -> str:
    """Where `act` leads a project; StateConflict in plain words when it leads nowhere."""
    try:
        return PROJECT_MOVES[state, act]
    except KeyError as error:
        raise StateConflict(
            _("项目目前是“%(state)s”，不能进行这项操作。") % {"state": project_state_name(state)},
            next_step=_("请刷新页面，查看最新办理情况。"),
        ) from error


def reuse_move(state: str, act: str) -> str:
    """Where `act` leads a reuse of regional assessments; StateConflict in plain words when it leads nowhere."""
    try:
        return REUSE_MOVES[state, act]
    except KeyError as error:
        raise StateConflict(
            _("这项共享应用目前是“%(state)s”，不能进行这项操作。") % {"state": reuse_state_name(state)},
            next_step=_("请刷新页面，查看最新办理情况。"),
        ) from error


def reuse_state_name(state: str) -> str:
    """The state in the reader's words."""
    return {
        "proposed": _("已提请，待部门确认"),
        "confirmed": _("已确认应用"),
        "refused": _("未获确认"),
        "withdrawn": _("已撤回"),
        "renewed": _("复核后已换发新的确认"),
        "lapsed": _("红线或指标已改变，确认不再适用"),
        "recalled": _("复核后恢复单独办理"),
    }[state]


def item_acts(state: int | None) -> list[str]:
    """What may be done to an item in this state."""
    code = None if state is None else Code(state)
    return [act for (origin, act) in ITEM_MOVES if origin is code]


def item_state_name(state: int | None) -> str:
    """The state in the reader's words."""
    names = {
        None: _("尚未到达"),
        Code.RECEIVED: _("已接件"),
        Code.WITHDRAWN: _("已撤件"),
        Code.ACCEPTED: _("已受理"),
        Code.NOT_TAKEN: _("不受理"),
        Code.REFUSED: _("不予受理"),
        Code.SUPPLEMENT_START: _("补正中"),
        Code.SUPPLEMENT_END: _("补正完成"),
        Code.IN_PROGRESS: _("部门办理中"),
        Code.SPECIAL_START: _("特别程序中"),
        Code.SPECIAL_END: _("特别程序结束"),
        Code.PASSED: _("办结（通过）"),
        Code.PASSED_WITH_OUTSTANDING: _("办结（容缺通过）"),
        Code.NOT_PASSED: _("办结（不通过）"),
        Code.RETRACTED: _("已撤回"),
        Code.REVOKED: _("已撤销"),
    }
    return names[None if state is None else Code(state)]


def project_state_name(state: str) -> str:
    """The state in the reader's words."""
    return {
        "draft": _("尚未提交"),
        "submitted": _("已提交，待受理"),
        "correction": _("待补正"),
        "accepted": _("已受理，办理中"),
        "rejected": _("不予受理"),
        "withdrawn": _("已撤回"),
        "finished": _("已办结"),
    }[state]
