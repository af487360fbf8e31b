"""Readers of people, departments, organisations and mandates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.access import scope
from accounts.legal_day import today_in_shanghai
from accounts.models import Department, District, Mandate, Organisation, Person, Post, SecondKey
from ledger.actor import Actor
from ledger.errors import NotFound


def district(district_id: int) -> District:
    """One district (行政区划)."""
    found = District.objects.filter(pk=district_id).first()
    if found is None:
        raise NotFound
    return found


def districts() -> QuerySet[District]:
    """Every district of the platform."""
    return District.objects.order_by("code")


def departments(district_id: int) -> QuerySet[Department]:
    """The departments of one district, by code."""
    return Department.objects.filter(district_id=district_id).select_related("exercised_by").order_by("code")


def department_by_code(code: str, district_id: int) -> Department:
    """One department of a district by its short code."""
    found = Department.objects.filter(code=code, district_id=district_id).select_related("exercised_by").first()
    if found is None:
        raise NotFound
    return found


def organisation(organisation_id: UUID) -> Organisation:
    """One organisation (单位)."""
    found = Organisation.objects.filter(pk=organisation_id).first()
    if found is None:
        raise NotFound
    return found


def organisation_by_uscc(uscc: str) -> Organisation | None:
    """The organisation with this credit code (统一社会信用代码), if it is registered."""
    return Organisation.objects.filter(uscc=uscc).first()


def organisations_of_kind(kind: str) -> QuerySet[Organisation]:
    """Organisations of one kind: enterprise, design_institute, agency."""
    return Organisation.objects.filter(kind=kind).order_by("name")


def display_name(person_id: int | None) -> str:
    """A person's name; the system where nobody acted."""
    if person_id is None:
        return "系统"
    return display_names([person_id]).get(person_id, "—")


def display_names(person_ids: Iterable[int]) -> dict[int, str]:
    """Names of several people in one query."""
    return dict(Person.objects.filter(pk__in=set(person_ids)).values_list("pk", "name"))


def permission_epochs(person_ids: Iterable[int]) -> dict[int, int]:
    """The permission epoch of each of these people who is active; raised whenever something is taken from one."""
    return dict(Person.objects.filter(pk__in=set(person_ids), is_active=True).values_list("pk", "permission_epoch"))


def permission_epochs_sql(person_ids: Iterable[int]) -> tuple[str, list[Any]]:
    """The question of `permission_epochs` as SQL with its parameters, to be sent along with others; rows (id, epoch)."""
    return (
        "SELECT id, permission_epoch FROM accounts_person WHERE id = ANY(%s) AND is_active",
        [sorted(set(person_ids))],
    )


def people_with_role(
    role: str,
    *,
    department_code: str | None = None,
    organisation_id: UUID | None = None,
    district_id: int | None = None,
) -> list[int]:
    """Ids of the active people who hold a role, in a department (or in the one that exercises its power)."""
    posts = Post.objects.filter(roles__contains=[role], is_active=True, person__is_active=True)
    if department_code is not None:
        own = Q(department__code=department_code, department__exercised_by__isnull=True)
        posts = posts.filter(own | Q(department__exercises__code=department_code))
    if organisation_id is not None:
        posts = posts.filter(organisation_id=organisation_id)
    if district_id is not None:
        posts = posts.filter(Q(district_id=district_id) | Q(department__district_id=district_id))
    return sorted(set(posts.values_list("person_id", flat=True)))


def people_of_department(department_code: str, district_id: int) -> list[int]:
    """Ids of the active people who work for a department's power."""
    own = Q(department__code=department_code, department__exercised_by__isnull=True)
    posts = Post.objects.filter(
        own | Q(department__exercises__code=department_code),
        department__district_id=district_id,
        is_active=True,
        person__is_active=True,
    )
    return sorted(set(posts.values_list("person_id", flat=True)))


def people_of_organisation(organisation_id: UUID) -> list[int]:
    """Ids of the active people of an organisation."""
    posts = Post.objects.filter(organisation_id=organisation_id, is_active=True, person__is_active=True)
    return sorted(set(posts.values_list("person_id", flat=True)))


def agents() -> QuerySet[Post]:
    """The agents an enterprise may choose from (代办员)."""
    return (
        Post.objects.filter(roles__contains=["agent"], is_active=True, person__is_active=True)
        .select_related("person", "organisation")
        .order_by("person__name")
    )


def mandates_for(actor: Actor) -> QuerySet[Mandate]:
    """The mandates the actor may see: granted by his enterprise, or given to himself."""
    return (
        scope(actor, "mandate.view", Mandate.objects.all()).select_related("principal", "agent").order_by("-granted_at")
    )


def live_mandates_of(person_id: int) -> QuerySet[Mandate]:
    """An agent's mandates that hold today."""
    today = today_in_shanghai()
    return (
        Mandate.objects.filter(agent_id=person_id, state=Mandate.State.LIVE, starts_on__lte=today, ends_on__gte=today)
        .select_related("principal")
        .order_by("principal__name")
    )


def agents_acting_for(organisation_id: UUID, project_id: UUID) -> list[int]:
    """Ids of the agents whose live mandate covers this project of the organisation."""
    today = today_in_shanghai()
    mandates = Mandate.objects.filter(
        Q(projects=[]) | Q(projects__contains=[project_id]),
        principal_id=organisation_id,
        state=Mandate.State.LIVE,
        starts_on__lte=today,
        ends_on__gte=today,
    )
    return sorted(set(mandates.values_list("agent_id", flat=True)))


def mandate_for_banner(mandate_id: UUID) -> Mandate | None:
    """The mandate named in the orange banner while an agent acts."""
    return Mandate.objects.filter(pk=mandate_id).select_related("principal").first()


def second_keys_waiting(actor: Actor) -> QuerySet[SecondKey]:
    """Requests that wait for somebody else, asked under a mandate of the actor's enterprise or in his department."""
    waiting = SecondKey.objects.filter(state=SecondKey.State.WAITING).exclude(asked_by_id=actor.person_id)
    mine = Q(pk__in=[])
    if actor.organisation_id and "ent_admin" in actor.roles:
        mine |= Q(asked_mandate__principal_id=actor.organisation_id)
    if actor.department_code:
        mine |= Q(asked_post__department_id=actor.department_id)
    return waiting.filter(mine).select_related("asked_by").order_by("asked_at")
