"""One-window intake (综合窗口): papers, one-time notices, receipt numbers."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language


class Material(models.Model):
    """One paper of a project (申报材料), wanted by one item or several."""

    class State(models.TextChoices):
        MISSING = "missing"
        DECLARED = "declared"
        CHECKED = "checked"
        FROM_LIBRARY = "from_library"
        OUTSTANDING = "outstanding"
        FAULTY = "faulty"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="materials")
    code = models.CharField(max_length=20)
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160)
    source = models.CharField(max_length=20)
    item_codes = ArrayField(models.CharField(max_length=20), default=list)
    stage = models.CharField(max_length=4)
    may_be_late = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=State.choices, default=State.MISSING)
    # Where a known paper comes from, or what is wrong with a faulty one.
    remark = models.CharField(max_length=400, blank=True)
    due_on = models.DateField(null=True, blank=True)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "code"], name="material_once")]
        ordering = ["stage", "code"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """In the reader's language."""
        return self.name_en if (get_language() or "").startswith("en") else self.name_zh


class IntakeNotice(models.Model):
    """What the window told the applicant: 补正告知 (once), 容缺受理, 不予受理, with the list."""

    class Kind(models.TextChoices):
        CORRECTION = "correction"
        TOLERANCE = "tolerance"
        REJECTION = "rejection"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="intake_notices")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    # Each entry: material, name, fault, remedy.
    entries = models.JSONField(default=list)
    text = models.TextField(blank=True)
    due_on = models.DateField(null=True, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    paper_id = models.UUIDField(null=True, blank=True)

    class Meta:
        constraints = [
            # 行政许可法第三十二条: everything at once, so there is never a second list.
            models.UniqueConstraint(
                fields=["project"], condition=Q(kind="correction"), name="one_time_notice_really_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.project_id}"


class PrereviewMessage(models.Model):
    """One message about one item or the whole filing (申审互动), before it is filed; kept for good."""

    class Side(models.TextChoices):
        APPLICANT = "applicant"
        WINDOW = "window"

    class Verdict(models.TextChoices):
        NONE = ""
        READY = "ready"
        MEND = "mend"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="prereview_messages")
    # Empty: the filing as a whole.
    item_code = models.CharField(max_length=20, blank=True)
    side = models.CharField(max_length=10, choices=Side.choices)
    verdict = models.CharField(max_length=6, choices=Verdict.choices, blank=True)
    text = models.TextField()
    at = models.DateTimeField()
    author = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["project", "at"], name="prereview_of_project")]
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.project_id} {self.item_code}"


class ReceiptCounter(models.Model):
    """The running number of receipts of one district and year (接件编号); its row is locked for each number."""

    district = models.ForeignKey("accounts.District", on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "year"], name="receipt_counter_once")]

    def __str__(self) -> str:
        return f"{self.district_id} {self.year}"
