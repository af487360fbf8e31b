"""Rounds (联审轮次) and the departments' tasks (部门任务)."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from joint_review.rules.evaluations import RoundKind
from joint_review.states import DONE_TASKS, ROUND_STATES, RUNNING_ROUNDS, TASK_CONCLUSIONS, TASK_STATES

EVALUATIONS = tuple(kind.value for kind in RoundKind if kind != RoundKind.DRAWINGS)

# Null in rounds without drawings only. Said apart from the fields, so that whoever has asked for a round of drawings
# (`lock_round`, `round_for`) may read them as what they are there: never null.
OF_DRAWINGS: dict[str, Any] = {"null": True}


class Round(models.Model):
    """One parallel circulation to departments (联审轮次): of a revision of drawings, or of a site, scheme or report.

    Rounds of drawings have `set`, `revision` and `item`; the others (joint_review.evaluations) have none of them, and
    what they are about in `subject`. Acts and pages of drawings take the former only: `lock_round`, `round_for`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="rounds")
    kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in RoundKind], default="drawings")
    set = models.ForeignKey("drawings.DrawingSet", models.PROTECT, related_name="rounds", **OF_DRAWINGS)
    revision = models.ForeignKey("drawings.Revision", models.PROTECT, related_name="rounds", **OF_DRAWINGS)
    # The item case that the round decides (多图联审 HU-DRW).
    item = models.ForeignKey("projects.ItemCase", models.PROTECT, related_name="rounds", **OF_DRAWINGS)
    # What a round without drawings is about: question, documents, the plan check it was opened on.
    subject = models.JSONField(default=dict, blank=True)
    previous = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="next")
    no = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=[(s, s) for s in ROUND_STATES], default="open")
    convened_by = models.ForeignKey("accounts.Department", on_delete=models.PROTECT, related_name="+")
    opened_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now)
    due_on = models.DateField(null=True)
    completed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # The certificate (施工图审查合格书) of a closed round; certificates stand below, but papers come and go by their id.
    paper_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["set", "no"], name="round_once"),
            models.UniqueConstraint(
                fields=["set"], condition=Q(state__in=sorted(RUNNING_ROUNDS)), name="round_one_running"
            ),
            models.UniqueConstraint(
                fields=["project", "kind"],
                condition=Q(state__in=sorted(RUNNING_ROUNDS)) & ~Q(kind="drawings"),
                name="round_one_evaluation_running",
            ),
            models.UniqueConstraint(
                fields=["project", "kind", "no"], condition=~Q(kind="drawings"), name="round_evaluation_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="drawings", set__isnull=False, revision__isnull=False, item__isnull=False)
                | Q(kind__in=EVALUATIONS, set__isnull=True, revision__isnull=True, item__isnull=True),
                name="round_about_drawings_or_not",
            ),
            models.CheckConstraint(condition=Q(state__in=ROUND_STATES), name="round_state_known"),
            models.CheckConstraint(
                condition=Q(state="open", completed_at__isnull=True)
                | (~Q(state="open") & Q(completed_at__isnull=False)),
                name="round_completed_once",
            ),
        ]
        indexes = [models.Index(fields=["project", "state"], name="round_of_project")]

    def __str__(self) -> str:
        return f"{self.set_id or self.kind} {self.no}"


class ExpertMeeting(models.Model):
    """The one meeting of experts on evaluations that go together (专家评审会); recorded once, then part of the result."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.OneToOneField(Round, on_delete=models.PROTECT, related_name="meeting")
    held_at = models.DateTimeField()
    place = models.CharField(max_length=200)
    # Names with their field, as signed in.
    experts = ArrayField(models.CharField(max_length=80))
    minutes = models.TextField()
    recorded_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(minutes=""), name="meeting_has_minutes")]

    def __str__(self) -> str:
        return f"{self.round_id} {self.held_at:%Y-%m-%d}"


class Task(models.Model):
    """What one department, for one discipline or for several, must answer in a round (部门任务).

    `first_by` did the first review (初审): he claimed it, or raised its first opinion. The signer is another person:
    the database refuses anything else (四眼原则).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="tasks")
    department = models.ForeignKey("accounts.Department", on_delete=models.PROTECT, related_name="+")
    # Empty: several disciplines, see `covers`.
    discipline = models.CharField(max_length=8, blank=True)
    covers = ArrayField(models.CharField(max_length=8), default=list)
    # Disciplines here only because a fact of the project is missing; the department says whether it is concerned.
    undecided = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    state = models.CharField(max_length=12, choices=[(s, s) for s in TASK_STATES], default="open")
    due_on = models.DateField(null=True)
    silence_counts = models.BooleanField(default=False)
    first_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    first_at = models.DateTimeField(null=True)
    handed_over_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)
    conclusion = models.CharField(max_length=24, blank=True, choices=[(c, c) for c in TASK_CONCLUSIONS])
    remark = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "department", "discipline"], name="task_once"),
            models.CheckConstraint(condition=Q(state__in=TASK_STATES), name="task_state_known"),
            models.CheckConstraint(
                condition=Q(signed_by__isnull=True) | Q(first_by__isnull=False) & ~Q(signed_by=F("first_by")),
                name="task_signed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state="signed", signed_by__isnull=False, signed_at__isnull=False)
                & Q(conclusion__in=TASK_CONCLUSIONS)
                | ~Q(state="signed") & Q(signed_by__isnull=True, signed_at__isnull=True, conclusion=""),
                name="task_signed_with_conclusion",
            ),
            models.CheckConstraint(
                condition=Q(state="open", first_by__isnull=True)
                | Q(state__in=["claimed", "handed_over", "signed"], first_by__isnull=False)
                | Q(state="silent", silence_counts=True),
                name="task_claimed_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["department", "state"], name="task_of_department"),
            models.Index(fields=["due_on"], name="task_waiting", condition=~Q(state__in=sorted(DONE_TASKS))),
        ]

    def __str__(self) -> str:
        return f"{self.department_id} {self.discipline}"
