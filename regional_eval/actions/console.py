"""What an operator does at the console (控制台导入): a file of plans or assessments that are approved and in force.

On pages publication takes a review and two people. At the console the operator of the installation answers for it: the
audit says so, with the file's digest, and the same consequences follow (successors, recall, re-checks).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from ledger.actor import Actor
from regional_eval.actions.imports import record_import
from regional_eval.actions.layers import publish_layer
from regional_eval.importing.store import ImportReport, import_layer_file
from regional_eval.models import LayerVersion, State

CAUSE = "LayerImported"


@transaction.atomic
def import_at_console(
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
) -> ImportReport:
    """Import a file and give each version the state that its attributes ask for; a plan layer is published.

    Refused as `import_layer_file` refuses.
    """
    actor = Actor.system(cause=CAUSE)
    report = import_layer_file(
        data,
        name,
        purpose=purpose,
        code=code,
        version=version,
        attributes=attributes,
        crs=crs,
        district_id=district_id,
        home_epsg=home_epsg,
        default_state=State.PUBLISHED if purpose == "plan" else State.DRAFT,
    )
    for layer_id, state in report.wanted.items():
        record_import(LayerVersion.objects.select_related("source").get(pk=layer_id), actor=actor)
        bring_to(layer_id, state, actor)
    return report


def bring_to(layer_id: UUID, state: str, actor: Actor) -> None:
    """Publish, or mark as what the file says it is."""
    layer = LayerVersion.objects.select_for_update().get(pk=layer_id)
    layer.state = State.REVIEWED if state == State.PUBLISHED else state
    layer.save(update_fields=["state"])
    layer.assessments.update(state=layer.state)
    if state == State.PUBLISHED:
        publish_layer(layer_id, actor=actor)
