"""Editing the catalogue in the browser (审批标准清单): drafts, and publication by two."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.access import require
from accounts.actions import two_key_act
from ledger.actor import Actor
from ledger.errors import Conflict, NotFound, StateConflict
from ledger.record import record
from projects.actions.domain import draft_edition, put_in_force, worst_case
from projects.events import EditionDrafted
from projects.models import PipelineEdition
from projects.pipeline import editing
from projects.pipeline.template import read_template
from projects.queries.editions import template_of
from projects.words import _


@transaction.atomic
def begin_draft(edition_id: UUID, version: str, *, actor: Actor) -> PipelineEdition:
    """Begin a draft from an edition (编制新版本); what is in force stays untouched."""
    base = PipelineEdition.objects.filter(pk=edition_id).first()
    if base is None:
        raise NotFound
    require(actor, "config.draft_catalogue", base)
    content = editing.with_version(base.content, version)
    if PipelineEdition.objects.filter(template_code=base.template_code, version=content["version"]).exists():
        raise Conflict(
            _("版本 %(version)s 已经存在，请换一个版本号。") % {"version": content["version"]}, code="version_taken"
        )
    edition = draft_edition(content)
    edition.based_on = base
    edition.save(update_fields=["based_on"])
    note_draft(edition, [], actor=actor)
    return edition


def note_draft(edition: PipelineEdition, changed: list[str], *, actor: Actor) -> None:
    """Every change of a draft is on record."""
    event = EditionDrafted(
        edition_id=edition.pk, template_code=edition.template_code, version=edition.version, changed=changed
    )
    record(event, actor=actor, subject=edition)


def lock_draft(edition_id: UUID, expected_version: int | None, *, actor: Actor) -> PipelineEdition:
    """The draft, locked; Conflict when somebody else changed it since the page was shown."""
    edition = PipelineEdition.objects.select_for_update().filter(pk=edition_id).first()
    if edition is None:
        raise NotFound
    require(actor, "config.draft_catalogue", edition)
    if edition.state != PipelineEdition.State.DRAFT:
        raise StateConflict(_("已发布的版本不能修改，请以它为基础编制新版本。"))
    if expected_version is not None and expected_version != edition.draft_version:
        raise Conflict(_("草稿刚刚被他人修改过，您的修改没有保存。"), next_step=_("请刷新页面，在最新内容上重新修改。"))
    return edition


def store_draft(edition: PipelineEdition, content: Mapping[str, Any], *, actor: Actor) -> PipelineEdition:
    """Keep the changed data with its hash and critical path."""
    before, after = template_of(edition), read_template(content)
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
    edition.content = json.loads(text)
    edition.sha256 = hashlib.sha256(text.encode()).hexdigest()
    edition.critical_days = worst_case(after)
    edition.total_limit = after.total_limit
    edition.name_zh, edition.name_en = after.name_zh, after.name_en
    edition.draft_version += 1
    edition.save()
    note_draft(edition, editing.changed_items(before, after), actor=actor)
    return edition


@transaction.atomic
def change_draft_item(
    edition_id: UUID, code: str, fields: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None
) -> PipelineEdition:
    """Change some fields of one item of a draft; Refused when the whole could not be read any more (环、负时限等)."""
    edition = lock_draft(edition_id, expected_version, actor=actor)
    return store_draft(edition, editing.change_item(edition.content, code, fields), actor=actor)


@transaction.atomic
def add_draft_item(
    edition_id: UUID, item: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None
) -> PipelineEdition:
    """Add an item to a draft."""
    edition = lock_draft(edition_id, expected_version, actor=actor)
    return store_draft(edition, editing.add_item(edition.content, item), actor=actor)


@transaction.atomic
def remove_draft_item(
    edition_id: UUID, code: str, *, actor: Actor, expected_version: int | None = None
) -> PipelineEdition:
    """Take an item out of a draft; those behind it wait for what it waited for."""
    edition = lock_draft(edition_id, expected_version, actor=actor)
    return store_draft(edition, editing.remove_item(edition.content, code), actor=actor)


@transaction.atomic
def drop_draft(edition_id: UUID, *, actor: Actor) -> None:
    """Throw a draft away; what was published is never deleted."""
    edition = lock_draft(edition_id, None, actor=actor)
    note_draft(edition, ["dropped"], actor=actor)
    edition.delete()


@two_key_act("config.edit_item_catalogue")
@transaction.atomic
def publish_edition(edition_id: UUID, *, actor: Actor, draft_version: int) -> PipelineEdition:
    """Put a draft in force (发布), confirmed by a second administrator for exactly the version both looked at.

    Refused with every fault and its place (faults_before_publishing).
    """
    edition = PipelineEdition.objects.select_for_update().filter(pk=edition_id).first()
    if edition is None:
        raise NotFound
    require(actor, "config.edit_item_catalogue", edition)
    if edition.draft_version != draft_version:
        raise Conflict(_("草稿在提请发布之后又被修改过，请重新核对后再提请发布。"))
    put_in_force(edition, actor=actor)
    return edition
