"""What pages keep for their reader: unsent text."""

from __future__ import annotations

from django.db import models


class Draft(models.Model):
    """Text a person has not sent yet (草稿): one per form, person and mandate."""

    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    mandate_id = models.UUIDField(null=True)
    key = models.CharField(max_length=120)
    content = models.JSONField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "mandate_id", "key"], name="draft_once", nulls_distinct=False)
        ]
