"""Pre-review before filing (网上预审) and its thread, item by item (申审互动). It binds nobody and starts no clock."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from accounts.access import require
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Refused, StateConflict
from ledger.record import record
from projects.actions.progress import person_of
from projects.events import PrereviewAnswered, PrereviewAsked, PrereviewMessagePosted
from projects.models import PrereviewMessage, Project
from projects.queries.locking import lock_project
from projects.queries.prereview import item_names
from projects.rules.prereview import check_asking, check_message, check_verdict
from projects.words import _

EDITABLE = {Project.State.DRAFT, Project.State.CORRECTION}


@transaction.atomic
def ask_prereview(project_id: UUID, *, actor: Actor) -> Project:
    """Ask the window to look at a draft before it is filed (提请预审): it then sees the draft."""
    project = lock_project(project_id)
    require(actor, "project.ask_prereview", project)
    asked = project.prereview_asked_at is not None and project.prereview_answered_at is None
    check_asking(is_editable=project.state in EDITABLE, is_asked=asked, has_pipeline=project.edition_id is not None)
    project.prereview_asked_at, project.prereview_answered_at = now(), None
    project.save(update_fields=["prereview_asked_at", "prereview_answered_at"])
    record(PrereviewAsked(project_id=project.pk), actor=actor, subject=project, project_id=project.pk)
    return project


@transaction.atomic
def post_message(project_id: UUID, *, actor: Actor, text: str, item_code: str = "") -> PrereviewMessage:
    """Say something about one item, or about the filing as a whole (申审互动)."""
    project = lock_project(project_id)
    require(actor, "project.post_thread", project)
    check_message(text, item_code, item_names(project))
    return write_message(project, text, item_code, "", actor=actor)


def write_message(project: Project, text: str, item_code: str, verdict: str, *, actor: Actor) -> PrereviewMessage:
    """One row of the thread and its event."""
    side = PrereviewMessage.Side.APPLICANT if actor.principal_id is not None else PrereviewMessage.Side.WINDOW
    message = PrereviewMessage.objects.create(
        project=project,
        item_code=item_code,
        side=side,
        verdict=verdict,
        text=text.strip(),
        at=now(),
        author_id=person_of(actor),
    )
    event = PrereviewMessagePosted(
        project_id=project.pk, message_id=message.pk, item_code=item_code, side=side, verdict=verdict
    )
    record(event, actor=actor, subject=message, project_id=project.pk)
    return message


@transaction.atomic
def answer_prereview(project_id: UUID, verdicts: Mapping[str, tuple[str, str]], *, actor: Actor) -> Project:
    """The window answers item by item (逐项预审答复): item code -> (ready | mend, what to mend)."""
    project = lock_project(project_id)
    require(actor, "project.answer_prereview", project)
    if project.state not in EDITABLE or project.prereview_asked_at is None or project.prereview_answered_at is not None:
        raise StateConflict(_("这个项目没有待答复的预审。"))
    if not verdicts:
        raise Refused("empty_prereview", _("请至少对一个事项给出预审结论。"), field="verdicts")
    names = item_names(project)
    for code, (verdict, text) in verdicts.items():
        check_verdict(verdict, code)
        said = text.strip() or (_("可以申报") if verdict == "ready" else "")
        check_message(said, code, names)
        write_message(project, said, code, verdict, actor=actor)
    project.prereview_answered_at = now()
    project.save(update_fields=["prereview_answered_at"])
    to_mend = sum(verdict == "mend" for verdict, _text in verdicts.values())
    event = PrereviewAnswered(project_id=project.pk, items=len(verdicts), to_mend=to_mend)
    record(event, actor=actor, subject=project, project_id=project.pk)
    return project
