"""Tables of the projects room, by noun."""

from projects.models.calendar import CalendarDay, CalendarYear
from projects.models.clock import ClockPause, DayContest
from projects.models.conflicts import (
    ConflictOverride,
    ContradictionAnswer,
    PlanConflict,
    PlanContradiction,
    SiteCheck,
)
from projects.models.intake import IntakeNotice, Material, PrereviewMessage, ReceiptCounter
from projects.models.items import ItemCase, ItemMove, ItemStep
from projects.models.pipeline import PipelineEdition, Power
from projects.models.project import Engagement, Project, Site, StageCase
from projects.models.reuse import AssessmentReuse, RecheckTask

__all__ = [
    "AssessmentReuse",
    "CalendarDay",
    "CalendarYear",
    "ClockPause",
    "ConflictOverride",
    "ContradictionAnswer",
    "DayContest",
    "Engagement",
    "IntakeNotice",
    "ItemCase",
    "ItemMove",
    "ItemStep",
    "Material",
    "PipelineEdition",
    "PlanConflict",
    "PlanContradiction",
    "Power",
    "PrereviewMessage",
    "Project",
    "ReceiptCounter",
    "RecheckTask",
    "Site",
    "SiteCheck",
    "StageCase",
]
