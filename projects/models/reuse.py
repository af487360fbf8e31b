"""Reuse of regional assessments (区域评估共享应用) and what is checked again when one ends (复核)."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q


class AssessmentReuse(models.Model):
    """One project leans on the regional assessments of one kind: proposed, then confirmed or refused.

    `answer` is what the geometry said on the day it was confirmed, with every version and value used; it never changes
    afterwards and `answer_sha256` says so.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed"
        CONFIRMED = "confirmed"
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"
        # Confirmed anew on what is in force now; the row that followed is the one that counts.
        RENEWED = "renewed"
        # The enterprise changed the red line or a figure: what was confirmed was another project (项目已变化).
        LAPSED = "lapsed"
        # The item was put back after an assessment had ended (复核后恢复办理).
        RECALLED = "recalled"

    LIVE = (State.PROPOSED, State.CONFIRMED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="reuses")
    kind = models.CharField(max_length=40)
    # Whose power it is to say whether a report of its own is needed (审批部门).
    department_code = models.CharField(max_length=8)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    outcome = models.CharField(max_length=24)
    effect = models.CharField(max_length=10, blank=True)
    used_on = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    answer = models.JSONField()
    answer_sha256 = models.CharField(max_length=64)
    # The assessments and layer versions leaned on; the recall wave comes in by these.
    assessment_ids = ArrayField(models.UUIDField(), default=list)
    layer_ids = ArrayField(models.UUIDField(), default=list)
    # Of the report that need not be made: calendar days of the enterprise, yuan. Null: nobody has recorded a figure.
    report_days = models.PositiveIntegerField(null=True, blank=True)
    fee_yuan = models.PositiveIntegerField(null=True, blank=True)

    remark = models.TextField(blank=True)
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    # 告知承诺: signed by the enterprise where the effect is a commitment.
    promised_at = models.DateTimeField(null=True, blank=True)
    promised_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    decision_remark = models.TextField(blank=True)
    paper_id = models.UUIDField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "kind"], condition=Q(state__in=["proposed", "confirmed"]), name="reuse_live_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed") | Q(decided_at__isnull=False, paper_id__isnull=False),
                name="reuse_confirmed_has_paper",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed", effect="COMMITMENT") | Q(promised_at__isnull=False),
                name="reuse_commitment_is_signed",
            ),
        ]
        indexes = [
            GinIndex(fields=["assessment_ids"], name="reuse_by_assessment"),
            models.Index(fields=["department_code"], name="reuse_desk", condition=Q(state="proposed")),
            models.Index(fields=["paper_id"], name="reuse_of_paper"),
        ]
        ordering = ["proposed_at"]

    def __str__(self) -> str:
        return f"{self.project_id} {self.kind}"


class RecheckTask(models.Model):
    """What a confirmed reuse leans on has ended or changed: look again before the works begin (复核任务)."""

    class Cause(models.TextChoices):
        ASSESSMENT_ENDED = "assessment_ended"
        PLAN_PUBLISHED = "plan_published"
        # The reuse was put back after an item had been decided on the strength of it (决定所依据的共享应用已恢复).
        DECISION_LEANED = "decision_leaned"

    class Outcome(models.TextChoices):
        KEPT = "kept"  # 维持: the confirmation stands
        RENEWED = "renewed"  # 换新: confirmed anew on what is in force now
        PUT_BACK = "put_back"  # 恢复单独评估: the item is needed again
        MOOT = "moot"  # 不再需要: the reuse or the project has ended otherwise

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="rechecks")
    reuse = models.ForeignKey(AssessmentReuse, on_delete=models.PROTECT, related_name="rechecks")
    cause = models.CharField(max_length=16, choices=Cause.choices)
    # The kind of assessment; and the layer version that ended or took effect.
    kind = models.CharField(max_length=40)
    layer_id = models.UUIDField()
    # The decided item, where the question is whether its decision still stands.
    item = models.ForeignKey("projects.ItemCase", on_delete=models.PROTECT, null=True, related_name="rechecks")
    # amended, expired, revoked; plan_published or plan_ended where a plan changed under it; put_back of a decision.
    how = models.CharField(max_length=16)
    reason = models.TextField(blank=True)
    department_code = models.CharField(max_length=8)
    opened_at = models.DateTimeField()
    due_on = models.DateField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    remark = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reuse", "layer_id", "how", "item"], name="reuse_recheck_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, outcome="") | (Q(closed_at__isnull=False) & ~Q(outcome="")),
                name="reuse_recheck_closed_has_outcome",
            ),
        ]
        indexes = [
            models.Index(
                fields=["department_code", "due_on"], name="reuse_recheck_open", condition=Q(closed_at__isnull=True)
            )
        ]
        ordering = ["opened_at"]

    def __str__(self) -> str:
        return f"{self.project_id} {self.kind} {self.how}"
