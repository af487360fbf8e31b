"""Plans against plans (规划间矛盾): found when a layer is published, given to both owners, closed by both answers."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q

from accounts.access import require
from accounts.queries import district as district_of
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Conflict, Invalid, NotFound, StateConflict
from ledger.record import record
from projects.actions.progress import person_of
from projects.clock import legal_day
from projects.events import ContradictionAnswered, ContradictionClosed, ContradictionFound
from projects.models import ContradictionAnswer, PlanContradiction
from projects.models.conflicts import POSITIONS
from projects.queries.calendar import calendar_for
from projects.rules.conflicts import outcome_of
from projects.words import _
from regional_eval.queries.plans import Contradiction, contradictions_of, layer_labels

# Working days in which both owners answer (domain.md section 3).
LIMIT_DAYS = 5
LEAST_ANSWER = 4
IN_FORCE = "published"


@transaction.atomic
def find_contradictions(layer_id: UUID, *, district_id: int, actor: Actor) -> list[PlanContradiction]:
    """Open a case for everything that a layer just published has against the other published plans (规划间矛盾).

    Cases of versions no longer in force are gone; a case that is known is not opened twice. Returns what was opened.
    """
    require(actor, "contradiction.open")
    # One district at a time: numbers run without gaps.
    district = type(district_of(district_id)).objects.select_for_update().get(pk=district_id)
    end_gone(district.pk, actor=actor)
    calendar = calendar_for(district.pk)
    found_at = now()
    due_on = calendar.add(legal_day(found_at, calendar), LIMIT_DAYS)
    last = PlanContradiction.objects.filter(district=district).aggregate(last=Max("number"))["last"] or 0
    opened: list[PlanContradiction] = []
    for found in contradictions_of(layer_id, district.pk):
        if is_known(found):
            continue
        case = PlanContradiction.objects.create(
            district=district,
            number=last + len(opened) + 1,
            first_layer_id=found.first.id,
            first_layer=found.first.kind,
            first_title=f"{found.first.code} {found.first.version}"[:160],
            first_department_code=found.first.owner,
            second_layer_id=found.second.id,
            second_layer=found.second.kind,
            second_title=f"{found.second.code} {found.second.version}"[:160],
            second_department_code=found.second.owner,
            reason=found.reason,
            patches=[patch.as_json() for patch in found.patches],
            area_m2=found.area_m2,
            found_at=found_at,
            due_on=due_on,
        )
        opened.append(case)
        event = ContradictionFound(
            contradiction_id=case.pk,
            district_id=district.pk,
            number=case.number,
            departments=list(case.owners),
            due_on=due_on,
        )
        record(event, actor=actor, subject=case)
    return opened


def is_known(found: Contradiction) -> bool:
    """Is there a case of these two versions and this reason, whichever of the two was published first?"""
    pair = Q(first_layer_id=found.first.id, second_layer_id=found.second.id)
    turned = Q(first_layer_id=found.second.id, second_layer_id=found.first.id)
    return PlanContradiction.objects.filter(pair | turned, reason=found.reason).exists()


@transaction.atomic
def end_gone(district_id: int, *, actor: Actor) -> int:
    """End the open cases one of whose versions is in force no more (矛盾已消除); returns how many."""
    require(actor, "contradiction.open")
    waiting = PlanContradiction.objects.select_for_update().filter(district_id=district_id, state="open")
    cases = list(waiting)
    labels = layer_labels({layer for case in cases for layer in (case.first_layer_id, case.second_layer_id)})
    gone = [
        case for case in cases if not in_force(labels[case.first_layer_id].state, labels[case.second_layer_id].state)
    ]
    for case in gone:
        case.state, case.closed_at = PlanContradiction.State.GONE, now()
        case.save(update_fields=["state", "closed_at"])
        tell_closed(case, "gone", actor=actor)
    return len(gone)


def in_force(*states: str) -> bool:
    """Are all of these versions published?"""
    return all(state == IN_FORCE for state in states)


@transaction.atomic
def answer_contradiction(contradiction_id: UUID, *, actor: Actor, position: str, text: str) -> PlanContradiction:
    """One owner's answer (答复规划间矛盾): amend its plan, stand by it, or find none; the last answer closes the case."""
    case = PlanContradiction.objects.select_for_update().filter(pk=contradiction_id).first()
    if case is None:
        raise NotFound
    require(actor, "contradiction.answer", case)
    if case.state != PlanContradiction.State.OPEN:
        raise StateConflict(_("这项规划间矛盾已经办结，不能再答复。"))
    answered = dict(case.answers.values_list("department_code", "position"))
    mine = [code for code in case.owners if code in actor.department_codes]
    waiting = [code for code in mine if code not in answered]
    if not waiting:
        raise Conflict(_("您的部门已经答复，等待另一部门答复。"), code="answered_already")
    errors: dict[str, list[str]] = {}
    if position not in POSITIONS:
        errors["position"] = [_("请选择答复意见。")]
    if len(text.strip()) < LEAST_ANSWER:
        errors["text"] = [_("请写明依据和打算，至少几个字。")]
    if errors:
        raise Invalid(errors)
    # A bureau that exercises another department's power answers for its own first, one at a time.
    department = actor.department_code if actor.department_code in waiting else waiting[0]
    ContradictionAnswer.objects.create(
        contradiction=case,
        department_code=department,
        position=position,
        text=text.strip(),
        made_by_id=person_of(actor),
        made_at=now(),
    )
    event = ContradictionAnswered(contradiction_id=case.pk, department=str(department), position=position)
    record(event, actor=actor, subject=case)
    close_if_answered(case, case.owners, {**answered, str(department): position}, actor=actor)
    return case


def close_if_answered(case: PlanContradiction, owners: Iterable[str], answers: dict[str, str], *, actor: Actor) -> None:
    """Both answers close the case."""
    outcome = outcome_of(owners, answers)
    if outcome is None:
        return
    case.state, case.closed_at, case.outcome = PlanContradiction.State.CLOSED, now(), outcome
    case.save(update_fields=["state", "closed_at", "outcome"])
    tell_closed(case, outcome, actor=actor)


def tell_closed(case: PlanContradiction, outcome: str, *, actor: Actor) -> None:
    """Both owners hear of the end."""
    event = ContradictionClosed(
        contradiction_id=case.pk,
        district_id=case.district_id,
        number=case.number,
        outcome=outcome,
        departments=list(case.owners),
    )
    record(event, actor=actor, subject=case)
