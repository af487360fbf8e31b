"""Joint completion acceptance (联合验收): the application, tasks, checks, defects and rectification notices."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from joint_review.acceptance.states import (
    ACCEPTANCE_STATES,
    ACCEPTANCE_TASK_STATES,
    CHECK_RESULTS,
    DEFECT_STATES,
    OUTCOMES,
    RUNNING_ACCEPTANCES,
)


class AcceptanceRound(models.Model):
    """One joint acceptance of a project (联合验收轮次): one application, one date, one opinion."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="acceptances")
    state = models.CharField(max_length=12, choices=[(s, s) for s in ACCEPTANCE_STATES], default="applied")
    convened_by = models.ForeignKey("accounts.Department", on_delete=models.PROTECT, related_name="+")
    applied_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.UUIDField(null=True)
    applied_at = models.DateTimeField(default=timezone.now)
    # What the applicant says: scope, contact on site, wishes for the date.
    statement = models.TextField(blank=True)
    visit_at = models.DateTimeField(null=True)
    meeting_point = models.CharField(max_length=200, blank=True)
    visited_at = models.DateTimeField(null=True)
    # How often departments have looked: 1, and one more for every re-inspection.
    attempt = models.PositiveSmallIntegerField(default=1)
    due_on = models.DateField(null=True)
    outcome = models.CharField(max_length=24, choices=[(o, o) for o in OUTCOMES], default="OPEN")
    ended_at = models.DateTimeField(null=True)
    paper_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project"], condition=Q(state__in=sorted(RUNNING_ACCEPTANCES)), name="acceptance_one_running"
            ),
            models.CheckConstraint(condition=Q(state__in=ACCEPTANCE_STATES), name="acceptance_state_known"),
            models.CheckConstraint(
                condition=~Q(state="passed") | Q(outcome__in=["PASS", "PASS_WITH_COMMITMENT"]),
                name="acceptance_passed_with_outcome",
            ),
        ]

    def __str__(self) -> str:
        return str(self.project_id)


class AcceptanceTask(models.Model):
    """What one department checks (部门验收任务): it signs once for all its checks, by another person than the inspector."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(AcceptanceRound, on_delete=models.PROTECT, related_name="tasks")
    department = models.ForeignKey("accounts.Department", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=[(s, s) for s in ACCEPTANCE_TASK_STATES], default="open")
    inspected_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    inspected_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)
    # In which attempt it was signed last: what passed in the first keeps its date.
    signed_in = models.PositiveSmallIntegerField(null=True)
    remark = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "department"], name="acceptance_task_once"),
            models.CheckConstraint(condition=Q(state__in=ACCEPTANCE_TASK_STATES), name="acceptance_task_state_known"),
            models.CheckConstraint(
                condition=~Q(state="signed")
                | Q(inspected_by__isnull=False, signed_by__isnull=False) & ~Q(signed_by=F("inspected_by")),
                name="acceptance_task_signed_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.department_id}"


class AcceptanceCheck(models.Model):
    """One thing a department checks (验收事项) and its result; `code` as in acceptance.yaml."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    task = models.ForeignKey(AcceptanceTask, on_delete=models.PROTECT, related_name="checks")
    code = models.CharField(max_length=12)
    undecided = models.BooleanField(default=False)
    result = models.CharField(max_length=24, blank=True, choices=[(r, r) for r in CHECK_RESULTS])
    reason = models.CharField(max_length=400, blank=True)
    # 承诺: what is promised, by whom, until when.
    promise = models.CharField(max_length=400, blank=True)
    promise_by = models.CharField(max_length=60, blank=True)
    promise_due_on = models.DateField(null=True)
    concluded_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    concluded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "code"], name="acceptance_check_once"),
            models.CheckConstraint(condition=Q(result__in=["", *CHECK_RESULTS]), name="acceptance_result_known"),
            # Fire never passes by silence or by commitment, not even by a slip of the program.
            models.CheckConstraint(
                condition=~Q(code="AC-FIR", result__in=["DEEMED_PASS", "PASS_WITH_COMMITMENT"]),
                name="acceptance_fire_is_never_deemed",
            ),
            models.CheckConstraint(
                condition=~Q(result="PASS_WITH_COMMITMENT")
                | ~Q(promise="") & ~Q(promise_by="") & Q(promise_due_on__isnull=False),
                name="acceptance_commitment_is_complete",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Defect(models.Model):
    """Something found at the visit (问题): listed once, mended, looked at again by who found it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    check_of = models.ForeignKey(AcceptanceCheck, on_delete=models.PROTECT, related_name="defects")
    number = models.PositiveIntegerField()
    severity = models.CharField(max_length=4)
    clause_code = models.CharField(max_length=40, blank=True)
    place = models.CharField(max_length=200)
    text = models.TextField()
    state = models.CharField(max_length=10, choices=[(s, s) for s in DEFECT_STATES], default="listed")
    found_in = models.PositiveSmallIntegerField(default=1)
    # Why it was not said at the first visit (一次性告知).
    late_reason = models.CharField(max_length=16, blank=True)
    found_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    found_at = models.DateTimeField(default=timezone.now)
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    recheck_note = models.CharField(max_length=400, blank=True)
    rechecked_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    rechecked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(state__in=DEFECT_STATES), name="defect_state_known")]
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number} {self.place}"


class DepartmentVisit(models.Model):
    """Who came to the one visit, and when (到场记录)."""

    round = models.ForeignKey(AcceptanceRound, on_delete=models.PROTECT, related_name="visits")
    department = models.ForeignKey("accounts.Department", on_delete=models.PROTECT, related_name="+")
    attempt = models.PositiveSmallIntegerField(default=1)
    came = models.BooleanField()
    noted_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "department", "attempt"], name="department_visit_once")]

    def __str__(self) -> str:
        return f"{self.round_id} {self.department_id}"


class RectificationNotice(models.Model):
    """The merged list of all failing defects (整改告知), one per failed attempt; the clock stands until the answer."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(AcceptanceRound, on_delete=models.PROTECT, related_name="rectifications")
    attempt = models.PositiveSmallIntegerField()
    issued_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(default=timezone.now)
    due_on = models.DateField(null=True)
    paper_id = models.UUIDField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "attempt"], name="rectification_once")]

    def __str__(self) -> str:
        return f"{self.round_id} {self.attempt}"
