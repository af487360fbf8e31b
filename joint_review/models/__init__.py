"""Rounds, tasks, opinions, notices of joint review, and joint acceptance."""

from joint_review.acceptance.models import (
    AcceptanceCheck,
    AcceptanceRound,
    AcceptanceTask,
    Defect,
    DepartmentVisit,
    RectificationNotice,
)
from joint_review.models.notices import MergedNotice, NoticeItem, Recheck, Reply
from joint_review.models.opinions import Anchor, Conflict, Opinion, OpinionAuthor
from joint_review.models.rounds import ExpertMeeting, Round, Task

__all__ = [
    "AcceptanceCheck",
    "AcceptanceRound",
    "AcceptanceTask",
    "Anchor",
    "Conflict",
    "Defect",
    "DepartmentVisit",
    "ExpertMeeting",
    "MergedNotice",
    "NoticeItem",
    "Opinion",
    "OpinionAuthor",
    "Recheck",
    "RectificationNotice",
    "Reply",
    "Round",
    "Task",
]
