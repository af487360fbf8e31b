"""Whose inbox: people by role, each with the address at which he finds the matter."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.queries import live_mandates_of, people_of_organisation, people_with_role
from notices.actions import Addressee
from projects.queries.parties import Parties


def applicants(parties: Parties, path: str) -> list[Addressee]:
    """The enterprise's people, and each agent whose live mandate covers the project, under that mandate."""
    own = [Addressee(person_id, path) for person_id in people_of_organisation(parties.owner_id)]
    return own + acting(parties, path)


def acting(parties: Parties, path: str) -> list[Addressee]:
    """Agents acting for the owner."""
    found = []
    for person_id in people_with_role("agent"):
        for mandate in live_mandates_of(person_id):
            covers = not mandate.projects or parties.project_id in mandate.projects
            if mandate.principal_id == parties.owner_id and covers:
                found.append(Addressee(person_id, f"/as/{mandate.pk}{path}"))
    return found


def designers(parties: Parties, path: str) -> list[Addressee]:
    """The people of the design institutes engaged on the project."""
    return [Addressee(person, path) for institute in parties.institutes for person in people_of_organisation(institute)]


def window(parties: Parties, path: str) -> list[Addressee]:
    """The clerks of the district's window."""
    return [Addressee(person, path) for person in people_with_role("window", district_id=parties.district_id)]


def posts(parties: Parties, department_codes: Iterable[str], roles: Iterable[str], path: str) -> list[Addressee]:
    """The holders of these posts in the departments (or in the one that exercises their power)."""
    wanted = tuple(roles)
    return [
        Addressee(person, path)
        for code in department_codes
        for role in wanted
        for person in people_with_role(role, department_code=code, district_id=parties.district_id)
    ]
