"""The investment project (投资项目), its red line, stages and engaged institutes."""

from __future__ import annotations

import uuid

from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import get_language


class Project(models.Model):
    """One fixed-asset investment with one owner and one project code for life (GB/T 40058)."""

    class State(models.TextChoices):
        DRAFT = "draft"
        SUBMITTED = "submitted"
        CORRECTION = "correction"
        ACCEPTED = "accepted"
        REJECTED = "rejected"
        WITHDRAWN = "withdrawn"
        FINISHED = "finished"

    class Kind(models.TextChoices):
        CAPITAL_CONSTRUCTION = "01"
        TECHNICAL_RENOVATION = "02"
        PURCHASE_ONLY = "03"
        INFORMATISATION = "04"
        OTHER = "05"

    class Nature(models.TextChoices):
        NEW = "new"
        EXTENSION = "extension"
        REBUILDING = "rebuilding"
        RELOCATION = "relocation"
        OTHER = "other"

    class Mode(models.TextChoices):
        STANDARD = "standard"
        BUILD_FIRST = "build_first"
        ZERO_LAND = "zero_land"

    class AcceptanceMode(models.TextChoices):
        WINDOW = "window"
        TOLERANCE = "tolerance"
        SILENCE = "silence"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(max_length=24, blank=True)
    name = models.CharField(max_length=120)
    owner = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="projects")
    district = models.ForeignKey("accounts.District", on_delete=models.PROTECT, related_name="projects")
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    stage = models.CharField(max_length=4, blank=True)
    # Raised by every change of the form: a stale form is refused rather than silently winning.
    form_version = models.PositiveIntegerField(default=1)

    kind = models.CharField(max_length=2, choices=Kind.choices, default=Kind.CAPITAL_CONSTRUCTION)
    nature = models.CharField(max_length=12, choices=Nature.choices, default=Nature.NEW)
    place = models.CharField(max_length=200, blank=True)
    contents = models.TextField(blank=True)
    planned_start = models.DateField(null=True, blank=True)
    planned_finish = models.DateField(null=True, blank=True)
    is_linear = models.BooleanField(default=False)
    length_m = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    # Fact code -> value; null is the answer "I do not know", an absent code has not been asked.
    facts = models.JSONField(default=dict)
    # Fact code -> where the value comes from: applicant | map | platform | window.
    fact_sources = models.JSONField(default=dict)
    edition = models.ForeignKey(
        "projects.PipelineEdition", on_delete=models.PROTECT, null=True, blank=True, related_name="projects"
    )

    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    # Handling mode of the whole (办理模式): 一般, 先建后验, 零土地承诺备案.
    mode = models.CharField(max_length=12, choices=Mode.choices, default=Mode.STANDARD)
    # Pre-review before filing (申报预审): while it is asked for, the window sees the draft.
    prereview_asked_at = models.DateTimeField(null=True, blank=True)
    prereview_answered_at = models.DateTimeField(null=True, blank=True)
    receipt_number = models.CharField(max_length=40, null=True, blank=True, unique=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    # Until when the window must answer; silence is acceptance from the day of receipt (行政许可法第三十二条).
    check_due_on = models.DateField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    acceptance_mode = models.CharField(max_length=10, choices=AcceptanceMode.choices, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_reason = models.TextField(blank=True)

    # The government's clock, stored at every transition. due_on is null while it stands still.
    day_zero = models.DateField(null=True, blank=True)
    limit_days = models.PositiveSmallIntegerField(default=40)
    # used_days is right on clock_on; later days are added by projects.queries.projects.used_until.
    clock_on = models.DateField(null=True, blank=True)
    used_days = models.PositiveSmallIntegerField(default=0)
    remaining_days = models.PositiveSmallIntegerField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    warn_on = models.DateField(null=True, blank=True)
    stopped_since = models.DateField(null=True, blank=True)
    stopped_ground = models.CharField(max_length=24, blank=True)
    is_provisional = models.BooleanField(default=False)
    calendar_version = models.CharField(max_length=12, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code"],
                condition=~Q(code="") & ~Q(state__in=["rejected", "withdrawn"]),
                name="project_code_once",
            ),
            models.UniqueConstraint(
                fields=["owner", "name"], condition=Q(state="draft"), name="project_draft_name_once"
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(state="withdrawn") | ~Q(code=""), name="project_filed_has_code"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "finished"])
                | Q(accepted_at__isnull=False, day_zero__isnull=False, edition__isnull=False),
                name="project_accepted_has_clock",
            ),
            models.CheckConstraint(
                condition=Q(planned_start__isnull=True)
                | Q(planned_finish__isnull=True)
                | Q(planned_finish__gte=F("planned_start")),
                name="project_plan_forward",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-created_at"], name="project_of_owner"),
            models.Index(fields=["district", "state", "-submitted_at"], name="project_queue"),
            models.Index(fields=["warn_on"], name="project_warn", condition=Q(state="accepted")),
            models.Index(fields=["due_on"], name="project_due", condition=Q(state="accepted")),
            models.Index(fields=["check_due_on"], name="project_check_due", condition=Q(state="submitted")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_running(self) -> bool:
        """Is the government's clock going on?"""
        return self.state == self.State.ACCEPTED and self.stopped_since is None


class Site(models.Model):
    """The red line (用地红线): one polygon or several, EPSG:4490, as it was given."""

    class Source(models.TextChoices):
        DRAWN = "drawn"
        UPLOADED = "uploaded"

    project = models.OneToOneField(Project, on_delete=models.PROTECT, primary_key=True, related_name="site")
    boundary = models.JSONField()
    # Ellipsoidal, for shares; and planar in the district's Gauss-Krueger zone, the figure that papers show.
    area_m2 = models.FloatField()
    area_legal_m2 = models.FloatField()
    epsg = models.PositiveIntegerField()
    min_lon = models.FloatField()
    min_lat = models.FloatField()
    max_lon = models.FloatField()
    max_lat = models.FloatField()
    source = models.CharField(max_length=10, choices=Source.choices)
    datum = models.CharField(max_length=20)
    file_name = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [
            # Which projects lie on land that a new layer version changed: asked by box, both ways.
            GistIndex(
                Func(
                    Func(F("min_lon"), F("min_lat"), function="point"),
                    Func(F("max_lon"), F("max_lat"), function="point"),
                    function="box",
                ),
                name="site_box",
            )
        ]

    def __str__(self) -> str:
        return f"{self.area_legal_m2:.0f} m²"


class StageCase(models.Model):
    """One stage of one project (阶段) with its own clock."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        FINISHED = "finished"
        NOT_NEEDED = "not_needed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="stages")
    code = models.CharField(max_length=4)
    name_zh = models.CharField(max_length=40)
    name_en = models.CharField(max_length=80)
    lead_department_code = models.CharField(max_length=8)
    counts = models.BooleanField(default=True)
    limit_days = models.PositiveSmallIntegerField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    day_zero = models.DateField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    used_days = models.PositiveSmallIntegerField(default=0)
    remaining_days = models.PositiveSmallIntegerField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    warn_on = models.DateField(null=True, blank=True)
    is_provisional = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "code"], name="stage_once")]
        indexes = [
            models.Index(fields=["warn_on"], name="stage_warn", condition=Q(state="running")),
            models.Index(fields=["due_on"], name="stage_due", condition=Q(state="running")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """In the reader's language."""
        return self.name_en if (get_language() or "").startswith("en") else self.name_zh


class Engagement(models.Model):
    """A design institute works for the project (委托设计单位); while it lasts its people see the drawings."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="engagements")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="engagements")
    since = models.DateTimeField()
    engaged_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "organisation"], condition=Q(until__isnull=True), name="engagement_live_once"
            )
        ]

    def __str__(self) -> str:
        return self.organisation.name
