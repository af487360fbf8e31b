"""Who hears of the reuse of regional assessments (区域评估共享应用) and of the recall wave (复核)."""

from __future__ import annotations

from uuid import UUID

from accounts.queries import people_with_role
from ledger.subscribe import Delivery, subscribe
from notices import addressing, places
from notices.actions import Addressee, write_letters
from projects.events import (
    RecheckClosed,
    RecheckOpened,
    ReuseConfirmed,
    ReuseProposed,
    ReuseRefused,
)
from projects.queries.parties import Parties, parties_of
from regional_eval.domain import assessment_kinds

DECIDING_POSTS = ("pos_first", "pos_second")
HOW = {
    "amended": {"zh": "成果已修订", "en": "it was amended"},
    "expired": {"zh": "成果已到期", "en": "it expired"},
    "revoked": {"zh": "成果已被撤销", "en": "it was revoked"},
    "plan_published": {"zh": "规划已更新", "en": "a new plan is in force"},
    "plan_ended": {"zh": "规划已失效", "en": "a plan ended"},
    "put_back": {
        "zh": "决定所依据的共享应用已恢复为单独评估",
        "en": "the reuse on which an item was decided was put back",
    },
}
OUTCOME = {
    "kept": {"zh": "维持原确认", "en": "the confirmation stands"},
    "renewed": {"zh": "按现行成果换发确认书", "en": "confirmed anew on what is in force now"},
    "put_back": {"zh": "恢复单独评估", "en": "an assessment of your own is needed again"},
    "moot": {"zh": "不再需要复核", "en": "nothing is left to look at"},
}


def kind_of(code: str) -> dict[str, str]:
    """A kind of assessment in both languages; the letter is read in one of them."""
    entry = assessment_kinds().get(code, {})
    return {"zh": entry.get("name_zh", code), "en": entry.get("name_en", code)}


def send(kind: str, parties: Parties, people: list[Addressee], delivery: Delivery, **details: object) -> None:
    """One letter to each; the project's name is in every one."""
    write_letters(
        kind,
        people,
        event_id=delivery.event_id,
        project_id=parties.project_id,
        details={"project": parties.name, **details},
    )


def department(parties: Parties, code: str, path: str) -> list[Addressee]:
    """Those of a department (or of the one that exercises its power) who may decide."""
    return addressing.posts(parties, [code], DECIDING_POSTS, path)


def managers(parties: Parties, path: str) -> list[Addressee]:
    """The managers of regional assessments in the district."""
    return [Addressee(person, path) for person in people_with_role("assess_mgr", district_id=parties.district_id)]


@subscribe(ReuseProposed)
def on_proposed(event: ReuseProposed, delivery: Delivery) -> None:
    """The approving department has a proposal to answer."""
    parties = parties_of(event.project_id)
    people = department(parties, event.department_code, places.reuse_case(event.reuse_id))
    send("reuse_proposed", parties, people, delivery, assessment=kind_of(event.kind))


@subscribe(ReuseConfirmed)
def on_confirmed(event: ReuseConfirmed, delivery: Delivery) -> None:
    """The enterprise may lean on it."""
    tell_applicants("reuse_confirmed", event.project_id, delivery, assessment=kind_of(event.kind))


@subscribe(ReuseRefused)
def on_refused(event: ReuseRefused, delivery: Delivery) -> None:
    """The enterprise learns why not."""
    tell_applicants("reuse_refused", event.project_id, delivery, assessment=kind_of(event.kind), reason=event.reason)


@subscribe(RecheckOpened)
def on_recheck(event: RecheckOpened, delivery: Delivery) -> None:
    """What a project leans on ended: enterprise and department hear of it; department and managers may decide."""
    parties = parties_of(event.project_id)
    details = {"assessment": kind_of(event.kind), "how": HOW[event.how], "due": event.due_on.isoformat()}
    applicants = addressing.applicants(parties, places.reuse(event.project_id))
    send("recheck_opened", parties, applicants, delivery, **details)
    code = event.department_code or department_of(event.kind)
    deciding = addressing.posts(parties, [code], (*DECIDING_POSTS, "pos_approve", "commissioner"), places.rechecks())
    others = [] if event.how == "put_back" else managers(parties, places.rechecks())
    send("recheck_to_decide", parties, deciding + others, delivery, **details)


def department_of(kind: str) -> str:
    """Whose power the kind is."""
    return str(assessment_kinds()[kind]["approving_department"])


@subscribe(RecheckClosed)
def on_recheck_closed(event: RecheckClosed, delivery: Delivery) -> None:
    """The enterprise learns what follows."""
    tell_applicants(
        "recheck_closed",
        event.project_id,
        delivery,
        assessment=kind_of(event.kind),
        outcome=OUTCOME[event.outcome],
        reason=event.reason,
    )


def tell_applicants(kind: str, project_id: UUID, delivery: Delivery, **details: object) -> None:
    """A letter to the enterprise and its agents, leading to the page of reuse."""
    parties = parties_of(project_id)
    send(kind, parties, addressing.applicants(parties, places.reuse(project_id)), delivery, **details)
