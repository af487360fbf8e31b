"""Letters in people's inboxes (站内消息)."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q


class Letter(models.Model):
    """One message to one person: what happened, where to go. The words come from `kind` in the reader's language."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=60)
    details = models.JSONField(default=dict)
    # A path inside this product; for agents it begins with /as/<mandate>/.
    link = models.CharField(max_length=300, blank=True)
    project_id = models.UUIDField(null=True)
    event_id = models.UUIDField()
    asks_for_action = models.BooleanField(default=False)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "event_id", "kind", "link"], name="letter_once")]
        indexes = [
            models.Index(fields=["person", "-at"], name="letter_of_person"),
            models.Index(fields=["person"], name="letter_unread", condition=Q(read_at__isnull=True)),
        ]
