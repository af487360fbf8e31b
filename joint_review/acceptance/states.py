"""State machines of joint acceptance (联合验收), as in joint_review/states.py."""

from __future__ import annotations

from typing import Final

from joint_review.states import Moves

# 联合验收: applied > scheduled (one date for all) > visited > passed | rectifying > reinspecting > ...
ACCEPTANCE_MOVES: Final[Moves] = {
    ("applied", "schedule_visit"): "scheduled",
    ("scheduled", "schedule_visit"): "scheduled",
    ("scheduled", "record_visit"): "visited",
    ("visited", "pass"): "passed",
    ("visited", "fail"): "failed",
    # Every task is signed and one failed: the lead issues one merged list, the clock stops.
    ("failed", "issue_rectification"): "rectifying",
    ("rectifying", "submit_rectification"): "visited",
}

# 部门验收任务: the inspector notes results, another person signs; only a failed task opens again.
ACCEPTANCE_TASK_MOVES: Final[Moves] = {
    ("open", "inspect"): "inspected",
    ("inspected", "inspect"): "inspected",
    ("inspected", "sign"): "signed",
    ("signed", "reopen"): "open",
}

# 问题: found once; mended by the enterprise; looked at again by the department that found it.
DEFECT_MOVES: Final[Moves] = {
    ("listed", "strike"): "struck",
    ("listed", "answer"): "listed",
    ("listed", "submit"): "rectified",
    ("rectified", "pass"): "closed",
    ("rectified", "fail"): "listed",
}

ACCEPTANCE_STATES: Final = ("applied", "scheduled", "visited", "failed", "rectifying", "passed")
ACCEPTANCE_TASK_STATES: Final = ("open", "inspected", "signed")
DEFECT_STATES: Final = ("listed", "rectified", "closed", "struck")
RUNNING_ACCEPTANCES: Final = frozenset({"applied", "scheduled", "visited", "failed", "rectifying"})

CHECK_RESULTS: Final = ("PASS", "PASS_WITH_COMMITMENT", "FAIL", "NOT_APPLICABLE", "DEEMED_PASS")
OUTCOMES: Final = ("PASS", "PASS_WITH_COMMITMENT", "FAIL", "OPEN")
