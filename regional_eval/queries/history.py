"""What happened to a layer version and to its assessments (经过), from the audit."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language

from accounts.queries import display_names
from ledger.event_words import event_in_words
from ledger.queries import events_of_subject
from regional_eval.models import Assessment, LayerVersion


def history_of(layer: LayerVersion, assessment: Assessment | None) -> list[dict[str, Any]]:
    """Newest first, in the form that the timeline reads."""
    subjects = [layer, *([assessment] if assessment else layer.assessments.all())]
    found = [row for subject in subjects for row in events_of_subject(subject._meta.label_lower, str(subject.pk))]
    rows = sorted(found, key=lambda row: row.at, reverse=True)
    names = display_names({row.person_id for row in rows if row.person_id})
    english = (get_language() or "").startswith("en")
    return [
        {
            "at": row.at,
            "what": event_in_words(row.name, english=english),
            "who": names.get(row.person_id, "") if row.person_id else "",
            "text": str(row.body.get("reason", "")),
        }
        for row in rows
    ]
