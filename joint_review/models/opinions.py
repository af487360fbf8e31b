"""Review opinions (审查意见), their co-authors, their places on the drawings, and conflicts between them."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from joint_review.models.rounds import Round, Task
from joint_review.rules.matching import VERDICTS
from joint_review.states import CONFLICT_STATES, OPINION_STATES


class Opinion(models.Model):
    """A recorded demand or remark with class, clause and place (审查意见); it keeps its number through all rounds."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    set = models.ForeignKey("drawings.DrawingSet", on_delete=models.PROTECT, related_name="opinions")
    number = models.PositiveIntegerField()
    # The round it was raised in, and the one it stands in now.
    raised_in = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="raised")
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="opinions")
    cls = models.CharField(max_length=16)
    clause_code = models.CharField(max_length=40, blank=True)
    # The edition that was cited, as the library had it then: standard, number, topic.
    clause = models.JSONField(default=dict, blank=True)
    text = models.TextField()
    # What must hold, {parameter, operator, value, unit}, or {text}; the pure rules compare only the former.
    demand = models.JSONField(null=True)
    state = models.CharField(max_length=10, choices=[(s, s) for s in OPINION_STATES], default="draft")
    late_reason = models.CharField(max_length=16, blank=True)
    author = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged")
    why_withdrawn = models.CharField(max_length=400, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["set", "number"], name="opinion_number_once"),
            models.CheckConstraint(condition=Q(state__in=OPINION_STATES), name="opinion_state_known"),
            models.CheckConstraint(
                condition=Q(state="merged", merged_into__isnull=False)
                | ~Q(state="merged") & Q(merged_into__isnull=True),
                name="opinion_merged_into_another",
            ),
        ]
        indexes = [models.Index(fields=["round", "state"], name="opinion_of_round")]

    def __str__(self) -> str:
        return f"#{self.number}"


class OpinionAuthor(models.Model):
    """One department that stands behind an opinion (署名部门); the first raised it, the others joined (联合署名)."""

    opinion = models.ForeignKey(Opinion, on_delete=models.PROTECT, related_name="authors")
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="authored")
    department = models.ForeignKey("accounts.Department", on_delete=models.PROTECT, related_name="+")
    discipline = models.CharField(max_length=8, blank=True)
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    is_first = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["opinion", "department", "discipline"], name="opinion_author_once"),
            models.UniqueConstraint(fields=["opinion"], condition=Q(is_first=True), name="opinion_one_first_author"),
        ]

    def __str__(self) -> str:
        return f"{self.opinion_id} {self.department_id}"


class Anchor(models.Model):
    """Where an opinion stands in one round (意见锚点): sheet, region, handles; on a later revision with a verdict."""

    opinion = models.ForeignKey(Opinion, on_delete=models.PROTECT, related_name="anchors")
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="anchors")
    # The sheet it is on now; `gone` keeps the last one it was on.
    sheet = models.ForeignKey("drawings.Sheet", on_delete=models.PROTECT, related_name="+")
    region = ArrayField(models.FloatField(), size=4, null=True)
    handles = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    # The cited marks as they stood, with the hash of the op that shaped each: [{obj, ver, geom, text, dept, op_hash}].
    marks = models.JSONField(default=list, blank=True)
    # unchanged | changed | moved | gone against the round before; empty where the opinion was raised.
    verdict = models.CharField(max_length=10, blank=True, choices=[(v, v) for v in VERDICTS])
    certain = models.BooleanField(default=True)
    why = models.CharField(max_length=40, blank=True)
    confirmed_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    # SHA-256 of the picture cut from the sheet; empty until it is cut.
    picture = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["opinion", "round"], name="anchor_once"),
            models.CheckConstraint(condition=Q(verdict__in=["", *VERDICTS]), name="anchor_verdict_known"),
        ]

    def __str__(self) -> str:
        return f"{self.opinion_id} {self.sheet_id}"


class Conflict(models.Model):
    """Two opinions that no drawing can meet at once (意见冲突), until the lead has ruled."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="conflicts")
    first = models.ForeignKey(Opinion, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Opinion, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=[(s, s) for s in CONFLICT_STATES], default="open")
    reason = models.CharField(max_length=400, blank=True)
    # None: found by the system.
    opened_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now)
    # The opinion that prevails; none: both stand as the ruling explains.
    prevails = models.ForeignKey(Opinion, on_delete=models.PROTECT, null=True, related_name="+")
    ruling = models.TextField(blank=True)
    ruled_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    ruled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="conflict_once"),
            models.CheckConstraint(condition=~Q(first=F("second")), name="conflict_of_two"),
            models.CheckConstraint(condition=Q(state__in=CONFLICT_STATES), name="conflict_state_known"),
            models.CheckConstraint(
                condition=~Q(state="ruled") | Q(ruled_by__isnull=False) & ~Q(ruling=""), name="conflict_ruled_in_words"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} / {self.second_id}"
