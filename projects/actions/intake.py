"""The one-window intake (一窗受理): submit, accept, tolerate, ask for corrections once, refuse, silence.

Basis: 行政许可法第三十二条.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.access import require
from accounts.actions import two_key_act
from accounts.legal_day import SHANGHAI
from accounts.queries import district
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.record import record
from projects.actions import papers
from projects.actions.materials import write_materials
from projects.actions.progress import person_of
from projects.clock import legal_day
from projects.events import CorrectionRequested, ProjectRejected, ProjectSubmitted
from projects.models import IntakeNotice, Material, Project, ReceiptCounter
from projects.queries.calendar import calendar_for
from projects.queries.locking import lock_project
from projects.queries.materials import filed_materials
from projects.rules.intake import (
    CHECK_WORKING_DAYS,
    CorrectionEntry,
    Filing,
    check_filing,
    decide_correction,
    decide_rejection,
)
from projects.states import project_move

# Crockford's alphabet: no I, L, O, U; a receipt number cannot be guessed from the one before.
RECEIPT_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@transaction.atomic
def submit_project(project_id: UUID, *, actor: Actor) -> Project:
    """File the project (提交申报): from now on the window has five working days, silence is acceptance.

    Invalid names everything that is still missing. A project sent back keeps its receipt number.
    """
    project = lock_project(project_id)
    require(actor, "project.submit", project)
    again = project.state == Project.State.CORRECTION
    target = project_move(project.state, "submit")
    check_filing(
        Filing(
            name=project.name,
            code=project.code,
            place=project.place,
            contents=project.contents,
            has_site=hasattr(project, "site"),
            has_facts=bool(project.facts),
            investment_known=all(project.facts.get(code) is not None for code in ("investment", "management", "use")),
        )
    )
    calendar = calendar_for(project.district_id)
    project.state = target
    project.submitted_at = now()
    project.submitted_by_id = actor.person_id
    project.check_due_on = calendar.add(legal_day(project.submitted_at, calendar), CHECK_WORKING_DAYS)
    if project.receipt_number is None:
        project.receipt_number = next_receipt(project, project.submitted_at)
    project.save()
    if again:
        project.intake_notices.filter(kind="correction", answered_at__isnull=True).update(answered_at=now())
    if project.edition_id is not None:
        write_materials(project)
    handed_in = [f"{material.name_zh}" for material in filed_materials(project) if material.state != "missing"]
    papers.issue_receipt(project, handed_in, actor=actor)
    event = ProjectSubmitted(
        project_id=project.pk,
        receipt_number=project.receipt_number,
        check_due_on=project.check_due_on,
        again=again,
    )
    record(event, actor=actor, subject=project, project_id=project.pk)
    return project


def next_receipt(project: Project, at: datetime) -> str:
    """接件编号: district, day, a running number without gaps, and four letters nobody can guess."""
    local = at.astimezone(SHANGHAI)
    ReceiptCounter.objects.get_or_create(district_id=project.district_id, year=local.year)
    counter = ReceiptCounter.objects.select_for_update().get(district_id=project.district_id, year=local.year)
    counter.last += 1
    counter.save(update_fields=["last"])
    tail = "".join(secrets.choice(RECEIPT_LETTERS) for _letter in range(4))
    return f"{district(project.district_id).code}-{local:%Y%m%d}-{counter.last:05d}-{tail}"


@transaction.atomic
def request_correction(project_id: UUID, entries: Sequence[CorrectionEntry], *, actor: Actor) -> IntakeNotice:
    """Tell everything to mend, at once and once (一次性补正告知); a second list is refused."""
    project = lock_project(project_id)
    require(actor, "project.request_correction", project)
    target = project_move(project.state, "request_correction")
    decide_correction(entries, asked_before=project.intake_notices.filter(kind="correction").exists())
    listed = [
        {"material": entry.material, "name": entry.name, "fault": entry.fault.strip(), "remedy": entry.remedy.strip()}
        for entry in entries
    ]
    for entry in entries:
        named = project.materials.filter(code=entry.material)
        # A missing paper stays missing: what the enterprise declared is not to be read as the opposite.
        named.exclude(state=Material.State.MISSING).update(state=Material.State.FAULTY)
        named.update(remark=entry.fault.strip()[:400], changed_at=now())
    project.state = target
    project.check_due_on = None
    project.save(update_fields=["state", "check_due_on"])
    paper_id = papers.issue_correction(project, listed, actor=actor)
    notice = IntakeNotice.objects.create(
        project=project,
        kind=IntakeNotice.Kind.CORRECTION,
        entries=listed,
        made_at=now(),
        made_by_id=person_of(actor),
        paper_id=paper_id,
    )
    event = CorrectionRequested(project_id=project.pk, notice_id=notice.pk, entries=len(listed), paper_id=paper_id)
    record(event, actor=actor, subject=notice, project_id=project.pk)
    return notice


@two_key_act("project.reject_at_window")
@transaction.atomic
def reject_at_window(project_id: UUID, *, actor: Actor, reason: str) -> Project:
    """Do not accept the filing (不予受理), with reasons and remedy; a second clerk confirms."""
    project = lock_project(project_id)
    require(actor, "project.reject_at_window", project)
    target = project_move(project.state, "reject")
    decide_rejection(reason)
    project.state = target
    project.check_due_on = None
    project.ended_at = now()
    project.ended_reason = reason.strip()
    project.save(update_fields=["state", "check_due_on", "ended_at", "ended_reason"])
    paper_id = papers.issue_rejection(project, reason.strip(), actor=actor)
    IntakeNotice.objects.create(
        project=project,
        kind=IntakeNotice.Kind.REJECTION,
        text=reason.strip(),
        made_at=now(),
        made_by_id=person_of(actor),
        paper_id=paper_id,
    )
    event = ProjectRejected(project_id=project.pk, paper_id=paper_id)
    record(event, actor=actor, subject=project, project_id=project.pk)
    return project
