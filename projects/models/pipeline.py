"""Editions of pipeline templates (流程版本)."""

from __future__ import annotations

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value


class PipelineEdition(models.Model):
    """One version of one template, whole, as data; a project pins the edition it was filed under."""

    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        RETIRED = "retired"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    template_code = models.CharField(max_length=60)
    version = models.CharField(max_length=20)
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160)
    priority = models.PositiveSmallIntegerField()
    total_limit = models.PositiveSmallIntegerField()
    # Longest path when every conditional item applies, checked at publishing.
    critical_days = models.PositiveSmallIntegerField()
    content = models.JSONField()
    # The edition a draft was begun from; raised by every change of a draft, so that a stale page is refused.
    based_on = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    draft_version = models.PositiveIntegerField(default=1)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    made_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["template_code", "version"], name="edition_version_once"),
            models.UniqueConstraint(
                fields=["template_code"], condition=Q(state="published"), name="edition_in_force_once"
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(published_at__isnull=False), name="edition_published_has_date"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template_code} {self.version}"


class Power(models.Model):
    """One entry of the powers table (权责清单): who exercises a department's power, on what basis, from when to when.

    Without any entry a department exercises its own power. With entries an act needs one that is valid on its day.
    """

    class Kind(models.TextChoices):
        OWN = "own"  # 本级行使
        HANDED_DOWN = "handed_down"  # 下放
        ENTRUSTED = "entrusted"  # 委托
        AUTHORISED = "authorised"  # 授权
        CONCENTRATED = "concentrated"  # 集中行使 (相对集中行政许可权)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    district = models.ForeignKey("accounts.District", on_delete=models.PROTECT, related_name="+")
    department_code = models.CharField(max_length=8)
    # Empty: every item of the department.
    item_code = models.CharField(max_length=20, blank=True)
    holder_code = models.CharField(max_length=8)
    kind = models.CharField(max_length=14, choices=Kind.choices)
    basis = models.TextField()
    delegated_by = models.CharField(max_length=120, blank=True)
    valid_from = models.DateField()
    # The last day on which it holds; null: until taken back.
    valid_to = models.DateField(null=True, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    # A second administrator puts it in force.
    confirmed_at = models.DateTimeField(null=True, blank=True)
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_why = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="power_forward"
            ),
            ExclusionConstraint(
                name="power_held_by_one_at_a_time",
                expressions=[
                    (F("district"), RangeOperators.EQUAL),
                    (F("department_code"), RangeOperators.EQUAL),
                    (F("item_code"), RangeOperators.EQUAL),
                    (
                        Func(
                            F("valid_from"),
                            F("valid_to"),
                            Value("[]"),
                            function="DATERANGE",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(confirmed_at__isnull=False),
            ),
        ]
        ordering = ["department_code", "item_code", "-valid_from"]

    def __str__(self) -> str:
        return f"{self.department_code} {self.item_code} {self.holder_code}"
