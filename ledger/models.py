"""Audit events, their chains, the outbox, and answers already given."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q


class ChainHead(models.Model):
    """The last row of one chain; its lock orders the chain's writers."""

    chain = models.CharField(max_length=64, primary_key=True)
    n = models.BigIntegerField(default=0)
    hash = models.BinaryField(default=bytes(32))
    at = models.DateTimeField(null=True)


class AuditEvent(models.Model):
    """One act or consequence (审计事件). The database refuses to change or delete a row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    chain = models.CharField(max_length=64)
    n = models.BigIntegerField()
    name = models.CharField(max_length=80)
    body = models.JSONField()
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64)
    project_id = models.UUIDField(null=True)
    person_id = models.BigIntegerField(null=True)
    post_id = models.BigIntegerField(null=True)
    on_behalf_of = models.UUIDField(null=True)
    mandate_id = models.UUIDField(null=True)
    cause = models.CharField(max_length=80, blank=True)
    # The database's own time: nobody can back-date. `effective_at` is the instant the act claims.
    at = models.DateTimeField()
    effective_at = models.DateTimeField()
    prev = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "n"], name="audit_chain_position")]
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], name="audit_subject"),
            models.Index(fields=["project_id", "at"], name="audit_project", condition=Q(project_id__isnull=False)),
            models.Index(fields=["at"], name="audit_at"),
        ]

    def hashed_content(self) -> dict[str, object]:
        """What the row's hash covers: everything but the hashes."""
        return {
            "chain": self.chain,
            "n": self.n,
            "id": str(self.id),
            "name": self.name,
            "body": self.body,
            "subject": [self.subject_type, self.subject_id],
            "project": str(self.project_id) if self.project_id else None,
            "person": self.person_id,
            "post": self.post_id,
            "for": str(self.on_behalf_of) if self.on_behalf_of else None,
            "mandate": str(self.mandate_id) if self.mandate_id else None,
            "cause": self.cause,
            "at": int(self.at.timestamp() * 1_000_000),
            "effective": int(self.effective_at.timestamp() * 1_000_000),
        }


class Outbox(models.Model):
    """One event waiting for one subscriber (发件箱)."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        PARKED = "parked"

    event = models.ForeignKey(AuditEvent, on_delete=models.PROTECT, related_name="deliveries")
    handler = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField()
    last_error = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "handler"], name="outbox_once")]
        indexes = [models.Index(fields=["next_at", "id"], name="outbox_waiting", condition=Q(state="waiting"))]


class Answer(models.Model):
    """The first answer to an unsafe request, given again to its repeats (幂等键)."""

    scope = models.CharField(max_length=80)
    key = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="answer_once")]
        indexes = [models.Index(fields=["at"], name="answer_at")]
