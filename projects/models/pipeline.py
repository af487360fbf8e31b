"""Editions of pipeline templates (流程版本)."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q


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
