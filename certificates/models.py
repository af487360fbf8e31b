"""Papers with their numbers, and the seals that stand under them."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from certificates.states import ISSUED, REVOKED, SEALING, STATES


class NumberRule(models.Model):
    """How one district writes 文号; without a row the pattern in papers/kinds.yaml holds."""

    district = models.ForeignKey("accounts.District", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40, blank=True)  # empty: every kind
    pattern = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "kind"], name="number_rule_once")]

    def __str__(self) -> str:
        return self.pattern


class NumberSeries(models.Model):
    """The last number given in one district, kind and year (文号流水): raised under its row lock, so without gaps."""

    district = models.ForeignKey("accounts.District", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "kind", "year"], name="number_series_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.year}: {self.last}"


class SealKey(models.Model):
    """The signing certificate of one department's seal (电子印章); the private key lies in KEY_DIR or in a device."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    department = models.OneToOneField("accounts.Department", on_delete=models.PROTECT, related_name="+")
    provider = models.CharField(max_length=40, default="file")
    algorithm = models.CharField(max_length=40)
    serial = models.CharField(max_length=64, unique=True)
    certificate = models.BinaryField()
    code = models.CharField(max_length=20)  # 印章编码, printed along the lower arc
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.department_id} {self.serial}"


class Paper(models.Model):
    """One official paper (文书): numbered in the act that issues it, sealed soon after by the outbox."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=80)
    district = models.ForeignKey("accounts.District", on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    n = models.PositiveIntegerField()
    number = models.CharField(max_length=80)
    verify_code = models.CharField(max_length=20, unique=True)
    day = models.DateField()
    addressee = models.CharField(max_length=200)
    # The project is a room above: an id, never a foreign key.
    project_id = models.UUIDField(null=True, db_index=True)
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, null=True, related_name="+")
    # Whose power is exercised, and whose seal it is (powers table, 权责清单).
    signer = models.ForeignKey("accounts.Department", on_delete=models.PROTECT, related_name="+")
    sealer = models.ForeignKey("accounts.Department", on_delete=models.PROTECT, related_name="+")
    # Codes of all departments that took part; their people may read the paper.
    department_codes = ArrayField(models.CharField(max_length=8))
    # What is printed, fixed when the number is given: certificates.rendering.content.to_json.
    content = models.JSONField()
    state = models.CharField(max_length=10, choices=[(state, state) for state in STATES], default=SEALING)
    issued_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField()
    seal_key = models.ForeignKey(SealKey, on_delete=models.PROTECT, null=True, related_name="papers")
    sealed_at = models.DateTimeField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveIntegerField(null=True)
    pages = models.PositiveSmallIntegerField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    revoked_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "kind", "year", "n"], name="paper_number_once"),
            models.UniqueConstraint(fields=["district", "number"], name="paper_written_number_once"),
            models.UniqueConstraint(fields=["sha256"], condition=~Q(sha256=""), name="paper_file_once"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="paper_state_known"),
            models.CheckConstraint(
                condition=Q(state=SEALING, sha256="", sealed_at__isnull=True)
                | (Q(state__in=[ISSUED, REVOKED], sealed_at__isnull=False, seal_key__isnull=False) & ~Q(sha256="")),
                name="paper_sealed_means_file",
            ),
            models.CheckConstraint(
                condition=Q(state=REVOKED, revoked_at__isnull=False) | (~Q(state=REVOKED) & Q(revoked_at__isnull=True)),
                name="paper_revoked_means_instant",
            ),
            models.CheckConstraint(condition=Q(n__gte=1), name="paper_numbers_from_one"),
        ]
        indexes = [
            models.Index(fields=["project_id", "issued_at"], name="paper_of_project"),
            models.Index(fields=["organisation", "issued_at"], name="paper_of_organisation"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"
