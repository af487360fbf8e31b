"""Regions (区域) and their assessments (区域评估)."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from regional_eval.models.layers import LayerVersion, State


class Region(models.Model):
    """A zone, park or county for which assessments are made together (评估区域)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # None: of a layer that was imported for every district.
    district = models.ForeignKey("accounts.District", on_delete=models.PROTECT, null=True, related_name="+")
    code = models.CharField(max_length=80)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160, blank=True)
    # GeoJSON, EPSG:4490; null until somebody draws it.
    boundary = models.JSONField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "code"], name="region_code_once", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return self.name


class Effect(models.TextChoices):
    """What reuse does to the project's item (成果运用方式); the words are those of assessment_kinds.yaml."""

    EXEMPT = "EXEMPT"
    SIMPLIFIED = "SIMPLIFIED"
    COMMITMENT = "COMMITMENT"


class Assessment(models.Model):
    """One approved regional assessment (区域评估) with its legal terms; its land is the polygons that point to it.

    A file whose features carry different terms gives one assessment for each set of terms, all of one layer version.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="assessments")
    layer = models.ForeignKey(LayerVersion, on_delete=models.PROTECT, related_name="assessments")
    kind = models.CharField(max_length=40)
    number = models.CharField(max_length=120, blank=True)
    holder = models.CharField(max_length=120, blank=True)
    report_document = models.CharField(max_length=200, blank=True)
    expert_opinion = models.TextField(blank=True)
    approval_document_no = models.CharField(max_length=120, blank=True)
    approved_on = models.DateField(null=True, blank=True)
    valid_from = models.DateField()
    # The last day on which it may be used; none: no end is set.
    valid_to = models.DateField(null=True, blank=True)
    plan_version = models.CharField(max_length=80, blank=True)
    # Each with parameter, operator, value and unit.
    parameter_limits = models.JSONField(default=list)
    # GB/T 4754 codes (prefixes) that may use it; empty: all.
    industries = models.JSONField(default=list)
    negative_list = models.JSONField(default=list)
    exceptions = models.JSONField(default=list)
    effect = models.CharField(max_length=10, choices=Effect.choices)
    # 经认定无需开展: the approving department found that none of this kind is needed here.
    not_needed = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by")
    revoked_reason = models.TextField(blank=True)
    fee_saved_yuan = models.PositiveIntegerField(null=True, blank=True)
    days_saved = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state for state in State.values if state != State.SUPERSEDED.value]),
                name="assessment_state_known",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="assessment_term_forward"
            ),
        ]
        indexes = [models.Index(fields=["kind", "state"], name="assessment_kind_state")]

    def __str__(self) -> str:
        return self.number or f"{self.kind} {self.region}"
