"""The fixed cast (演员表) of the demo city and of the tests, made from accounts/cast.yaml."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from accounts.actions.mandates import accept_mandate, grant_mandate
from accounts.legal_day import today_in_shanghai
from accounts.models import Department, District, Mandate, Organisation, Person, Post
from accounts.sessions import actor_of_post

MANDATE_DAYS = 365


@transaction.atomic
def make_cast() -> None:
    """Make districts, departments, organisations, people, posts and mandates; a second call changes nothing.

    Production refuses: these accounts share one published password.
    """
    if settings.PRODUCTION:
        raise ImproperlyConfigured("the demo's accounts cannot be made in production")
    data: dict[str, Any] = yaml.safe_load((Path(__file__).parents[1] / "cast.yaml").read_text(encoding="utf-8"))
    district = make_district(data["district"])
    departments = make_departments(data, district)
    organisations = {row["key"]: make_organisation(row) for row in data["organisations"]}
    password = make_password(settings.DEMO_PASSWORD)
    for row in data["people"]:
        make_person(row, district, departments, organisations, password)
    for row in data["mandates"]:
        make_mandate(row, organisations)


def make_district(row: dict[str, Any]) -> District:
    """The fictional district."""
    return District.objects.get_or_create(
        code=row["code"], defaults={"name_zh": row["name_zh"], "name_en": row["name_en"], "epsg": row["epsg"]}
    )[0]


def make_departments(data: dict[str, Any], district: District) -> dict[str, Department]:
    """Departments, and the powers table: the bureau exercises every power that has no house of its own."""
    made = {}
    for row in data["departments"]:
        made[row["code"]], _new = Department.objects.get_or_create(
            code=row["code"],
            district=district,
            defaults={
                "name_zh": row["name_zh"],
                "name_en": row["name_en"],
                "short_name": row["short"],
                "badge": row["badge"],
                "color": row["color"],
            },
        )
    others = Department.objects.filter(district=district).exclude(code__in=data["exercise_their_own"])
    others.update(exercised_by=made["ADB"])
    return made


def make_organisation(row: dict[str, Any]) -> Organisation:
    """An enterprise, the design institute or the agency."""
    return Organisation.objects.get_or_create(
        uscc=row["uscc"],
        defaults={
            "kind": row["kind"],
            "name": row["name"],
            "name_en": row["name_en"],
            "legal_representative": row["legal"],
            "address": row["address"],
        },
    )[0]


def make_person(
    row: dict[str, Any],
    district: District,
    departments: dict[str, Department],
    organisations: dict[str, Organisation],
    password: str,
) -> None:
    """One person with one post."""
    person, new = Person.objects.get_or_create(
        username=row["user"], defaults={"name": row["name"], "password": password}
    )
    if not new:
        return
    Post.objects.create(
        person=person,
        title=row["title"],
        title_en=row["title_en"],
        roles=row["roles"],
        department=departments.get(row.get("department", "")),
        organisation=organisations.get(row.get("organisation", "")),
        district=None if "organisation" in row else district,
    )


def make_mandate(row: dict[str, Any], organisations: dict[str, Organisation]) -> None:
    """A mandate granted and accepted by the real acts."""
    principal = organisations[row["principal"]]
    if Mandate.objects.filter(principal=principal, agent__username=row["agent"]).exists():
        return
    granter = Post.objects.select_related("person", "department").get(person__username=row["granted_by"])
    taker = Post.objects.select_related("person", "department").get(person__username=row["agent"])
    today = today_in_shanghai()
    mandate = grant_mandate(
        row["agent"],
        actor=actor_of_post(granter, stepped_up=True),
        starts_on=today,
        ends_on=today + timedelta(days=MANDATE_DAYS),
    )
    accept_mandate(mandate.pk, actor=actor_of_post(taker, stepped_up=True))
