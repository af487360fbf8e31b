"""The catalogue: drafts, publication by two, editions pinned and changed on record; the powers table."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from accounts.actions import ask_second_key, confirm_second_key
from ledger.actor import Actor
from ledger.clock_now import freeze
from ledger.errors import Conflict, DomainError, Forbidden, NotFound, Refused, StateConflict
from ledger.models import AuditEvent
from ledger.subscribe import Delivery
from notices.models import Letter
from notices.subscribers import on_due_dates
from projects import actions, domain
from projects.actions import PowerForm
from projects.events import DueDatesChanged
from projects.models import CalendarYear, ItemCase, PipelineEdition, Power
from projects.pipeline.template import read_template
from projects.queries.editions import edition_in_force, template_of
from projects.rules.powers import Entry, check_power, entry_on
from tests.actions.projects.filing import accepted, decide, instant, item
from tests.cast import Cast

CODE = "PRIVATE_FILING_40"


def new_draft(city: Cast, version: str = "1.1") -> PipelineEdition:
    return actions.begin_draft(edition_in_force(CODE).pk, version, actor=city.sysadmin)


def publish(city: Cast, edition: PipelineEdition) -> None:
    edition.refresh_from_db()
    key = ask_second_key(
        "config.edit_item_catalogue",
        edition,
        actor=city.sysadmin,
        summary="发布",
        arguments={"draft_version": edition.draft_version},
    )
    confirm_second_key(key.pk, actor=city.sysadmin2)


def test_a_draft_is_edited_with_its_critical_path_and_published_by_two(city: Cast) -> None:
    before = edition_in_force(CODE)
    draft = new_draft(city)
    assert (draft.state, draft.based_on_id, draft.critical_days) == ("draft", before.pk, 37)
    edited = actions.change_draft_item(
        draft.pk, "DR-REC", {"limit_working_days": 3, "internal_limit_working_days": 2}, actor=city.sysadmin
    )
    assert edited.draft_version == 2
    assert template_of(edited).by_code["DR-REC"].internal_days == 2
    assert edited.critical_days == 37 + 3 - template_of(before).by_code["DR-REC"].limit_days
    assert AuditEvent.objects.filter(name="EditionDrafted").count() == 2
    # In force nothing has changed yet, and one administrator alone cannot change it.
    assert edition_in_force(CODE).pk == before.pk
    with pytest.raises(DomainError):
        actions.publish_edition(draft.pk, actor=city.sysadmin, draft_version=2)


def test_publishing_needs_the_version_both_looked_at(city: Cast) -> None:
    old = accepted(city)
    draft = new_draft(city)
    key = ask_second_key(
        "config.edit_item_catalogue", draft, actor=city.sysadmin, summary="发布", arguments={"draft_version": 1}
    )
    actions.change_draft_item(draft.pk, "DR-REC", {"note": "改过"}, actor=city.sysadmin)
    with pytest.raises(Conflict):
        confirm_second_key(key.pk, actor=city.sysadmin2)
    draft.refresh_from_db()
    assert draft.state == "draft"
    from accounts.actions import refuse_second_key

    refuse_second_key(key.pk, actor=city.sysadmin)
    publish(city, draft)
    assert edition_in_force(CODE).version == "1.1"
    old.refresh_from_db()
    assert old.edition.version == "1.0"  # a project pins its edition
    with pytest.raises(StateConflict):
        actions.change_draft_item(draft.pk, "DR-REC", {"note": "x"}, actor=city.sysadmin)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"limit_working_days": -1}, "negative_limit"),
        ({"prerequisites": ["NO-SUCH"]}, "unknown_prerequisite"),
        ({"prerequisites": ["DR-REC"]}, "cycle"),
        ({"applies_if": "x >"}, "bad_condition"),
        ({"limit_working_days": "many"}, "bad_template"),
        ({"kind": "MAGIC"}, "bad_template"),
        ({"code": "OTHER"}, "item_field"),
    ],
)
def test_a_change_that_cannot_be_read_is_refused_and_the_draft_stays(
    city: Cast, fields: dict[str, Any], code: str
) -> None:
    draft = new_draft(city)
    with pytest.raises(Refused) as refusal:
        actions.change_draft_item(draft.pk, "DR-REC", fields, actor=city.sysadmin)
    assert refusal.value.code == code
    assert refusal.value.message
    draft.refresh_from_db()
    assert draft.draft_version == 1


@pytest.mark.parametrize(
    ("item", "fields", "said"),
    [
        ("DR-REC", {"materials": [{"code": "X1", "name_zh": "其他材料"}]}, "含糊"),
        ("DR-REC", {"materials": [{"code": "X1", "name_zh": "有关材料"}]}, "含糊"),
        ("DR-REC", {"limit_working_days": 30}, "超过"),
        ("DR-REC", {"internal_limit_working_days": 39}, "内部时限"),
        ("DR-REC", {"applies_if": "has_helipad"}, "has_helipad"),
        ("DR-REC", {"department": "NASA"}, "NASA"),
        ("DR-REC", {"on_timeout": "SILENCE_IS_CONSENT"}, "逾期视为同意"),
    ],
)
def test_publication_is_refused_with_every_reason(city: Cast, item: str, fields: dict[str, Any], said: str) -> None:
    draft = new_draft(city)
    actions.change_draft_item(draft.pk, item, fields, actor=city.sysadmin)
    with pytest.raises(Refused) as refusal:
        publish(city, draft)
    assert refusal.value.code == "template_faults"
    assert said in refusal.value.message
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_items_are_added_and_removed_and_prerequisites_pass_on(city: Cast) -> None:
    draft = new_draft(city)
    template = template_of(draft)
    behind = [spec.code for spec in template.items if "DR-REC" in spec.prerequisites]
    gone = actions.remove_draft_item(draft.pk, "DR-REC", actor=city.sysadmin)
    for code in behind:
        assert "DR-REC" not in template_of(gone).by_code[code].prerequisites
        assert set(template.by_code["DR-REC"].prerequisites) <= set(template_of(gone).by_code[code].prerequisites)
    back = actions.add_draft_item(
        draft.pk, {"code": "NEW-1", "name_zh": "新事项", "limit_working_days": 1, "stage": "S1"}, actor=city.sysadmin
    )
    assert "NEW-1" in template_of(back).by_code
    with pytest.raises(Conflict):
        actions.remove_draft_item(draft.pk, "NEW-1", actor=city.sysadmin, expected_version=1)
    actions.drop_draft(draft.pk, actor=city.sysadmin)
    assert not PipelineEdition.objects.filter(pk=draft.pk).exists()


def test_only_an_administrator_drafts(city: Cast) -> None:
    for actor in (city.window, city.owner, city.supervisor, city.secadmin):
        with pytest.raises((Forbidden, NotFound)):
            actions.begin_draft(edition_in_force(CODE).pk, "2.0", actor=actor)
    with pytest.raises(Conflict):
        actions.begin_draft(edition_in_force(CODE).pk, "1.0", actor=city.sysadmin)


def test_a_project_moves_to_another_edition_on_record(city: Cast) -> None:
    project = accepted(city)
    decide(city, project, "DR-REC", at="2026-03-03T10:00")
    draft = new_draft(city)
    waiting = ItemCase.objects.filter(project=project, state__isnull=True, need="needed").last()
    assert waiting is not None
    actions.change_draft_item(draft.pk, waiting.code, {"limit_working_days": 0}, actor=city.sysadmin)
    publish(city, draft)
    done = item(project, "DR-REC")
    arguments = {"edition_id": str(draft.pk), "reason": "新版流程压缩时限，企业书面同意适用"}
    with pytest.raises(DomainError):
        actions.change_edition(project.pk, actor=city.window, **arguments)
    key = ask_second_key("project.change_edition", project, actor=city.window, summary="换版", arguments=arguments)
    with freeze(instant("2026-03-04T10:00")):
        confirm_second_key(key.pk, actor=city.window2)
    project.refresh_from_db()
    assert project.edition.version == "1.1"
    assert item(project, "DR-REC").decided_at == done.decided_at
    assert item(project, waiting.code).limit_days == 0
    assert AuditEvent.objects.filter(name="EditionChanged", project_id=project.pk).count() == 1


def test_a_move_that_would_lose_what_was_done_is_refused(city: Cast) -> None:
    project = accepted(city)
    draft = new_draft(city)
    actions.remove_draft_item(draft.pk, "DR-REC", actor=city.sysadmin)
    publish(city, draft)
    key = ask_second_key(
        "project.change_edition",
        project,
        actor=city.window,
        summary="换版",
        arguments={"edition_id": str(draft.pk), "reason": "新版流程压缩时限，企业书面同意适用"},
    )
    with pytest.raises(Refused) as refusal:
        confirm_second_key(key.pk, actor=city.window2)
    assert "DR-REC" in refusal.value.message


# The powers table


def entry(item_code: str, holder: str, first: str, last: str | None) -> Entry:
    return Entry(item_code, holder, "令第1号", date.fromisoformat(first), date.fromisoformat(last) if last else None)


@pytest.mark.parametrize(
    ("entries", "department", "day", "allowed"),
    [
        # 行政许可法第二十三至二十五条: who acts must hold the power on the day.
        ([], "HUC", "2026-03-02", True),
        ([entry("", "ADB", "2026-01-01", None)], "ADB", "2026-03-02", True),
        ([entry("", "ADB", "2026-01-01", None)], "HUC", "2026-03-02", False),
        ([entry("", "ADB", "2026-01-01", "2026-03-02")], "ADB", "2026-03-02", True),
        ([entry("", "ADB", "2026-01-01", "2026-03-01")], "ADB", "2026-03-02", False),
        ([entry("", "ADB", "2026-03-03", None)], "ADB", "2026-03-02", False),
        ([entry("X", "ADB", "2026-01-01", None), entry("", "HUC", "2026-01-01", None)], "ADB", "2026-03-02", True),
        ([entry("X", "ADB", "2026-01-01", None), entry("", "HUC", "2026-01-01", None)], "HUC", "2026-03-02", False),
        ([entry("Y", "ADB", "2026-01-01", None)], "HUC", "2026-03-02", True),
    ],
)
def test_who_may_act_on_a_day(entries: list[Entry], department: str, day: str, allowed: bool) -> None:
    if allowed:
        check_power(entries, "X", "事项", department, date.fromisoformat(day))
        return
    with pytest.raises(Refused) as refusal:
        check_power(entries, "X", "事项", department, date.fromisoformat(day))
    assert refusal.value.code == "no_power"
    assert refusal.value.next_step


def test_the_entry_that_names_the_item_comes_first() -> None:
    both = [entry("", "HUC", "2026-01-01", None), entry("X", "ADB", "2026-01-01", None)]
    found = entry_on(both, "X", date(2026, 3, 2))
    assert found is not None
    assert found.holder_code == "ADB"


def form(city: Cast, **more: Any) -> PowerForm:
    return PowerForm(
        **{
            "district_id": city.district.pk,
            "department_code": "DRC",
            "holder_code": "HUC",
            "kind": "entrusted",
            "basis": "云川政发〔2026〕1号委托书",
            "valid_from": date(2026, 3, 1),
            "valid_to": date(2026, 3, 10),
            "item_code": "DR-REC",
            **more,
        }
    )


def put_in_force(city: Cast, power: Power, **arguments: Any) -> None:
    key = ask_second_key(
        "config.edit_powers", power, actor=city.sysadmin, summary="权责", arguments=arguments or {"act": "confirm"}
    )
    confirm_second_key(key.pk, actor=city.sysadmin2)


def test_an_act_without_power_on_that_date_is_refused(city: Cast) -> None:
    project = accepted(city)
    power = actions.propose_power(form(city), actor=city.sysadmin)
    found = item(project, "DR-REC")
    # Proposed only: nothing has changed.
    with freeze(instant("2026-03-03T10:00")), pytest.raises(DomainError):
        actions.accept_item(found.pk, actor=city.fire)
    put_in_force(city, power)
    with freeze(instant("2026-03-03T10:00")):
        with pytest.raises(Refused) as refusal:
            actions.accept_item(found.pk, actor=city.bureau)
        assert refusal.value.code == "no_power"
        actions.accept_item(found.pk, actor=city.fire)
    # After its last day nobody holds it until the table is mended.
    with freeze(instant("2026-03-11T10:00")), pytest.raises(DomainError):
        actions.approve_item(found.pk, actor=city.bureau2)


def test_powers_do_not_overlap_and_are_taken_back_by_two(city: Cast) -> None:
    first = actions.propose_power(form(city), actor=city.sysadmin)
    put_in_force(city, first)
    second = actions.propose_power(form(city, holder_code="ADB", valid_from=date(2026, 3, 5)), actor=city.sysadmin)
    with pytest.raises(Conflict):
        put_in_force(city, second)
    from accounts.actions import refuse_second_key
    from accounts.models import SecondKey

    refuse_second_key(SecondKey.objects.get(state="waiting").pk, actor=city.sysadmin)
    put_in_force(city, first, act="take_back", last_day="2026-03-04", why="云川政发〔2026〕9号收回")
    put_in_force(city, second)
    first.refresh_from_db()
    assert first.valid_to == date(2026, 3, 4)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"valid_to": date(2026, 2, 1)}, "power_order"),
        ({"basis": "口头"}, "power_basis"),
        ({"holder_code": "NASA"}, "power_holder"),
        ({"department_code": "NASA"}, "power_department"),
        ({"kind": "gift"}, "power_kind"),
    ],
)
def test_a_bad_entry_is_refused(city: Cast, more: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refusal:
        actions.propose_power(form(city, **more), actor=city.sysadmin)
    assert refusal.value.code == code


def test_a_notice_is_loaded_by_two_and_moves_provisional_dates(city: Cast) -> None:
    project = accepted(city, at="2026-11-23T10:00")
    assert project.is_provisional
    before = project.due_on
    rows = [
        {"date": "2027-01-01", "kind": "OFF", "name_zh": "元旦", "name_en": "New Year"},
        {"date": "2027-01-04", "kind": "OFF", "name_zh": "元旦", "name_en": "New Year"},
    ]
    anchor = CalendarYear.objects.filter(superseded_at__isnull=True).first()
    assert anchor is not None
    key = ask_second_key(
        "config.edit_holiday_calendar",
        anchor,
        actor=city.sysadmin,
        summary="2027 年放假通知",
        arguments={"year": 2027, "rows": rows, "source": "国办发明电〔2026〕X号"},
    )
    confirm_second_key(key.pk, actor=city.sysadmin2)
    changed = actions.recompute_due_dates(project.pk, actor=Actor.system(cause="CalendarLoaded"))
    project.refresh_from_db()
    assert changed
    assert not project.is_provisional
    assert project.due_on != before
    assert AuditEvent.objects.filter(name="DueDatesChanged", project_id=project.pk).count() == 1
    tell(project.pk, before, project.due_on)
    letter = Letter.objects.filter(kind="due_changed", project_id=project.pk).first()
    assert letter is not None
    assert (letter.details["was"], letter.details["now"]) == (str(before), str(project.due_on))


def tell(project_id: UUID, was: date | None, now: date | None) -> None:
    """What the outbox does with the event, twice: the second delivery writes nothing."""
    event = DueDatesChanged(project_id=project_id, was=was, now=now, items=1)
    delivery = Delivery(uuid4(), project_id, None, None, instant("2026-11-24T10:00"), 1)
    on_due_dates(event, delivery)
    told = Letter.objects.filter(kind="due_changed").count()
    assert told > 0
    on_due_dates(event, delivery)
    assert Letter.objects.filter(kind="due_changed").count() == told


def test_every_bundled_template_can_be_drafted_again() -> None:
    from projects.pipeline.editing import with_version

    for code in domain.template_paths():
        assert read_template(with_version(domain.template(code), "9.9")).version == "9.9"
