"""Handing out a project in the exchange tables (按共享交换标准导出): reading that is recorded."""

from __future__ import annotations

import hashlib
from uuid import UUID

from django.db import transaction

from accounts.access import is_masked, require
from ledger.actor import Actor
from ledger.errors import NotFound, Refused
from ledger.record import record
from projects.events import DossierExported
from projects.models import Project
from projects.queries.exchange import exchange_tables
from projects.queries.exchange_files import as_csv, as_json
from projects.words import _

WRITERS = {"json": as_json, "csv": as_csv}


@transaction.atomic
def export_dossier(project_id: UUID, format_: str, *, actor: Actor) -> bytes:
    """The project as JSON, or as a zip of CSV tables; who exported what is on record, with the hash of the bytes.

    Refused for another format. Names of people are masked for readers who may only see masked records.
    """
    project = Project.objects.select_related("owner", "district", "edition", "site").filter(pk=project_id).first()
    if project is None:
        raise NotFound
    require(actor, "project.export_dossier", project)
    if format_ not in WRITERS:
        raise Refused("export_format", _("导出格式应为 json 或 csv。"), field="format")
    tables = exchange_tables(project, masked=is_masked(actor, "project.export_dossier", project))
    content = WRITERS[format_](tables)
    event = DossierExported(project_id=project.pk, format=format_, sha256=hashlib.sha256(content).hexdigest())
    record(event, actor=actor, subject=project, project_id=project.pk)
    return content
