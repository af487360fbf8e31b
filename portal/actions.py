"""Keeping and dropping drafts."""

from __future__ import annotations

import json

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import require
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Refused
from portal.models import Draft

LARGEST = 256 * 1024


@transaction.atomic
def save_draft(key: str, content: str, *, actor: Actor) -> Draft | None:
    """Keep what a person has typed but not sent (保存草稿); empty content drops the draft.

    `content` is JSON text {field: [values]}, at most 256 kB. A draft is no act: it leaves no audit row.
    """
    require(actor, "draft.save")
    if not key or len(key) > 120:
        raise Refused("draft_key", _("草稿标识无效。"))
    kept = Draft.objects.filter(person_id=actor.signed_in(), mandate_id=actor.mandate_id, key=key)
    if not content:
        kept.delete()
        return None
    if len(content) > LARGEST:
        raise Refused("draft_too_large", _("草稿内容过长，未能保存到服务器，请先提交一部分。"))
    try:
        value = json.loads(content)
    except ValueError:
        raise Refused("draft_not_json", _("草稿内容无法识别。")) from None
    if not isinstance(value, dict) or "\\u0000" in content:
        raise Refused("draft_not_json", _("草稿内容无法识别。"))
    return Draft.objects.update_or_create(
        person_id=actor.signed_in(),
        mandate_id=actor.mandate_id,
        key=key,
        defaults={"content": value, "saved_at": now()},
    )[0]
