"""Writing a draft layer version with its land (写入图层版本): the only place where features and tiles are made.

Whoever calls it has asked for permission and records the event: `regional_eval.actions`. A file whose features name
different plan layers, or other intervals, gives one version for each; terms of assessments that differ give one
assessment each within one version.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

import shapely
from django.db import connection, transaction
from django.db.models import Q

from accounts.legal_day import today_in_shanghai
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Refused
from regional_eval import file_store
from regional_eval.domain import assessment_kinds, plan_layers
from regional_eval.geometry.tiles import tiles_of
from regional_eval.importing import terms as reading
from regional_eval.importing.examine import Examined, Piece, examine
from regional_eval.importing.terms import Terms
from regional_eval.models import Assessment, Feature, LayerVersion, Region, SourceFile, State, Tile
from regional_eval.words import _

DEEPEST = 8
LINES = "MultiLineString"


@dataclass(frozen=True)
class ImportReport:
    """What an import did; `as_json` gives the fields of cli.md."""

    version_id: UUID
    imported: int
    repaired: list[dict[str, Any]]
    rejected: list[dict[str, Any]]
    # Every version that was written: the first is `version_id`.
    versions: list[UUID]
    # The state that the attributes ask for, by version; what was written is a draft.
    wanted: dict[UUID, str] = field(default_factory=dict)
    format: str = ""
    crs_epsg: int = 0
    crs_how: str = ""
    notes: tuple[str, ...] = ()
    source_sha256: str = ""

    def as_json(self) -> dict[str, Any]:
        """For the command line and the API."""
        return {
            "imported": self.imported,
            "repaired": self.repaired,
            "rejected": self.rejected,
            "version_id": str(self.version_id),
            "versions": [str(version) for version in self.versions],
            "format": self.format,
            "crs_used": f"EPSG:{self.crs_epsg}",
            "crs_how": self.crs_how,
            "notes": list(self.notes),
            "source_sha256": self.source_sha256,
            "verdict": "warn" if self.repaired or self.rejected else "ok",
        }


@dataclass(frozen=True)
class Row:
    """One feature with its terms and attributes."""

    piece: Piece
    terms: Terms
    attributes: dict[str, Any]
    cutout: bool


@dataclass(frozen=True)
class Filing:
    """What is the same for every version of one import."""

    purpose: str
    district_id: int | None
    code: str
    version: str
    attributes: dict[str, Any]
    examined: Examined
    source: SourceFile
    drafted_by_id: int | None


@transaction.atomic
def import_layer_file(
    data: bytes,
    name: str,
    *,
    purpose: str,
    code: str,
    version: str = "",
    attributes: Mapping[str, Any] | None = None,
    crs: str = "",
    district_id: int | None = None,
    home_epsg: int | None = None,
    actor: Actor | None = None,
    default_state: str = State.DRAFT,
) -> ImportReport:
    """Read, check, repair and write a file as a draft version (导入图层). Refused as `examine` and `terms` refuse.

    `district_id` None makes a common layer; `home_epsg` is the zone near which the land must be. Without `version`
    the next number of this code is taken.
    """
    given = dict(attributes or {})
    code = code.strip()
    if not code or len(code) > 80:
        raise Refused("code", _("请填写图层编号（最多 80 个字符）。"), field="code")
    base = reading.base_terms(purpose, code, given, today_in_shanghai(), default_state=default_state)
    takes_lines = purpose == "plan" and plan_layers()[base.kind]["geometry"] == LINES
    examined = examine(data, name, crs=crs, home_epsg=home_epsg, takes_lines=takes_lines)
    rows, rejected = rows_of(examined, base, purpose)
    if not rows:
        raise Refused("attribute_unreadable", rejected[0]["reason"], field="attributes")
    source = SourceFile.objects.create(
        name=name[-200:],
        sha256=file_store.keep(data),
        size=len(data),
        uploaded_by_id=actor.person_id if actor else None,
    )
    filing = Filing(
        purpose=purpose,
        district_id=district_id,
        code=code,
        version=version.strip()[:40] or next_version(purpose, district_id, code),
        attributes=clean(given),
        examined=examined,
        source=source,
        drafted_by_id=actor.person_id if actor else None,
    )
    groups = grouped(rows, base, purpose)
    versions: list[UUID] = []
    wanted: dict[UUID, str] = {}
    for position, (terms, members) in enumerate(groups):
        layer = write_layer(filing, terms, members, rejected if position == 0 else [], position)
        versions.append(layer.pk)
        wanted[layer.pk] = terms.state
    return ImportReport(
        version_id=versions[0],
        imported=len(rows),
        repaired=examined.repaired,
        rejected=rejected,
        versions=versions,
        wanted=wanted,
        format=examined.format,
        crs_epsg=examined.system.epsg,
        crs_how=examined.system.how,
        notes=examined.notes,
        source_sha256=source.sha256,
    )


def rows_of(examined: Examined, base: Terms, purpose: str) -> tuple[list[Row], list[dict[str, Any]]]:
    """Every feature with its terms; one whose own terms cannot be read is rejected, not taken with the file's."""
    rows: list[Row] = []
    rejected = list(examined.rejected)
    for piece in examined.pieces:
        given = reading.split(piece.properties)
        try:
            own = reading.over(base, reading.of_feature(given.values, purpose), purpose)
        except Refused as refusal:
            rejected.append({"index": piece.index, "code": refusal.code, "reason": refusal.message})
            continue
        attributes = clean(dict(piece.properties))
        if "severity" in given.values:
            attributes["severity"] = own.severity
        rows.append(Row(piece, own, attributes, reading.is_cutout(given.values)))
    rejected.sort(key=lambda entry: int(entry["index"]))
    return rows, rejected


def grouped(rows: Sequence[Row], base: Terms, purpose: str) -> list[tuple[Terms, list[Row]]]:
    """The rows of each version to write: for plans by kind, interval and state, for assessments all together."""
    if purpose == "assessment":
        # The version shows the first terms; a feature that is revoked or a draft goes with its like.
        by_state: dict[str, list[Row]] = {}
        for row in rows:
            by_state.setdefault(row.terms.state, []).append(row)
        return [(replace(members[0].terms, state=state), members) for state, members in by_state.items()]
    found: dict[Terms, list[Row]] = {}
    for row in rows:
        key = Terms(kind=row.terms.kind, state=row.terms.state, valid_from=row.terms.valid_from,
                    valid_to=row.terms.valid_to, severity=base.severity, owner=row.terms.owner)  # fmt: skip
        found.setdefault(key, []).append(row)
    return list(found.items())


def next_version(purpose: str, district_id: int | None, code: str) -> str:
    """The number after the largest whole number that a version of this code has."""
    taken = LayerVersion.objects.filter(Q(district_id=district_id), purpose=purpose, code=code)
    numbers = [int(text) for text in taken.values_list("version", flat=True) if text.isdecimal()]
    return str(max(numbers, default=0) + 1)


def write_layer(
    filing: Filing, terms: Terms, rows: Sequence[Row], rejected: list[dict[str, Any]], position: int
) -> LayerVersion:
    """One version with its assessments, features and tiles."""
    code = filing.code if position == 0 else f"{filing.code}/{terms.kind}/{position}"[:80]
    taken = LayerVersion.objects.filter(
        Q(district_id=filing.district_id), purpose=filing.purpose, code=code, version=filing.version
    )
    if taken.exists():
        raise Refused(
            "version_exists",
            _("图层“%(code)s”的版本“%(version)s”已经存在，已导入的版本不能覆盖。")
            % {"code": code, "version": filing.version},
            field="version",
            next_step=_("请改用新的版本号。"),
        )
    kind = plan_layers()[terms.kind] if filing.purpose == "plan" else assessment_kinds()[terms.kind]
    boxes = [row.piece.land.plane.bounds for row in rows]
    indexes = {row.piece.index for row in rows}
    layer = LayerVersion.objects.create(
        purpose=filing.purpose,
        district_id=filing.district_id,
        kind=terms.kind,
        code=code,
        version=filing.version,
        effective_from=min(row.terms.valid_from for row in rows),
        effective_to=latest([row.terms.valid_to for row in rows]),
        owner_department_code=terms.owner[:8] or str(kind.get("authority") or kind.get("approving_department") or ""),
        severity=(terms.severity or str(kind["default_severity"])) if filing.purpose == "plan" else "",
        attributes=filing.attributes,
        crs_epsg=filing.examined.system.epsg,
        repairs=[entry for entry in filing.examined.repaired if entry["index"] in indexes],
        rejections=rejected,
        source=filing.source,
        features=len(rows),
        sha256=digest_of(rows),
        minx=min(box[0] for box in boxes),
        miny=min(box[1] for box in boxes),
        maxx=max(box[2] for box in boxes),
        maxy=max(box[3] for box in boxes),
        drafted_by_id=filing.drafted_by_id,
        drafted_at=now(),
    )
    assessments = write_assessments(filing, layer, rows) if filing.purpose == "assessment" else {}
    write_land(layer, rows, assessments)
    return layer


def latest(days: Sequence[date | None]) -> date | None:
    """The latest day; None when one has no end."""
    known = [day for day in days if day is not None]
    return max(known) if known and len(known) == len(days) else None


def digest_of(rows: Sequence[Row]) -> str:
    """The version's digest: land, role and attributes of every feature in their order."""
    total = hashlib.sha256()
    for row in rows:
        text = json.dumps(row.attributes, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        total.update(f"{row.piece.land.sha256}:{int(row.cutout)}:{text}\n".encode())
    return total.hexdigest()


def write_assessments(filing: Filing, layer: LayerVersion, rows: Sequence[Row]) -> dict[Terms, UUID]:
    """One assessment for each set of terms; a cutout belongs to the terms it has."""
    made: dict[Terms, UUID] = {}
    regions: dict[str, Region] = {}
    for row in rows:
        terms = row.terms
        if terms in made:
            continue
        region_code = (terms.region_code or terms.region or filing.code)[:80]
        region = regions.get(region_code)
        if region is None:
            region = Region.objects.filter(Q(district_id=filing.district_id), code=region_code).first()
            if region is None:
                region = Region.objects.create(
                    district_id=filing.district_id, code=region_code, name=(terms.region or region_code)[:120]
                )
            regions[region_code] = region
        kind = assessment_kinds()[terms.kind]
        assessment = Assessment.objects.create(
            region=region,
            layer=layer,
            kind=terms.kind,
            number=terms.number,
            holder=terms.holder,
            report_document=terms.report_document[:200],
            expert_opinion=terms.expert_opinion,
            approval_document_no=terms.approval_document_no,
            approved_on=terms.approved_on,
            valid_from=terms.valid_from,
            valid_to=terms.valid_to,
            plan_version=terms.plan_version[:80],
            parameter_limits=terms.limits_as_rows(),
            industries=list(terms.industries),
            negative_list=list(terms.negative_list),
            exceptions=[as_exception(entry) for entry in terms.exceptions],
            effect=terms.effect or kind["default_effect"],
            not_needed=terms.not_needed,
            fee_saved_yuan=terms.fee_saved_yuan,
            days_saved=terms.days_saved,
        )
        made[terms] = assessment.pk
    return made


def as_exception(entry: str) -> Any:
    """An exception that was an object in the file is one again."""
    return json.loads(entry) if entry.startswith("{") else entry


def write_land(layer: LayerVersion, rows: Sequence[Row], assessments: Mapping[Terms, UUID]) -> None:
    """Features and tiles by COPY: an import of a hundred thousand polygons is one statement each."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [Feature._meta.db_table, len(rows)],
        )
        ids = [number for (number,) in cursor.fetchall()]
        cut = [tiles_of(row.piece.land.plane) for row in rows]
        columns = "id, layer_id, assessment_id, index, role, attributes, lonlat, plane, area_m2, sha256"
        with cursor.copy(f'COPY "{Feature._meta.db_table}" ({columns}) FROM STDIN') as copy:
            for number, row, tiles in zip(ids, rows, cut, strict=True):
                land = row.piece.land
                copy.write_row(
                    (
                        number,
                        layer.pk,
                        assessments.get(row.terms),
                        row.piece.index,
                        Feature.Role.CUTOUT.value if row.cutout else Feature.Role.AREA.value,
                        json.dumps(row.attributes, ensure_ascii=False),
                        shapely.to_wkb(land.lonlat),
                        shapely.to_wkb(land.plane) if len(tiles) > 1 else None,
                        land.area_m2,
                        land.sha256,
                    )
                )
        with cursor.copy(
            f'COPY "{Tile._meta.db_table}" (feature_id, layer_id, plane, minx, miny, maxx, maxy) FROM STDIN'
        ) as copy:
            for number, tiles in zip(ids, cut, strict=True):
                for tile in tiles:
                    copy.write_row((number, layer.pk, shapely.to_wkb(tile), *tile.bounds))


def clean(value: Any, depth: int = 0) -> Any:
    """A value that jsonb takes: no NaN, no NUL, not nested without end."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return value.replace("\x00", "")
    if value is None or isinstance(value, bool | int):
        return value
    if depth >= DEEPEST:
        return str(value)[:200]
    if isinstance(value, Mapping):
        return {str(name).replace("\x00", ""): clean(member, depth + 1) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [clean(member, depth + 1) for member in value]
    return str(value)
