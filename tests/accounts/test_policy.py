"""The permission table: read whole, default deny, relations, step-up, second keys."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from accounts.access import can, get_for, require, scope
from accounts.actions import ask_second_key, confirm_second_key, grant_mandate, revoke_mandate, second_key, two_key_act
from accounts.checks import missing_actions
from accounts.legal_day import today_in_shanghai
from accounts.models import Mandate, Organisation
from accounts.policy import LEADING_COLUMNS, ROLES, policy, read_policy
from ledger.actor import Actor
from ledger.errors import Forbidden, Invalid, NotFound, SecondKeyRequired, SignInRequired, StepUpRequired
from tests.cast import Cast

HEADER = "\t".join([*LEADING_COLUMNS, *ROLES])


def line(name: str, **cells: str) -> str:
    object_, action = name.split(".")
    return "\t".join([object_, action, "any", "GET", *(cells.get(role, "-") for role in ROLES)])


@pytest.mark.parametrize(
    "text",
    [
        HEADER.replace("auditor", "king"),
        f"{HEADER}\n{line('a.b', window='X')}",
        f"{HEADER}\n{line('a.b', window='J!')}",
        f"{HEADER}\n{line('a.b', window='J')}\n{line('a.b', lead='C')}",
        f"{HEADER}\na\tb\tany\tGET\t-",
    ],
    ids=["unknown role", "unknown relation", "unknown suffix", "repeated action", "short line"],
)
def test_a_faulty_table_stops_the_start(text: str) -> None:
    with pytest.raises(ImproperlyConfigured):
        read_policy(text)


@pytest.mark.parametrize("name", ["mandate.sub_delegate", "audit.edit", "audit.delete", "user.impersonate"])
def test_nobody_may(name: str) -> None:
    assert policy()[name].cells == {}


def test_the_system_administrator_reaches_no_business_object() -> None:
    business = {
        "project",
        "item",
        "joint_review",
        "drawing",
        "annotation",
        "opinion",
        "acceptance",
        "document",
        "notice",
    }
    reached = {
        row.action
        for row in policy().values()
        if row.action.split(".")[0] in business and "sysadmin" in row.cells and row.cells["sysadmin"].relation != "L"
    }
    assert reached == set()


def test_only_the_approving_post_decides() -> None:
    for name in ("item.approve", "item.deny"):
        assert set(policy()[name].cells) == {"pos_approve"}


def test_every_url_and_socket_message_has_its_row() -> None:
    assert list(missing_actions()) == []


def test_list_and_detail_agree(cast: Cast) -> None:
    everyone = [
        cast.owner,
        cast.rival,
        cast.agent,
        cast.agent2,
        cast.window,
        cast.supervisor,
        cast.planning,
        Actor.public(),
    ]
    mandates = list(Mandate.objects.all())
    assert len(mandates) == 3
    for actor in everyone:
        listed = set(scope(actor, "mandate.view", Mandate.objects.all()).values_list("pk", flat=True))
        assert listed == {one.pk for one in mandates if can(actor, "mandate.view", one)}, actor.username


def test_a_relation_to_everything_is_not_lost_among_others(cast: Cast) -> None:
    assert scope(cast.supervisor, "mandate.view", Mandate.objects.all()).count() == 3
    assert scope(cast.agent2, "mandate.view", Mandate.objects.all()).count() == 1


def test_unseen_is_not_found_and_seen_but_not_allowed_is_forbidden(cast: Cast) -> None:
    mandate = Mandate.objects.get(agent__username="agent2")
    with pytest.raises(NotFound):
        get_for(cast.owner, "mandate.view", Mandate, mandate.pk)
    with pytest.raises(Forbidden):
        require(cast.agent2, "mandate.extend", mandate)
    with pytest.raises(SignInRequired):
        require(Actor.public(), "mandate.view", mandate)


def test_an_act_of_law_needs_a_fresh_factor(cast: Cast) -> None:
    own = Organisation.objects.get(pk=cast.owner.organisation_id)
    with pytest.raises(StepUpRequired):
        require(cast.actor("owner", fresh=False), "mandate.grant", own)
    require(cast.owner, "mandate.grant", own)


def test_the_system_does_only_what_is_listed(cast: Cast) -> None:
    mandate = Mandate.objects.first()
    with pytest.raises(Forbidden):
        require(Actor.system(cause="Whim"), "mandate.revoke", mandate)
    assert scope(Actor.system(cause="Whim"), "mandate.view", Mandate.objects.all()).count() == 0


class TestMandate:
    def test_rights_of_two_enterprises_are_never_merged(self, cast: Cast) -> None:
        for_yunqi, for_chuanhe = cast.acting("agent", "yunqi"), cast.acting("agent", "chuanhe")
        assert for_yunqi.principal_id == cast.yunqi.pk
        assert for_chuanhe.principal_id == cast.chuanhe.pk
        assert for_yunqi.roles == frozenset({"agent"})

    def test_a_revoked_mandate_ends_at_once(self, cast: Cast) -> None:
        client = cast.client("agent")
        mandate = cast.mandate("agent", "yunqi")
        assert client.get(f"/as/{mandate}/mandates/", headers={"accept": "application/json"}).status_code == 200
        revoke_mandate(mandate, actor=cast.owner)
        assert client.get(f"/as/{mandate}/mandates/", headers={"accept": "application/json"}).status_code == 403

    def test_another_agents_mandate_is_of_no_use(self, cast: Cast) -> None:
        mandate = cast.mandate("agent2", "chuanhe")
        assert cast.client("agent").get(f"/as/{mandate}/mandates/").status_code == 403

    @pytest.mark.parametrize(
        ("agent", "days", "field"), [("nobody", 10, "agent"), ("window", 10, "agent"), ("agent", -1, "ends_on")]
    )
    def test_a_wrong_field_says_how_to_mend_it(self, cast: Cast, agent: str, days: int, field: str) -> None:
        today = today_in_shanghai()
        with pytest.raises(Invalid) as refusal:
            grant_mandate(agent, actor=cast.owner, starts_on=today, ends_on=today.fromordinal(today.toordinal() + days))
        assert field in refusal.value.errors

    def test_an_agent_cannot_grant(self, cast: Cast) -> None:
        today = today_in_shanghai()
        with pytest.raises(DomainRefusal):
            grant_mandate("agent2", actor=cast.acting(), starts_on=today, ends_on=today)


DomainRefusal = (Forbidden, NotFound)


class TestSecondKey:
    """A `2` cell: another person confirms, and the act runs in the asker's name."""

    @pytest.fixture
    def published(self, monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, str]]:
        """An act of ours in the place of the real one, which comes back afterwards."""
        monkeypatch.setattr(second_key, "ACTS", dict(second_key.ACTS))
        done: list[tuple[object, str]] = []

        @two_key_act("assessment.publish")
        def publish(subject_id: object, *, actor: Actor, why: str) -> None:
            require(actor, "assessment.publish", Organisation.objects.get(pk=subject_id))
            done.append((subject_id, why))

        return done

    def test_one_person_alone_cannot(self, cast: Cast, published: list[tuple[object, str]], region: None) -> None:
        subject = Organisation.objects.get(pk=cast.yunqi.pk)
        with pytest.raises(SecondKeyRequired):
            require(cast.assess, "assessment.publish", subject)
        key = ask_second_key(
            "assessment.publish", subject, actor=cast.assess, summary="发布", arguments={"why": "新版"}
        )
        with pytest.raises(Forbidden):
            confirm_second_key(key.pk, actor=cast.assess)
        with pytest.raises(Forbidden):
            confirm_second_key(key.pk, actor=cast.owner)
        assert published == []
        confirm_second_key(key.pk, actor=cast.assess2)
        assert published == [(subject.pk, "新版")]

    @pytest.fixture
    def region(self) -> object:
        from django.db.models import Q

        from accounts.access import _relations, register_relation

        register_relation(Organisation, "R", lambda actor: Q() if actor.district_id else Q(pk__in=[]))
        yield
        _relations.pop((Organisation, "R"))
