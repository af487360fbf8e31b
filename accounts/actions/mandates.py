"""Mandates (代办授权): granted by the enterprise, accepted by the agent, ended by either at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import require
from accounts.actions.revocation import take_from
from accounts.events import MandateAccepted, MandateDeclined, MandateGranted, MandateRevoked
from accounts.legal_day import today_in_shanghai
from accounts.models import Mandate, Organisation, Person, Post
from ledger.actor import Actor
from ledger.clock_now import now
from ledger.errors import Invalid, NotFound, StateConflict
from ledger.record import record

NO_ORGANISATION = UUID(int=0)


@transaction.atomic
def grant_mandate(
    agent_username: str,
    *,
    actor: Actor,
    starts_on: date,
    ends_on: date,
    projects: Sequence[UUID] = (),
    items: Sequence[str] = (),
) -> Mandate:
    """Let one agent act for the actor's enterprise (民法典第一百六十五条: 代理人、事项、权限、期限以书面载明).

    No sub-delegation: only the enterprise's own administrator grants. Empty `projects` or `items` means all.
    """
    principal = Organisation.objects.select_for_update().filter(pk=actor.organisation_id or NO_ORGANISATION).first()
    if principal is None:
        raise NotFound(_("只有企业可以委托代办员。"))
    require(actor, "mandate.grant", principal)
    agent = Person.objects.filter(username=agent_username.strip(), is_active=True).first()
    errors: dict[str, list[str]] = {}
    if agent is None or not Post.objects.filter(person=agent, is_active=True, roles__contains=["agent"]).exists():
        errors["agent"] = [_("没有这位代办员，请核对代办员账号。")]
    if ends_on < starts_on:
        errors["ends_on"] = [_("截止日期不能早于开始日期。")]
    elif ends_on < today_in_shanghai():
        errors["ends_on"] = [_("截止日期已过，请填写今天或以后的日期。")]
    if errors or agent is None:
        raise Invalid(errors)
    mandate = Mandate.objects.create(
        number=next_number(principal),
        principal=principal,
        agent=agent,
        projects=list(projects),
        items=list(items),
        starts_on=starts_on,
        ends_on=ends_on,
        granted_by_id=actor.signed_in(),
        granted_at=now(),
    )
    event = MandateGranted(mandate_id=mandate.pk, principal_id=principal.pk, agent_id=agent.pk, ends_on=ends_on)
    record(event, actor=actor, subject=mandate)
    return mandate


def next_number(principal: Organisation) -> str:
    """委托书编号: the enterprise's running number within the year; its row is locked."""
    year = today_in_shanghai().year
    made = Mandate.objects.filter(principal=principal, granted_at__year=year).count()
    return f"WT-{principal.uscc[-6:]}-{year}-{made + 1:03d}"


@transaction.atomic
def accept_mandate(mandate_id: UUID, *, actor: Actor) -> Mandate:
    """The agent takes the mandate on (接受委托)."""
    mandate = lock_mandate(mandate_id)
    require(actor, "mandate.accept", mandate)
    must_be(mandate, Mandate.State.GRANTED)
    mandate.state = Mandate.State.LIVE
    mandate.accepted_at = now()
    mandate.save(update_fields=["state", "accepted_at"])
    record(
        MandateAccepted(mandate_id=mandate.pk, principal_id=mandate.principal_id, agent_id=mandate.agent_id),
        actor=actor,
        subject=mandate,
    )
    return mandate


@transaction.atomic
def decline_mandate(mandate_id: UUID, *, actor: Actor) -> Mandate:
    """The agent does not take it on (谢绝委托)."""
    mandate = lock_mandate(mandate_id)
    require(actor, "mandate.accept", mandate)
    must_be(mandate, Mandate.State.GRANTED)
    end(mandate, Mandate.State.DECLINED, actor)
    record(
        MandateDeclined(mandate_id=mandate.pk, principal_id=mandate.principal_id, agent_id=mandate.agent_id),
        actor=actor,
        subject=mandate,
    )
    return mandate


@transaction.atomic
def revoke_mandate(mandate_id: UUID, *, actor: Actor) -> Mandate:
    """End a mandate at once, by either side (民法典第一百七十三条); what was done under it stays valid."""
    mandate = lock_mandate(mandate_id)
    require(actor, "mandate.revoke", mandate)
    if mandate.state not in {Mandate.State.GRANTED, Mandate.State.LIVE}:
        raise StateConflict(_("这份委托已经结束。"))
    end(mandate, Mandate.State.REVOKED, actor)
    take_from([mandate.agent_id])
    record(
        MandateRevoked(mandate_id=mandate.pk, principal_id=mandate.principal_id, agent_id=mandate.agent_id),
        actor=actor,
        subject=mandate,
    )
    return mandate


def lock_mandate(mandate_id: UUID) -> Mandate:
    """The mandate, locked."""
    mandate = Mandate.objects.select_for_update().filter(pk=mandate_id).first()
    if mandate is None:
        raise NotFound
    return mandate


def must_be(mandate: Mandate, state: Mandate.State) -> None:
    """Refuse when somebody was faster."""
    if mandate.state != state:
        raise StateConflict(_("这份委托的状态已经改变，请刷新页面。"))


def end(mandate: Mandate, state: Mandate.State, actor: Actor) -> None:
    """Write the end and who brought it about."""
    mandate.state = state
    mandate.ended_at = now()
    mandate.ended_by_id = actor.person_id
    mandate.save(update_fields=["state", "ended_at", "ended_by"])
