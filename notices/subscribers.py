"""Who hears of what: each event becomes letters in the inboxes of those who wait for it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from accounts.events import MandateAccepted, MandateGranted, MandateRevoked
from accounts.queries import display_name, organisation, people_of_organisation
from certificates.events import PaperSealed
from certificates.queries import title_in_english
from drawings.events import RevisionReady, RevisionRejected
from drawings.queries import revision
from joint_review.events import (
    AcceptanceApplied,
    AcceptancePassed,
    AnswersSubmitted,
    NoticeIssued,
    RectificationIssued,
    RectificationSubmitted,
    RoundClosed,
    RoundCompleted,
    RoundOpened,
    TaskHandedOver,
    VisitScheduled,
)
from ledger.subscribe import Delivery, subscribe
from notices import (
    addressing,
    card_subscribers,
    mention_subscribers,
    places,
    plan_subscribers,
    reuse_subscribers,
    sheet_subscribers,
)
from notices.actions import Addressee, write_letters
from projects.domain import read
from projects.events import (
    ClockResumed,
    ClockStopped,
    CorrectionRequested,
    DueDatesChanged,
    ItemDecided,
    ItemReady,
    ItemStepTaken,
    PrereviewAnswered,
    PrereviewAsked,
    ProjectAccepted,
    ProjectRejected,
    ProjectSubmitted,
)
from projects.queries.parties import ItemBrief, Parties, item_brief, parties_of

# Letters about reuse are in a file of their own; importing it subscribes them.
__all__ = ["card_subscribers", "mention_subscribers", "plan_subscribers", "reuse_subscribers", "sheet_subscribers"]

ITEM_RESULTS = {
    11: {"zh": "办结（通过）", "en": "passed"},
    12: {"zh": "办结（容缺通过）", "en": "passed, papers outstanding"},
    13: {"zh": "办结（不通过）", "en": "not passed"},
}
FIRST_POSTS = ("pos_accept", "pos_first")
LAST_POSTS = ("pos_second", "pos_approve")


def name_of(item: ItemBrief) -> dict[str, str]:
    """An item's name in both languages; the letter is read in one of them."""
    return {"zh": item.name_zh, "en": item.name_en}


def ground_name(code: str) -> dict[str, str]:
    """The legal ground of a stop in both languages (中止事由)."""
    for pause in read("clock_rules")["pauses"]:
        if pause["code"] == code:
            return {"zh": pause["zh"], "en": pause["en"]}
    return {"zh": code, "en": code}


def set_name(revision_id: UUID) -> str:
    """The name of the drawing set of a revision."""
    return revision(revision_id).set.name


def send(kind: str, parties: Parties, addressees: Iterable[Addressee], delivery: Delivery, **details: object) -> None:
    """One letter to each; the project's name is in every one."""
    write_letters(
        kind,
        addressees,
        event_id=delivery.event_id,
        project_id=parties.project_id,
        details={"project": parties.name, **details},
    )


@subscribe(ProjectSubmitted)
def on_submitted(event: ProjectSubmitted, delivery: Delivery) -> None:
    """The window has a filing to answer."""
    parties = parties_of(event.project_id)
    clerks = addressing.window(parties, places.intake(event.project_id))
    send("project_submitted", parties, clerks, delivery)


@subscribe(ProjectAccepted)
def on_accepted(event: ProjectAccepted, delivery: Delivery) -> None:
    """The enterprise learns that the clock starts."""
    parties = parties_of(event.project_id)
    people = addressing.applicants(parties, places.project(event.project_id))
    send("project_accepted", parties, people, delivery, receipt=parties.receipt_number)


@subscribe(CorrectionRequested)
def on_correction(event: CorrectionRequested, delivery: Delivery) -> None:
    """The enterprise learns what to mend."""
    parties = parties_of(event.project_id)
    send("correction_requested", parties, addressing.applicants(parties, places.project(event.project_id)), delivery)


@subscribe(ProjectRejected)
def on_rejected(event: ProjectRejected, delivery: Delivery) -> None:
    """The enterprise learns the reason and the remedy."""
    parties = parties_of(event.project_id)
    send("project_rejected", parties, addressing.applicants(parties, places.project(event.project_id)), delivery)


@subscribe(ItemReady)
def on_item_ready(event: ItemReady, delivery: Delivery) -> None:
    """The department's turn: its first posts hear of it."""
    parties = parties_of(event.project_id)
    item = item_brief(event.item_id)
    people = addressing.posts(
        parties, [event.department_code], item.posts_now or FIRST_POSTS, places.item(event.item_id)
    )
    send(
        "item_ready",
        parties,
        people,
        delivery,
        item=name_of(item),
        due=event.due_on.isoformat() if event.due_on else "—",
    )


@subscribe(ItemStepTaken)
def on_item_step(event: ItemStepTaken, delivery: Delivery) -> None:
    """The next step's posts hear of it, while there is one."""
    parties = parties_of(event.project_id)
    item = item_brief(event.item_id)
    if not set(item.posts_now) & set(LAST_POSTS):
        return
    people = addressing.posts(parties, [item.department_code], item.posts_now, places.item(event.item_id))
    send("item_at_approval", parties, people, delivery, item=name_of(item))


@subscribe(ItemDecided)
def on_item_decided(event: ItemDecided, delivery: Delivery) -> None:
    """The enterprise learns the result."""
    parties = parties_of(event.project_id)
    item = item_brief(event.item_id)
    people = addressing.applicants(parties, places.project(event.project_id))
    send("item_decided", parties, people, delivery, item=name_of(item), result=ITEM_RESULTS.get(event.state, {}))


@subscribe(ClockStopped)
def on_stopped(event: ClockStopped, delivery: Delivery) -> None:
    """The enterprise learns that days do not count now, and why."""
    parties = parties_of(event.project_id)
    people = addressing.applicants(parties, places.project(event.project_id))
    send("clock_stopped", parties, people, delivery, ground=ground_name(event.ground))


@subscribe(ClockResumed)
def on_resumed(event: ClockResumed, delivery: Delivery) -> None:
    """The enterprise learns that days count again."""
    parties = parties_of(event.project_id)
    send("clock_resumed", parties, addressing.applicants(parties, places.project(event.project_id)), delivery)


@subscribe(DueDatesChanged)
def on_due_dates(event: DueDatesChanged, delivery: Delivery) -> None:
    """A loaded notice moved a date: the enterprise learns the old and the new one."""
    parties = parties_of(event.project_id)
    dates = {"was": event.was.isoformat() if event.was else "—", "now": event.now.isoformat() if event.now else "—"}
    if event.was != event.now:
        send(
            "due_changed", parties, addressing.applicants(parties, places.project(event.project_id)), delivery, **dates
        )


@subscribe(PrereviewAsked)
def on_prereview_asked(event: PrereviewAsked, delivery: Delivery) -> None:
    """The window looks at a draft."""
    parties = parties_of(event.project_id)
    send("prereview_asked", parties, addressing.window(parties, places.prereview(event.project_id)), delivery)


@subscribe(PrereviewAnswered)
def on_prereview_answered(event: PrereviewAnswered, delivery: Delivery) -> None:
    """The enterprise learns what to mend before filing."""
    parties = parties_of(event.project_id)
    people = addressing.applicants(parties, places.prereview(event.project_id))
    send("prereview_answered", parties, people, delivery, mend=event.to_mend, items=event.items)


@subscribe(RevisionReady)
def on_revision_ready(event: RevisionReady, delivery: Delivery) -> None:
    """Whoever handed it in, and the leads who may open a round."""
    parties = parties_of(event.project_id)
    path = places.drawing_set(event.set_id)
    people = addressing.applicants(parties, path) + addressing.designers(parties, path)
    details = {"set": set_name(event.revision_id), "revision": event.no}
    send("revision_ready", parties, people, delivery, **details)
    leads = addressing.posts(parties, ["HUC", "NRP"], ["lead"], places.project(event.project_id))
    send("revision_to_review", parties, leads, delivery, **details)


@subscribe(RevisionRejected)
def on_revision_rejected(event: RevisionRejected, delivery: Delivery) -> None:
    """Whoever handed it in learns what to mend."""
    parties = parties_of(event.project_id)
    path = places.drawing_set(event.set_id)
    people = addressing.applicants(parties, path) + addressing.designers(parties, path)
    send("revision_rejected", parties, people, delivery, set=set_name(event.revision_id))


@subscribe(RoundOpened)
def on_round_opened(event: RoundOpened, delivery: Delivery) -> None:
    """Each department on the round has a task."""
    parties = parties_of(event.project_id)
    people = addressing.posts(parties, event.departments, ["pos_first"], places.round_(event.round_id))
    due = event.due_on.isoformat() if event.due_on else "—"
    send("round_opened", parties, people, delivery, round=event.no, due=due)


@subscribe(TaskHandedOver)
def on_handed_over(event: TaskHandedOver, delivery: Delivery) -> None:
    """The signing post's turn."""
    parties = parties_of(event.project_id)
    people = addressing.posts(parties, [event.department], LAST_POSTS, places.round_(event.round_id))
    send("task_to_sign", parties, people, delivery)


@subscribe(RoundCompleted)
def on_round_complete(event: RoundCompleted, delivery: Delivery) -> None:
    """The lead gathers the opinions."""
    parties = parties_of(event.project_id)
    leads = addressing.posts(parties, ["HUC"], ["lead"], places.round_(event.round_id))
    send("round_complete", parties, leads, delivery, round=event.no)


@subscribe(NoticeIssued)
def on_notice(event: NoticeIssued, delivery: Delivery) -> None:
    """The enterprise, its agents and its designers answer once."""
    parties = parties_of(event.project_id)
    path = places.notice(event.notice_id)
    send("notice_issued", parties, addressing.applicants(parties, path) + addressing.designers(parties, path), delivery)


@subscribe(AnswersSubmitted)
def on_answers(event: AnswersSubmitted, delivery: Delivery) -> None:
    """The lead opens the next round."""
    parties = parties_of(event.project_id)
    leads = addressing.posts(parties, ["HUC"], ["lead"], places.round_(event.round_id))
    send("answers_submitted", parties, leads, delivery)


@subscribe(RoundClosed)
def on_round_closed(event: RoundClosed, delivery: Delivery) -> None:
    """The drawings passed."""
    parties = parties_of(event.project_id)
    path = places.project(event.project_id)
    send("round_closed", parties, addressing.applicants(parties, path) + addressing.designers(parties, path), delivery)


@subscribe(AcceptanceApplied)
def on_acceptance_applied(event: AcceptanceApplied, delivery: Delivery) -> None:
    """The lead sets one date for all."""
    parties = parties_of(event.project_id)
    leads = addressing.posts(parties, ["HUC"], ["lead"], places.acceptance(event.acceptance_id))
    send("acceptance_applied", parties, leads, delivery)


@subscribe(VisitScheduled)
def on_visit(event: VisitScheduled, delivery: Delivery) -> None:
    """Everybody comes once."""
    parties = parties_of(event.project_id)
    path = places.acceptance(event.acceptance_id)
    people = addressing.posts(parties, event.departments, ["pos_first"], path) + addressing.applicants(parties, path)
    send("acceptance_visit", parties, people, delivery, visit=event.visit_at.strftime("%Y-%m-%d %H:%M"))


@subscribe(RectificationIssued)
def on_rectification(event: RectificationIssued, delivery: Delivery) -> None:
    """The enterprise mends what is listed."""
    parties = parties_of(event.project_id)
    people = addressing.applicants(parties, places.acceptance(event.acceptance_id))
    send("rectification", parties, people, delivery)


@subscribe(RectificationSubmitted)
def on_rectified(event: RectificationSubmitted, delivery: Delivery) -> None:
    """Only the departments with failed checks look again."""
    parties = parties_of(event.project_id)
    path = places.acceptance(event.acceptance_id)
    send("acceptance_reinspect", parties, addressing.posts(parties, event.departments, ["pos_first"], path), delivery)


@subscribe(AcceptancePassed)
def on_accepted_by_all(event: AcceptancePassed, delivery: Delivery) -> None:
    """One consolidated opinion for the enterprise."""
    parties = parties_of(event.project_id)
    send("acceptance_concluded", parties, addressing.applicants(parties, places.project(event.project_id)), delivery)


@subscribe(PaperSealed)
def on_sealed(event: PaperSealed, delivery: Delivery) -> None:
    """The addressee may download it."""
    if event.project_id is None:
        return
    parties = parties_of(event.project_id)
    people = addressing.applicants(parties, places.project(event.project_id))
    title = {"zh": event.title, "en": title_in_english(event.kind, event.title)}
    send("paper_issued", parties, people, delivery, title=title, number=event.number)


@subscribe(MandateGranted)
def on_mandate_granted(event: MandateGranted, delivery: Delivery) -> None:
    """The agent decides whether he takes it on."""
    letter = {"principal": organisation(event.principal_id).name}
    write_letters(
        "mandate_granted", [Addressee(event.agent_id, places.mandates())], event_id=delivery.event_id, details=letter
    )


@subscribe(MandateAccepted)
def on_mandate_accepted(event: MandateAccepted, delivery: Delivery) -> None:
    """The enterprise learns that work can begin."""
    people = [Addressee(person, places.mandates()) for person in people_of_organisation(event.principal_id)]
    letter = {"agent": display_name(event.agent_id)}
    write_letters("mandate_accepted", people, event_id=delivery.event_id, details=letter)


@subscribe(MandateRevoked)
def on_mandate_revoked(event: MandateRevoked, delivery: Delivery) -> None:
    """The agent learns that it is over."""
    letter = {"principal": organisation(event.principal_id).name}
    write_letters(
        "mandate_revoked", [Addressee(event.agent_id, places.mandates())], event_id=delivery.event_id, details=letter
    )
