"""Layer versions (图层版本): one import of one file, immutable once published, and its polygons.

The polygons lie twice: in longitude and latitude as they were filed, and in the national equal-area plane in which
every overlay is made. Tiles are the pieces (at most 256 vertices) that the prefilter finds by box.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone


class State(models.TextChoices):
    """Of a layer version and of an assessment (an assessment is never superseded: it is revoked or replaced)."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    REVOKED = "revoked"


class SourceFile(models.Model):
    """The file as it was given (原始文件): its bytes lie in the file store under their sha256, never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    uploaded_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class LayerVersion(models.Model):
    """One version of one layer (图层版本)."""

    class Purpose(models.TextChoices):
        ASSESSMENT = "assessment"
        PLAN = "plan"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    # None: a common layer (of a province, say) that holds in every district.
    district = models.ForeignKey("accounts.District", on_delete=models.PROTECT, null=True, related_name="+")
    # An assessment kind or a plan layer's code of regional_eval/domain.
    kind = models.CharField(max_length=40)
    # What its owner calls it; versions of one code supersede each other.
    code = models.CharField(max_length=80)
    version = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    effective_from = models.DateField()
    # The last day on which it holds; none: until it is superseded.
    effective_to = models.DateField(null=True, blank=True)
    owner_department_code = models.CharField(max_length=8, blank=True)
    # BLOCKING, MAJOR, MINOR, WARNING or INFO; empty for assessments.
    severity = models.CharField(max_length=10, blank=True)
    # What the importer gave for the whole file, as given.
    attributes = models.JSONField(default=dict)
    crs_epsg = models.PositiveIntegerField()
    # [{index, code, area_before, area_after, area_change, ...}] of the features that were not taken as they were.
    repairs = models.JSONField(default=list)
    rejections = models.JSONField(default=list)
    source = models.ForeignKey(SourceFile, on_delete=models.PROTECT, related_name="layers")
    features = models.PositiveIntegerField(default=0)
    # Over all features in their order: the same land gives the same digest.
    sha256 = models.CharField(max_length=64)
    # Metres in the equal-area plane.
    minx = models.FloatField()
    miny = models.FloatField()
    maxx = models.FloatField()
    maxy = models.FloatField()
    drafted_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    drafted_at = models.DateTimeField(default=timezone.now)
    reviewed_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    supersedes = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "district", "code", "version"], name="layer_version_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="layer_state_known"),
            models.CheckConstraint(
                condition=Q(effective_to__isnull=True) | Q(effective_to__gte=F("effective_from")),
                name="layer_interval_forward",
            ),
        ]
        indexes = [models.Index(fields=["purpose", "state", "kind"], name="layer_in_force")]

    def __str__(self) -> str:
        return f"{self.code} {self.version}"


class Feature(models.Model):
    """One polygon (or line) of a layer version (图斑); a cutout (剔除区) takes its land out of the others."""

    class Role(models.TextChoices):
        AREA = "area"
        CUTOUT = "cutout"

    id = models.BigAutoField(primary_key=True)
    layer = models.ForeignKey(LayerVersion, on_delete=models.CASCADE, related_name="+")
    # Whose terms hold on this polygon; none in plan layers.
    assessment = models.ForeignKey(
        "regional_eval.Assessment", on_delete=models.CASCADE, null=True, related_name="polygons"
    )
    index = models.PositiveIntegerField()
    role = models.CharField(max_length=6, choices=Role.choices, default=Role.AREA)
    # The file's properties of this feature.
    attributes = models.JSONField(default=dict)
    # WKB, EPSG:4490.
    lonlat = models.BinaryField()
    # WKB in the equal-area plane; null when the feature is one tile, which then holds it.
    plane = models.BinaryField(null=True)
    area_m2 = models.FloatField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["layer", "index"], name="feature_once")]

    def __str__(self) -> str:
        return f"{self.layer_id} #{self.index}"


if TYPE_CHECKING:
    AnyField = models.Field[Any, Any]
else:
    AnyField = models.Field


class BoxField(AnyField):
    """PostgreSQL's own `box`, which has a GiST operator class without any extension."""

    def db_type(self, connection: Any) -> str:
        """The column's type."""
        return "box"


class Tile(models.Model):
    """A piece of a feature with at most 256 vertices (分块); the prefilter looks here."""

    id = models.BigAutoField(primary_key=True)
    feature = models.ForeignKey(Feature, on_delete=models.CASCADE, related_name="tiles")
    layer = models.ForeignKey(LayerVersion, on_delete=models.CASCADE, related_name="+")
    # WKB in the equal-area plane.
    plane = models.BinaryField()
    minx = models.FloatField()
    miny = models.FloatField()
    maxx = models.FloatField()
    maxy = models.FloatField()
    ground = models.GeneratedField(
        expression=Func(
            Func(F("minx"), F("miny"), function="point"), Func(F("maxx"), F("maxy"), function="point"), function="box"
        ),
        output_field=BoxField(),
        db_persist=True,
    )

    class Meta:
        indexes = [GistIndex(fields=["ground"], name="tile_ground")]

    def __str__(self) -> str:
        return f"{self.feature_id}/{self.pk}"
