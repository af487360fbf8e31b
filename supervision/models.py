"""Yellow and red cards (黄牌、红牌) and how far the sweeps have come."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q


class Card(models.Model):
    """One warning or breach that a rule found: raised once for one subject, rule and date (电子监察)."""

    class Colour(models.TextChoices):
        YELLOW = "yellow"
        RED = "red"

    class State(models.TextChoices):
        ISSUED = "issued"
        EXPLAINED = "explained"
        APPEALED = "appealed"
        WITHDRAWN = "withdrawn"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    colour = models.CharField(max_length=6, choices=Colour.choices)
    rule = models.CharField(max_length=24)
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="+")
    item = models.ForeignKey("projects.ItemCase", on_delete=models.PROTECT, null=True, related_name="+")
    # What is late: item code, stage code, step number, or empty for the project itself.
    subject = models.CharField(max_length=24, blank=True)
    department_code = models.CharField(max_length=8)
    # The date behind the card, and the instant at which law says that it happened, however late it was noticed.
    on = models.DateField()
    legal_at = models.DateTimeField()
    raised_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.ISSUED)
    explanation = models.TextField(blank=True)
    explained_at = models.DateTimeField(null=True, blank=True)
    explained_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    appeal = models.TextField(blank=True)
    appealed_at = models.DateTimeField(null=True, blank=True)
    appealed_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    finding = models.TextField(blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "rule", "subject", "on"], name="card_raised_once"),
            models.CheckConstraint(
                condition=(Q(state="withdrawn") & Q(withdrawn_at__isnull=False))
                | (~Q(state="withdrawn") & Q(withdrawn_at__isnull=True)),
                name="card_withdrawn_has_its_moment",
            ),
        ]
        indexes = [
            models.Index(fields=["-legal_at"], name="card_newest"),
            models.Index(fields=["department_code", "-legal_at"], name="card_open_of", condition=~Q(state="withdrawn")),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.subject} {self.on}"


class SweepMark(models.Model):
    """Up to which day a rule has been swept; a sweep after an outage begins there."""

    rule = models.CharField(max_length=24, primary_key=True)
    swept_to = models.DateField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.rule} {self.swept_to}"
