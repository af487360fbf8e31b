"""Drawing sets, revisions, files, sheets, the op log of each sheet, and the marks it folds to."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from drawings.states import FILE_STATES, REVISION_STATES, SHEET_STATES


class DrawingSet(models.Model):
    """The drawings of one purpose in one project (图纸集): 总平面图, 建筑施工图, ..."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="drawing_sets")
    # The item (事项) whose material it is, by code; none: of the project as a whole.
    item_code = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=120)
    stage = models.CharField(max_length=40, blank=True)
    made_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+", null=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="drawing_set_name_once")]

    def __str__(self) -> str:
        return self.name


class Revision(models.Model):
    """One delivery of a set (版本): A, B, C ... It is clean when every file in it is."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    set = models.ForeignKey(DrawingSet, on_delete=models.PROTECT, related_name="revisions")
    position = models.PositiveIntegerField()
    no = models.CharField(max_length=4)
    note = models.CharField(max_length=400, blank=True)
    state = models.CharField(max_length=10, choices=[(s, s) for s in REVISION_STATES], default="uploading")
    # What it was acted for: the agent's mandate stays readable beside the person.
    made_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+", null=True)
    on_behalf_of = models.UUIDField(null=True)
    made_at = models.DateTimeField(default=timezone.now)
    checked_at = models.DateTimeField(null=True)
    # What the intake checks found in it (drawings.rules.intake), with names of sheets and numbers: [{code, level, ...}].
    checks = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["set", "position"], name="revision_once"),
            models.CheckConstraint(condition=Q(state__in=REVISION_STATES), name="revision_state_known"),
        ]

    def __str__(self) -> str:
        return self.no


class SourceFile(models.Model):
    """One file as it was sent (原始文件), on its way from quarantine to the clean store, or refused with a code."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="files")
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=255)
    # The folder it lay in when a whole folder was sent; for people, never a path of ours.
    folder = models.CharField(max_length=400, blank=True)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    format = models.CharField(max_length=8, blank=True)
    state = models.CharField(max_length=10, choices=[(s, s) for s in FILE_STATES], default="queued")
    # Withdrawn by the applicant after a refusal; kept for the record, counts for nothing.
    withdrawn_at = models.DateTimeField(null=True)
    # The random name under BLOB_DIR/quarantine; empty once the file is clean or thrown away.
    quarantine = models.CharField(max_length=64, blank=True)
    # Where its prepared sheets are: /r/<render_sha>/<sheet key>/.
    render_sha = models.CharField(max_length=64, blank=True)
    progress = models.PositiveSmallIntegerField(default=0)
    step = models.CharField(max_length=40, blank=True)
    # Why it was refused: a code of the closed list (drawings.cad.errors) and the detail of this file, {zh, en}.
    code = models.CharField(max_length=20, blank=True)
    detail = models.JSONField(default=dict)
    # What the sandbox found: units, layers, fonts, warnings (docs/drawing-format.md).
    findings = models.JSONField(default=dict)
    attempts = models.PositiveSmallIntegerField(default=0)
    # A worker holds the file until then; afterwards another may take it.
    held_until = models.DateTimeField(null=True)
    # When a worker was last asked to take it.
    asked_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    # Prepared anew (重新制备): who is at it, by which version it was tried last, how often, and why that failed. The
    # database has the defaults, too: a web process of the version before writes rows while this one is installed.
    anew_lease = models.UUIDField(null=True)
    anew_version = models.CharField(max_length=12, blank=True, default="", db_default="")
    anew_attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    anew_code = models.CharField(max_length=20, blank=True, default="", db_default="")
    anew_detail = models.JSONField(default=dict, blank=True, db_default={})

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=FILE_STATES), name="file_state_known"),
            models.CheckConstraint(condition=Q(progress__lte=100), name="file_progress_percent"),
            models.UniqueConstraint(
                fields=["revision", "sha256"], condition=Q(withdrawn_at__isnull=True), name="file_content_once"
            ),
        ]
        indexes = [
            models.Index(fields=["sha256"], name="file_sha256"),
            models.Index(fields=["render_sha"], name="file_render_sha", condition=~Q(render_sha="")),
            models.Index(
                fields=["made_at"], name="file_waiting", condition=Q(state__in=["queued", "inspecting", "rendering"])
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Upload(models.Model):
    """A file on its way to us, piece by piece (断点续传): `offset` bytes of `size` are on disk. Gone once it is handed in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    set = models.ForeignKey(DrawingSet, on_delete=models.PROTECT, related_name="uploads")
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.UUIDField(null=True)
    name = models.CharField(max_length=255)
    folder = models.CharField(max_length=400, blank=True)
    size = models.BigIntegerField()
    # What the sender says the whole file hashes to; compared when the last byte is here.
    sha256 = models.CharField(max_length=64)
    offset = models.BigIntegerField(default=0)
    # The random name under BLOB_DIR/quarantine.
    quarantine = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=timezone.now)
    # When the last piece came; an upload that nobody continues is thrown away.
    touched_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["set", "person", "on_behalf_of", "sha256", "name", "folder"],
                nulls_distinct=False,
                name="upload_once",
            ),
            models.CheckConstraint(
                condition=Q(offset__gte=0, offset__lte=models.F("size")), name="upload_offset_in_size"
            ),
        ]
        indexes = [models.Index(fields=["touched_at"], name="upload_touched")]

    def __str__(self) -> str:
        return f"{self.name} {self.offset}/{self.size}"

    @property
    def complete(self) -> bool:
        """Is every byte here (and the checksum right)?"""
        return self.offset == self.size


class LayerState(models.Model):
    """A named set of layers that are on and off (图层状态), kept by a person for the sheets of a set; shared or his alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    set = models.ForeignKey(DrawingSet, on_delete=models.PROTECT, related_name="layer_states")
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    # The organisation he acts for, none for reviewers: it is shared with those who act for the same.
    principal_id = models.UUIDField(null=True)
    name = models.CharField(max_length=60)
    # Names of layers; one in neither list is left as it is.
    shown = models.JSONField(default=list)
    hidden = models.JSONField(default=list)
    shared = models.BooleanField(default=False)
    kept_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["set", "person", "principal_id", "name"], nulls_distinct=False, name="layer_state_name_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Sheet(models.Model):
    """One sheet of one revision (图幅) with its own op log; `seq` counts the log and is raised only under its row lock."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="sheets")
    file = models.ForeignKey(SourceFile, on_delete=models.PROTECT, related_name="sheets")
    key = models.CharField(max_length=80)
    # The older preparation it stays with, where the file's newest no longer gives it; empty: it is in the file's.
    kept_sha = models.CharField(max_length=64, blank=True, default="", db_default="")
    # When a newer version found it in a file that was handed in before (重新制备时发现).
    found_at = models.DateTimeField(null=True)
    position = models.PositiveIntegerField(default=0)
    number = models.CharField(max_length=60, blank=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10)
    bbox = ArrayField(models.FloatField(), size=4)
    units = models.CharField(max_length=20, blank=True)
    # Metres of the real thing in one drawing unit; none: unknown, the uploader is asked.
    scale = models.FloatField(null=True)
    # Of everything drawn on it: equal fingerprints are identical sheets of two revisions.
    fingerprint = models.CharField(max_length=64, blank=True)
    fidelity = models.JSONField(default=dict)
    # What was read from its texts and lines at intake: title block, drawing list, red lines (drawings.cad.readings).
    readings = models.JSONField(default=dict, blank=True)
    predecessor = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="successors")

    state = models.CharField(max_length=8, choices=[(s, s) for s in SHEET_STATES], default="draft")
    # The round (联审轮次) the sheet is reviewed in; joint_review stands above, so only its id.
    round_id = models.UUIDField(null=True, db_index=True)
    seq = models.PositiveIntegerField(default=0)
    head_hash = models.BinaryField(default=bytes(32))
    # A restored backup gets a new one, so that a browser which knows more than the log notices.
    epoch = models.UUIDField(default=uuid.uuid4)
    anchored_seq = models.PositiveIntegerField(default=0)
    anchored_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "kept_sha", "key"], name="sheet_key_once"),
            models.CheckConstraint(condition=Q(state__in=SHEET_STATES), name="sheet_state_known"),
            models.CheckConstraint(condition=Q(anchored_seq__lte=models.F("seq")), name="sheet_anchor_behind_head"),
        ]
        indexes = [
            models.Index(fields=["revision", "position"], name="sheet_order"),
            models.Index(fields=["kept_sha"], name="sheet_kept", condition=~Q(kept_sha="")),
        ]

    def __str__(self) -> str:
        return self.number or self.name

    @property
    def render_sha(self) -> str:
        """The preparation it is in."""
        return self.kept_sha or self.file.render_sha

    @property
    def render(self) -> str:
        """Where the prepared sheet is served, relative to the site."""
        return f"/r/{self.render_sha}/{self.key}/"


class FormerPreparation(models.Model):
    """Where a sheet was before its file was prepared anew (旧制备件): pages that are open still ask there, for a while."""

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="former")
    render_sha = models.CharField(max_length=64)
    key = models.CharField(max_length=80)
    replaced_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sheet", "render_sha", "key"], name="former_preparation_once")]
        indexes = [
            models.Index(fields=["render_sha", "key"], name="former_preparation_place"),
            models.Index(fields=["replaced_at"], name="former_preparation_age"),
        ]

    def __str__(self) -> str:
        return f"{self.render_sha}/{self.key}"


class SheetOp(models.Model):
    """One row of a sheet's log (操作日志). The database refuses to change or delete a row."""

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="ops")
    seq = models.PositiveIntegerField()
    cid = models.CharField(max_length=40)
    k = models.CharField(max_length=12)
    obj = models.UUIDField(null=True)
    ver = models.PositiveIntegerField(null=True)
    by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    dept = models.CharField(max_length=8, null=True)
    post_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    p = models.JSONField(default=dict)
    prev_hash = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sheet", "seq"], name="op_seq_once"),
            models.UniqueConstraint(fields=["sheet", "by", "cid"], nulls_distinct=False, name="op_cid_once"),
        ]
        indexes = [models.Index(fields=["obj"], name="op_of_mark", condition=Q(obj__isnull=False))]

    def __str__(self) -> str:
        return f"{self.seq} {self.k}"


class Annotation(models.Model):
    """A mark as its ops leave it (批注). Its id is made by the client and is unique over all sheets."""

    obj = models.UUIDField(primary_key=True)
    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="annotations")
    ver = models.PositiveIntegerField()
    deleted = models.BooleanField(default=False)
    cited = models.BooleanField(default=False)
    resolved = models.BooleanField(default=False)
    dept = models.CharField(max_length=8, null=True)
    author = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+", null=True)
    at = models.DateTimeField()
    p = models.JSONField()
    thread = models.JSONField(default=list)
    # The opinions (审查意见) that cite it, by id.
    cited_by = ArrayField(models.UUIDField(), default=list)

    class Meta:
        indexes = [models.Index(fields=["sheet", "deleted"], name="annotation_sheet")]
        constraints = [
            models.CheckConstraint(
                condition=Q(cited=False, cited_by=[]) | (Q(cited=True) & ~Q(cited_by=[])), name="annotation_cited_by"
            ),
        ]

    def __str__(self) -> str:
        return str(self.obj)
