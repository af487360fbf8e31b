"""Yellow and red cards: found by stored dates, once, with the legal instant, also after an outage (电子监察)."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest

from accounts.actions import ask_second_key
from accounts.models import SecondKey
from ledger import outbox
from ledger.actor import Actor
from ledger.clock_now import freeze
from ledger.errors import DomainError, Forbidden, NotFound, StateConflict
from notices.models import Letter
from notices.words import body_of, title_of
from projects import actions as projects
from projects.actions.acceptance import SILENCE
from projects.models import ItemCase, Project
from supervision.actions import appeal_card, explain_card, sweep_project, sweep_rule, withdraw_card
from supervision.models import Card, SweepMark
from supervision.rules import RULES
from supervision.tasks import sweep_cards
from tests.actions.projects.filing import decide, draft, instant, item, submitted
from tests.cast import Cast

SWEEP = Actor.system(cause="Sweep")


pytestmark = pytest.mark.django_db


def sweep(at: str) -> int:
    with freeze(instant(at)):
        return sweep_cards()


def rules_of(project: Project) -> set[tuple[str, str]]:
    return set(Card.objects.filter(project=project).values_list("rule", "subject"))


def test_a_card_is_raised_once_with_the_instant_of_law(city: Cast, running: Project) -> None:
    first = item(running, "DR-REC")
    assert first.due_on is not None
    assert first.step_due_on is not None
    assert first.step_due_on <= first.due_on
    assert sweep(f"{first.warn_on}T08:30") == 0
    assert sweep(f"{first.warn_on}T10:00") >= 1
    yellow = Card.objects.get(project=running, rule="ITEM_WARN", subject="DR-REC")
    assert (yellow.colour, yellow.legal_at, yellow.department_code) == (
        "yellow",
        instant("2026-03-02T10:00"),
        "DRC",
    )
    known = Card.objects.count()
    assert sweep(f"{first.warn_on}T10:01") == 0
    assert Card.objects.count() == known
    # Nobody sweeps for four days: the red card has the instant of the due date, not of the sweep.
    late = first.due_on + timedelta(days=4)
    assert sweep(f"{late}T11:00") >= 1
    red = Card.objects.get(project=running, rule="ITEM_OVER", subject="DR-REC")
    assert (red.colour, red.legal_at) == ("red", instant(f"{first.due_on}T17:00"))
    assert red.raised_at == instant(f"{late}T11:00")
    assert sweep(f"{late}T11:01") == 0


def test_a_late_step_in_an_item_that_is_in_time(city: Cast, running: Project) -> None:
    for code, day in (("DR-REC", "2026-03-03"),):
        decide(city, running, code, at=f"{day}T10:00")
    found = next(
        row
        for row in ItemCase.objects.filter(project=running, ready_at__isnull=False, decided_at__isnull=True)
        if row.step_due_on and row.due_on and row.step_due_on < row.due_on
    )
    assert sweep(f"{found.step_due_on}T17:00") >= 1
    assert ("STEP_OVER", f"{found.code}#1") in rules_of(running)
    assert ("ITEM_OVER", found.code) not in rules_of(running)


def test_skipped_minutes_and_days_raise_the_same_cards(city: Cast, running: Project) -> None:
    begin = date(2026, 3, 2)
    for day in range(0, 90, 7):
        sweep(f"{begin + timedelta(days=day)}T12:00")
    by_catching_up = {(card.rule, card.subject, card.on, card.legal_at) for card in Card.objects.all()}
    assert len(by_catching_up) > 3
    Card.objects.all().delete()
    SweepMark.objects.all().delete()
    with freeze(instant(f"{begin + timedelta(days=84)}T12:00")):
        for rule in RULES:
            sweep_rule(rule.code, actor=SWEEP, everything=True)
    assert {(card.rule, card.subject, card.on, card.legal_at) for card in Card.objects.all()} == by_catching_up
    assert rules_of(running) >= {("ITEM_OVER", "DR-REC")}


def test_silence_that_reaches_back_is_found_at_once(city: Cast) -> None:
    project = submitted(city)
    late = "2026-03-16T10:00"
    sweep(late)
    assert ("FILING_LAST_DAY", "") in rules_of(project)
    with freeze(instant(late)):
        projects.accept_by_silence(project.pk, actor=Actor.system(cause=SILENCE))
        assert ("ITEM_OVER", "DR-REC") not in rules_of(project)
        raised = sweep_project(project.pk, actor=Actor.system(cause="DatesChanged"))
    assert raised >= 1
    overdue = item(project, "DR-REC")
    assert overdue.due_on is not None
    assert overdue.due_on < date(2026, 3, 16)
    assert Card.objects.get(project=project, rule="ITEM_OVER", subject="DR-REC").legal_at == instant(
        f"{overdue.due_on}T17:00"
    )


def test_a_stopped_item_and_a_draft_raise_nothing(city: Cast, running: Project) -> None:
    draft(city)
    found = item(running, "DR-REC")
    with freeze(instant("2026-03-02T11:00")):
        projects.stop_clock(
            running, ground="FORCE_MAJEURE", evidence="停办令", actor=city.commissioner, act="item.pause_clock"
        )
    sweep(f"{found.due_on + timedelta(days=30)}T12:00")  # type: ignore[operator]
    assert {rule for rule, _subject in rules_of(running)} == set()


def test_only_the_system_raises_cards(city: Cast) -> None:
    for actor in (city.supervisor, city.window, city.owner):
        with pytest.raises(DomainError):
            sweep_rule("ITEM_WARN", actor=actor)
    with pytest.raises(Forbidden):
        sweep_rule("ITEM_WARN", actor=Actor.system(cause="SomethingElse"))


def one_card(project: Project) -> Card:
    found = item(project, "DR-REC")
    sweep(f"{found.due_on}T17:00")
    card = Card.objects.get(project=project, rule="ITEM_OVER", subject="DR-REC")
    Card.objects.filter(pk=card.pk).update(department_code="HUC")
    card.refresh_from_db()
    return card


def test_a_card_is_explained_appealed_and_withdrawn_by_two(city: Cast, running: Project) -> None:
    card = one_card(running)
    with pytest.raises((Forbidden, NotFound)):
        explain_card(card.pk, actor=city.rival, text="不是我们的项目呀")
    officer = city.commissioner
    explain_card(card.pk, actor=officer, text="人员休假，已安排顶岗")
    with pytest.raises(StateConflict):
        explain_card(card.pk, actor=officer, text="再说明一次原因吧")
    appeal_card(card.pk, actor=officer, text="当日系统停机，应予扣除")
    card.refresh_from_db()
    assert card.state == "appealed"
    with pytest.raises(DomainError):
        withdraw_card(card.pk, actor=city.supervisor, finding="经查属实，予以撤销")
    ask_second_key(
        "card.withdraw", card, actor=city.supervisor, summary="撤销", arguments={"finding": "经查属实，予以撤销"}
    )
    assert SecondKey.objects.filter(action="card.withdraw").count() == 1
    card.refresh_from_db()
    assert card.state == "appealed"


def test_the_page_shows_cards_to_those_concerned(city: Cast, running: Project) -> None:
    card = one_card(running)
    supervisor = city.client("supervisor").get("/cards/")
    assert supervisor.status_code == 200
    assert card.project.name in supervisor.content.decode()
    assert "2026-" in supervisor.content.decode()
    answer = city.client("commissioner").post(
        f"/cards/{card.pk}/explain/", {"text": "人员休假，已安排顶岗", "idempotency_key": str(uuid4())}
    )
    assert answer.status_code == 302
    assert city.client("owner").get("/cards/").status_code in {200, 403}
    assert city.client("supervisor").get("/cards/?colour=yellow").status_code == 200


def test_a_late_stage_is_shown_by_its_name(city: Cast, running: Project) -> None:
    stage = running.stages.get(code="S1")
    assert sweep(f"{stage.due_on}T23:00") >= 1
    assert Card.objects.filter(project=running, rule="STAGE_WARN", subject="S1").exists()
    page = city.client("supervisor").get("/cards/").content.decode()
    assert stage.name_zh in page
    assert ">S1<" not in page


def letters_about_cards() -> set[tuple[str, str]]:
    outbox.dispatch_all()
    found = Letter.objects.filter(kind__startswith="card_").select_related("person")
    return {(letter.kind, letter.person.username) for letter in found}


def test_a_card_reaches_those_who_must_answer_it(city: Cast, running: Project) -> None:
    first = item(running, "DR-REC")
    sweep(f"{first.due_on}T18:00")
    red = Card.objects.get(project=running, rule="ITEM_OVER", subject="DR-REC")
    raised = letters_about_cards()
    assert ("card_seen", "supervisor") in raised
    assert ("card_seen", "bureau") in raised
    assert {name for kind, name in raised if kind == "card_raised"} == {"bureau2"}
    # Both dates had passed when the sweep came: the warning is on record, but only the breach is written about.
    assert Card.objects.filter(project=running, rule="ITEM_WARN", subject="DR-REC").exists()
    about = {
        (one.details["rule"]["zh"], one.details["subject"]["zh"]) for one in Letter.objects.filter(kind="card_raised")
    }
    assert ("事项超过时限", first.name_zh) in about
    assert ("事项临近时限", first.name_zh) not in about
    letter = Letter.objects.filter(kind="card_raised", details__rule__zh="事项超过时限").first()
    assert letter is not None
    assert title_of(letter.kind, letter.details).startswith("红牌")
    assert str(first.due_on) in body_of(letter.kind, letter.details)
    appeal_card(red.pk, actor=city.bureau2, text="日期算错了，系统停机。")
    assert ("card_appealed", "supervisor") in letters_about_cards()
