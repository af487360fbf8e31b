"""Projects, their sites and item cases (first fields; engineer "projects" replaces this file)."""

from __future__ import annotations

import uuid

from django.db import models


class Project(models.Model):
    """An investment project (投资项目)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(max_length=30, blank=True)
    name = models.CharField(max_length=120)
    owner = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    district = models.ForeignKey("accounts.District", on_delete=models.PROTECT, related_name="+")
    stage = models.CharField(max_length=4, default="S0")
    state = models.CharField(max_length=20, default="draft")
    facts = models.JSONField(default=dict)


class ItemCase(models.Model):
    """One item of a project (事项办件)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="items")
    code = models.CharField(max_length=20)
    name_zh = models.CharField(max_length=120)
    stage = models.CharField(max_length=4)
    department_code = models.CharField(max_length=8)
    state = models.PositiveSmallIntegerField(null=True)
