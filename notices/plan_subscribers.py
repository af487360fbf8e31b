"""Who hears of plans (规划核查、规划间矛盾) and of rounds without drawings (前期意见、多评合一、三书合一)."""

from __future__ import annotations

from uuid import UUID

from accounts.queries import people_with_role
from joint_review.events import EvaluationAnswered, EvaluationConcluded, EvaluationOpened
from joint_review.queries.evaluations import kind_in_both
from ledger.subscribe import Delivery, subscribe
from notices import addressing, places
from notices.actions import Addressee, write_letters
from projects.events import ContradictionClosed, ContradictionFound, SiteChecked
from projects.queries.contradictions import case_in_both, outcome_in_both
from projects.queries.parties import parties_of

ANSWERING = ("pos_approve", "commissioner")
# Checks that nobody asked for: whoever asked sees the answer on the page.
UNASKED = ("layer_published", "layer_ended")


@subscribe(SiteChecked)
def on_site_checked(event: SiteChecked, delivery: Delivery) -> None:
    """A plan changed and the project's site with it: the enterprise learns what came and went."""
    if event.cause not in UNASKED or not (event.came or event.went):
        return
    parties = parties_of(event.project_id)
    people = addressing.applicants(parties, places.plan_check(event.project_id))
    write_letters(
        "plans_changed",
        people,
        event_id=delivery.event_id,
        project_id=event.project_id,
        details={"project": parties.name, "came": event.came, "went": event.went},
    )


def owners(codes: list[str], district_id: int, path: str) -> list[Addressee]:
    """Those who answer for these departments."""
    return [
        Addressee(person, path)
        for code in codes
        for role in ANSWERING
        for person in people_with_role(role, department_code=code, district_id=district_id)
    ]


@subscribe(ContradictionFound)
def on_contradiction(event: ContradictionFound, delivery: Delivery) -> None:
    """Both owners have a case to answer."""
    write_letters(
        "contradiction_found",
        owners(event.departments, event.district_id, places.contradiction(event.contradiction_id)),
        event_id=delivery.event_id,
        details={"case": case_in_both(event.contradiction_id), "due": event.due_on.isoformat()},
    )


@subscribe(ContradictionClosed)
def on_contradiction_closed(event: ContradictionClosed, delivery: Delivery) -> None:
    """Both owners learn how it ended."""
    write_letters(
        "contradiction_closed",
        owners(event.departments, event.district_id, places.contradiction(event.contradiction_id)),
        event_id=delivery.event_id,
        details={"case": case_in_both(event.contradiction_id), "outcome": outcome_in_both(event.outcome)},
    )


def tell(kind: str, project_id: UUID, people: list[Addressee], delivery: Delivery, what: str, **more: object) -> None:
    """A letter about a round without drawings."""
    details = {"project": parties_of(project_id).name, "what": kind_in_both(what), **more}
    write_letters(kind, people, event_id=delivery.event_id, project_id=project_id, details=details)


@subscribe(EvaluationOpened)
def on_evaluation(event: EvaluationOpened, delivery: Delivery) -> None:
    """Each department that is asked."""
    parties = parties_of(event.project_id)
    people = addressing.posts(parties, event.departments, ["pos_first"], places.evaluation(event.round_id))
    due = event.due_on.isoformat() if event.due_on else "—"
    tell("evaluation_opened", event.project_id, people, delivery, event.kind, due=due)


@subscribe(EvaluationAnswered)
def on_evaluation_answered(event: EvaluationAnswered, delivery: Delivery) -> None:
    """The lead calls the one expert meeting."""
    parties = parties_of(event.project_id)
    leads = addressing.posts(parties, [event.convened_by], ["lead", "commissioner"], places.evaluation(event.round_id))
    tell("evaluation_answered", event.project_id, leads, delivery, event.kind)


@subscribe(EvaluationConcluded)
def on_evaluation_concluded(event: EvaluationConcluded, delivery: Delivery) -> None:
    """The enterprise reads one opinion from all."""
    parties = parties_of(event.project_id)
    people = addressing.applicants(parties, places.evaluation(event.round_id))
    tell("evaluation_concluded", event.project_id, people, delivery, event.kind)
