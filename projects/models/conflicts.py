"""What a project's site runs into (规划核查): checks as they were made, conflicts, overrides, and plans against plans."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

# What an owner department may find of a conflict (认定意见).
FINDINGS = ("wrong_layer", "not_applicable", "approved", "conditions")
# What an owner says of a contradiction between its plan and another's (答复).
POSITIONS = ("amend", "stand", "no_contradiction")
CAUSES = ("asked", "site_set", "layer_published", "layer_ended")


class SiteCheck(models.Model):
    """One check of a site against the plans in force (规划核查), as it was answered: hits, and layers checked and clear.

    Never changed: `sha256` is that of `result`, which holds the site's own digest and every layer version.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="site_checks")
    # The how-manieth check of this project: which one is the last does not hang on a clock.
    no = models.PositiveIntegerField()
    # Which law and which versions: those in force on this day.
    on = models.DateField()
    at = models.DateTimeField()
    made_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    cause = models.CharField(max_length=16, choices=[(c, c) for c in CAUSES])
    # The layer version whose publication made it needed.
    layer_id = models.UUIDField(null=True, blank=True)
    site_sha256 = models.CharField(max_length=64)
    rule = models.CharField(max_length=40)
    # [{id, sha256}] of the plan layer versions that were asked.
    layers = models.JSONField(default=list)
    # Codes of plan layers with a version in force that the site does not run into (核查无冲突).
    clear = ArrayField(models.CharField(max_length=40), default=list)
    # The answer as the engine gave it, with the facts that were compared.
    result = models.JSONField()
    sha256 = models.CharField(max_length=64)
    # Against the check before: how many conflicts came and went.
    came = models.PositiveIntegerField(default=0)
    went = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "no"], name="site_check_no_once"),
            models.CheckConstraint(condition=Q(cause__in=CAUSES), name="site_check_cause_known"),
        ]
        ordering = ["-no"]

    def __str__(self) -> str:
        return f"{self.project_id} {self.on}"


class PlanConflict(models.Model):
    """One conflict of a project with one plan (规划冲突); what was found never changes, what became of it is its state."""

    class State(models.TextChoices):
        OPEN = "open"
        OVERRIDDEN = "overridden"
        # A later check no longer finds it.
        RESOLVED = "resolved"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="plan_conflicts")
    first_check = models.ForeignKey(SiteCheck, on_delete=models.PROTECT, related_name="+")
    last_check = models.ForeignKey(SiteCheck, on_delete=models.PROTECT, related_name="conflicts")
    # Code of plan_layers.yaml, the version, its polygon (-1: the site as a whole), the kind of conflict.
    layer = models.CharField(max_length=40)
    layer_id = models.UUIDField()
    feature = models.IntegerField()
    kind = models.CharField(max_length=24)
    severity = models.CharField(max_length=10)
    area_m2 = models.FloatField()
    mu = models.FloatField()
    share = models.FloatField()
    geometry = models.JSONField()
    reasons = models.JSONField(default=list)
    # Whose plan it is.
    department_code = models.CharField(max_length=8)
    # Of everything above that makes it this conflict: found again, it is the same one.
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "digest"], condition=~Q(state="resolved"), name="plan_conflict_live_once"
            ),
            models.CheckConstraint(
                condition=Q(state="resolved", resolved_at__isnull=False)
                | ~Q(state="resolved") & Q(resolved_at__isnull=True),
                name="plan_conflict_resolved_at",
            ),
        ]
        indexes = [
            models.Index(fields=["project", "state"], name="plan_conflict_of_project"),
            models.Index(fields=["department_code", "state"], name="plan_conflict_of_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.layer} {self.kind}"


class ConflictOverride(models.Model):
    """The owner department's finding on a conflict, with its reason (认定意见); the conflict itself stays as it was found."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conflict = models.OneToOneField(PlanConflict, on_delete=models.PROTECT, related_name="override")
    finding = models.CharField(max_length=16, choices=[(f, f) for f in FINDINGS])
    reason = models.TextField()
    # The approval or opinion it stands on (文号), and what the project must keep to.
    document = models.CharField(max_length=120, blank=True)
    conditions = models.TextField(blank=True)
    department_code = models.CharField(max_length=8)
    made_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(finding__in=FINDINGS), name="override_finding_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="override_says_why"),
            models.CheckConstraint(condition=~Q(finding="approved") | ~Q(document=""), name="override_names_approval"),
            models.CheckConstraint(condition=~Q(finding="conditions") | ~Q(conditions=""), name="override_sets_terms"),
        ]

    def __str__(self) -> str:
        return f"{self.conflict_id} {self.finding}"


class PlanContradiction(models.Model):
    """Two published plans that no project can follow together on some ground (规划间矛盾): a case of their owners.

    One case per pair of versions and reason; `patches` are the places. It freezes no project.
    """

    class State(models.TextChoices):
        OPEN = "open"
        # Every owner has answered.
        CLOSED = "closed"
        # A later version of one of the two no longer contradicts.
        GONE = "gone"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    district = models.ForeignKey("accounts.District", on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    first_layer_id = models.UUIDField()
    first_layer = models.CharField(max_length=40)
    first_title = models.CharField(max_length=160)
    first_department_code = models.CharField(max_length=8)
    second_layer_id = models.UUIDField()
    second_layer = models.CharField(max_length=40)
    second_title = models.CharField(max_length=160)
    second_department_code = models.CharField(max_length=8)
    # Code of the reason, and each place: {first, second, area_m2, mu, geometry, reason}; the largest first.
    reason = models.CharField(max_length=32)
    patches = models.JSONField()
    area_m2 = models.FloatField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    found_at = models.DateTimeField()
    # Working days of its own (clock of the coordination, not of any project).
    due_on = models.DateField()
    closed_at = models.DateTimeField(null=True, blank=True)
    # Of the answers: agreed (one plan is amended), dismissed, or referred to the government above both.
    outcome = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "number"], name="contradiction_number_once"),
            models.UniqueConstraint(fields=["first_layer_id", "second_layer_id", "reason"], name="contradiction_once"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True, outcome="")
                | Q(state="gone", closed_at__isnull=False)
                | Q(state="closed", closed_at__isnull=False) & ~Q(outcome=""),
                name="contradiction_closed_with_outcome",
            ),
        ]
        indexes = [models.Index(fields=["district", "state", "due_on"], name="contradiction_desk")]
        ordering = ["due_on", "number"]

    def __str__(self) -> str:
        return f"{self.first_layer} / {self.second_layer}"

    @property
    def owners(self) -> tuple[str, ...]:
        """The departments that must answer: two, or one that owns both plans."""
        return tuple(dict.fromkeys((self.first_department_code, self.second_department_code)))


class ContradictionAnswer(models.Model):
    """What one owner says (答复): amend its own plan, stand by it, or find no contradiction."""

    contradiction = models.ForeignKey(PlanContradiction, on_delete=models.PROTECT, related_name="answers")
    department_code = models.CharField(max_length=8)
    position = models.CharField(max_length=16, choices=[(p, p) for p in POSITIONS])
    text = models.TextField()
    made_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contradiction", "department_code"], name="contradiction_answered_once"),
            models.CheckConstraint(condition=Q(position__in=POSITIONS), name="contradiction_position_known"),
            models.CheckConstraint(condition=~Q(text=""), name="contradiction_answer_says_why"),
        ]
        ordering = ["made_at"]

    def __str__(self) -> str:
        return f"{self.contradiction_id} {self.department_code}"
