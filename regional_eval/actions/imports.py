"""A file becomes a draft version (导入图层): permission and audit around the one writer of features and tiles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts.access import require
from accounts.queries import district
from ledger.actor import Actor
from ledger.record import record
from regional_eval.events import LayerImported
from regional_eval.importing.store import ImportReport, import_layer_file
from regional_eval.models import LayerVersion

ROW = {"assessment": "assessment.draft", "plan": "plan_layer.import"}


@transaction.atomic
def import_layer(
    data: bytes,
    name: str,
    *,
    actor: Actor,
    purpose: str,
    code: str,
    version: str = "",
    attributes: Mapping[str, Any] | None = None,
    crs: str = "",
) -> ImportReport:
    """Read, check, repair with a report and keep a file as a draft of one's own district (导入图层).

    Refused as `import_layer_file` refuses. Whatever state the file asks for, it is a draft: publication takes a review
    and two people.
    """
    require(actor, ROW[purpose])
    home = district(actor.district_id) if actor.district_id else None
    report = import_layer_file(
        data,
        name,
        purpose=purpose,
        code=code,
        version=version,
        attributes=attributes,
        crs=crs,
        district_id=actor.district_id,
        home_epsg=home.epsg if home else None,
        actor=actor,
    )
    for layer in LayerVersion.objects.filter(pk__in=report.versions).select_related("source"):
        record_import(layer, actor=actor)
    return report


def record_import(layer: LayerVersion, *, actor: Actor) -> None:
    """Note in the audit what came in from which bytes."""
    event = LayerImported(
        layer_id=layer.pk,
        purpose=layer.purpose,
        kind=layer.kind,
        code=layer.code,
        version=layer.version,
        features=layer.features,
        repaired=len(layer.repairs),
        rejected=len(layer.rejections),
        sha256=layer.source.sha256,
    )
    record(event, actor=actor, subject=layer)
