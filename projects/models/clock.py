"""Stops of the clock (时限中止) and contested days (异议)."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q


class ClockPause(models.Model):
    """A stop of one item's clock, or of all of the project's when `item` is null; with its legal ground and proof."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="pauses")
    item = models.ForeignKey(
        "projects.ItemCase", on_delete=models.PROTECT, null=True, blank=True, related_name="pauses"
    )
    ground = models.CharField(max_length=24)
    basis = models.TextField(blank=True)
    evidence = models.TextField()
    expected_days = models.PositiveSmallIntegerField(null=True, blank=True)
    # No day from starts_on to ends_on, both included, counts.
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    started_at = models.DateTimeField()
    started_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    end_evidence = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                # An answer on the very day of the notice leaves an empty pause: it ends the day before it would begin.
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")) | Q(ended_at__isnull=False),
                name="pause_forward",
            ),
            models.UniqueConstraint(
                fields=["item", "ground"], condition=Q(ended_at__isnull=True), name="pause_open_once"
            ),
        ]
        indexes = [models.Index(fields=["project", "starts_on"], name="pause_of_project")]

    def __str__(self) -> str:
        return f"{self.ground} {self.starts_on}"


class DayContest(models.Model):
    """The enterprise contests one day of the ledger (逐日台账异议); the supervisor answers."""

    class State(models.TextChoices):
        OPEN = "open"
        UPHELD = "upheld"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="contests")
    day = models.DateField()
    reason = models.TextField()
    # The row as it stood when it was contested.
    row = models.JSONField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "day"], condition=Q(state="open"), name="day_contested_once_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.day}"
