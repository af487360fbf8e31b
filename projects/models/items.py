"""Items of a project (事项办件), their steps and their moves."""

from __future__ import annotations

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language

from projects.pipeline.planner import Need
from projects.states import ENDED, Code

OPEN = Q(ready_at__isnull=False, decided_at__isnull=True)


class ItemCase(models.Model):
    """One item of one project; `state` is one of the 15 national codes, null until it is reached."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="items")
    code = models.CharField(max_length=20)
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField()
    stage = models.CharField(max_length=4)
    department_code = models.CharField(max_length=8)
    consulted_codes = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    kind = models.CharField(max_length=20)
    decided_by = models.CharField(max_length=10, default="HAND")
    counts = models.BooleanField()
    parallel_group = models.CharField(max_length=20, blank=True)
    # Effective prerequisites, those of switched-off items handed on.
    prerequisites = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    need = models.CharField(max_length=12, choices=[(need.value, need.value) for need in Need])
    need_reason = models.CharField(max_length=60, blank=True)
    need_remark = models.TextField(blank=True)
    need_settled_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")

    limit_days = models.PositiveSmallIntegerField()
    statutory_days = models.PositiveSmallIntegerField(null=True, blank=True)
    statutory_unit = models.CharField(max_length=12, default="working_day")
    legal_basis = models.TextField(blank=True)
    # The department's own, stricter limit (内部时限); the steps share it, or the promise where there is none.
    internal_days = models.PositiveSmallIntegerField(null=True, blank=True)
    pause_reasons = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    handling = models.CharField(max_length=12, default="standard")

    state = models.PositiveSmallIntegerField(null=True, blank=True)
    step = models.PositiveSmallIntegerField(default=0)
    # Posts (of the permission table) whose turn it is; empty when nobody's.
    posts_now = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    # A round or an acceptance that holds the item: it alone decides while it does.
    held_by = models.CharField(max_length=60, blank=True)
    ready_at = models.DateTimeField(null=True, blank=True)
    day_zero = models.DateField(null=True, blank=True)
    taken_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    decision_basis = models.TextField(blank=True)
    decision_remark = models.TextField(blank=True)
    happened_on = models.DateField(null=True, blank=True)
    # The paper of the decision, where it has one.
    decision_paper_id = models.UUIDField(null=True, blank=True)

    due_on = models.DateField(null=True, blank=True)
    warn_on = models.DateField(null=True, blank=True)
    statutory_due_on = models.DateField(null=True, blank=True)
    internal_due_on = models.DateField(null=True, blank=True)
    # When the step whose turn it is should be done, so that a step can be late while the item is in time.
    step_due_on = models.DateField(null=True, blank=True)
    remaining_days = models.PositiveSmallIntegerField(null=True, blank=True)
    is_paused = models.BooleanField(default=False)
    is_provisional = models.BooleanField(default=False)
    # Working days this item may slip before the project's end moves, from the plan (机动时间).
    slack_days = models.SmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "code"], name="item_once"),
            models.CheckConstraint(
                condition=Q(state__isnull=True) | Q(state__in=[code.value for code in Code]), name="item_national_code"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[code.value for code in ENDED], decided_at__isnull=False)
                | ((Q(state__isnull=True) | ~Q(state__in=[code.value for code in ENDED])) & Q(decided_at__isnull=True)),
                name="item_decided_iff_ended",
            ),
            models.CheckConstraint(
                condition=Q(state__isnull=True) | Q(ready_at__isnull=False), name="item_reached_has_date"
            ),
            models.CheckConstraint(
                condition=Q(need__in=["not_needed", "reused"], state__isnull=True)
                | ~Q(need__in=["not_needed", "reused"]),
                name="item_not_run_has_no_state",
            ),
        ]
        indexes = [
            models.Index(fields=["department_code", "due_on"], name="item_desk", condition=OPEN),
            models.Index(fields=["warn_on"], name="item_warn", condition=OPEN),
            models.Index(fields=["due_on"], name="item_due", condition=OPEN),
            models.Index(fields=["step_due_on"], name="item_step_due", condition=OPEN),
        ]
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """In the reader's language."""
        return self.name_en if (get_language() or "").startswith("en") else self.name_zh

    @property
    def is_open(self) -> bool:
        """Reached and not ended."""
        return self.ready_at is not None and self.decided_at is None

    @property
    def is_by_applicant(self) -> bool:
        """Done and reported by the enterprise itself (EVENT and the joint survey)."""
        return self.department_code == "APP" or self.kind == "EVENT"


class ItemStep(models.Model):
    """One step of an item taken by one person (环节办理).

    The database itself keeps two people on two steps (四眼原则): no person stands in two different steps of one item.
    """

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey(ItemCase, on_delete=models.PROTECT, related_name="steps")
    number = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=24)
    name_zh = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60)
    posts = ArrayField(models.CharField(max_length=12))
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    post_id = models.BigIntegerField(null=True)
    outcome = models.CharField(max_length=12)
    remark = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="item_steps_by_different_people",
                expressions=[
                    (F("item"), RangeOperators.EQUAL),
                    (F("person"), RangeOperators.EQUAL),
                    (F("number"), RangeOperators.NOT_EQUAL),
                ],
            )
        ]
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.item_id} {self.code}"

    @property
    def name(self) -> str:
        """In the reader's language."""
        return self.name_en if (get_language() or "").startswith("en") else self.name_zh


class ItemMove(models.Model):
    """One change of an item's national code (事项办件过程, XMSPSXBLXXXXB)."""

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey(ItemCase, on_delete=models.PROTECT, related_name="moves")
    from_state = models.PositiveSmallIntegerField(null=True)
    to_state = models.PositiveSmallIntegerField()
    act = models.CharField(max_length=24)
    at = models.DateTimeField()
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    cause = models.CharField(max_length=80, blank=True)
    remark = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["item", "at"], name="item_moves")]
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"
