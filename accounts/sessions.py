"""From a session, a token or a socket to an Actor: person, chosen post, mandate, fresh factor."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from accounts.legal_day import today_in_shanghai
from accounts.models import ApiToken, Department, Mandate, Person, Post
from ledger.actor import Actor
from ledger.errors import Forbidden

POST_IN_SESSION = "post_id"
STEPPED_UP_AT = "stepped_up_at"
ADMINISTRATORS = frozenset({"sysadmin", "secadmin", "auditor"})


def posts_of(person_id: int) -> list[Post]:
    """The posts a person may choose from, oldest first."""
    return list(
        Post.objects.filter(person_id=person_id, is_active=True, person__is_active=True)
        .select_related("person", "department", "organisation", "district")
        .order_by("id")
    )


def chosen_post(person_id: int, session: SessionBase) -> Post | None:
    """The post chosen in this session, else the first one."""
    posts = posts_of(person_id)
    wanted = session.get(POST_IN_SESSION)
    return next((post for post in posts if post.pk == wanted), posts[0] if posts else None)


def actor_from_session(session: SessionBase, *, mandate_id: UUID | None = None, language: str = "zh-hans") -> Actor:
    """The actor of a signed-in session; the public without one."""
    person_id = session.get(SESSION_KEY)
    if person_id is None:
        return Actor.public(language=language)
    post = chosen_post(int(person_id), session)
    if post is None:
        return actor_without_post(int(person_id), language)
    return actor_of_post(post, mandate_id=mandate_id, stepped_up=is_fresh(session), language=language)


def actor_without_post(person_id: int, language: str) -> Actor:
    """Signed in, but holding no post: may see what the public sees."""
    person = Person.objects.filter(pk=person_id, is_active=True).first()
    if person is None:
        return Actor.public(language=language)
    return Actor(person_id=person.pk, username=person.username, name=person.name, language=language)


def actor_of_post(
    post: Post, *, mandate_id: UUID | None = None, stepped_up: bool = False, language: str = "zh-hans"
) -> Actor:
    """The actor in this post; under a mandate only the agent's role counts, and only for its principal."""
    mandate = live_mandate(mandate_id, post) if mandate_id else None
    department = post.department
    return Actor(
        person_id=post.person_id,
        username=post.person.username,
        name=post.person.name,
        post_id=post.pk,
        roles=frozenset({"agent"} if mandate else post.roles),
        department_id=department.pk if department else None,
        department_code=department.code if department else None,
        department_codes=codes_exercised(department),
        district_id=department.district_id if department else post.district_id,
        organisation_id=post.organisation_id,
        on_behalf_of=mandate.principal_id if mandate else None,
        mandate_id=mandate.pk if mandate else None,
        mandate_projects=frozenset(mandate.projects) if mandate and mandate.projects else None,
        mandate_items=frozenset(mandate.items) if mandate and mandate.items else None,
        stepped_up=stepped_up,
        language=language,
    )


def codes_exercised(department: Department | None) -> frozenset[str]:
    """Own code, unless another exercises it, and the codes of those whose power it exercises (权责清单)."""
    if department is None:
        return frozenset()
    exercised = Department.objects.filter(exercised_by=department).values_list("code", flat=True)
    own = [department.code] if department.exercised_by_id is None else []
    return frozenset([*own, *exercised])


def live_mandate(mandate_id: UUID, post: Post) -> Mandate:
    """The mandate this agent acts under today; anything else is refused in plain words."""
    mandate = Mandate.objects.filter(pk=mandate_id, agent_id=post.person_id).first()
    if mandate is None or "agent" not in post.roles or not is_live(mandate):
        raise Forbidden(code="mandate_not_live", next_step=None)
    return mandate


def is_live(mandate: Mandate) -> bool:
    """Accepted, inside its period, not revoked (民法典第一百六十五条、第一百七十三条)."""
    return mandate.state == Mandate.State.LIVE and mandate.starts_on <= today_in_shanghai() <= mandate.ends_on


def actors_of_agent(person_id: int) -> list[Actor]:
    """One actor per live mandate of an agent: his board looks through each in turn, never through two at once."""
    post = next((post for post in posts_of(person_id) if "agent" in post.roles), None)
    if post is None:
        return []
    today = today_in_shanghai()
    mandates = Mandate.objects.filter(
        agent_id=person_id, state=Mandate.State.LIVE, starts_on__lte=today, ends_on__gte=today
    ).order_by("granted_at")
    return [actor_of_post(post, mandate_id=mandate.pk) for mandate in mandates]


def actor_named(username: str, *, principal_uscc: str = "", stepped_up: bool = False) -> Actor:
    """The actor of a person in his first post, by name: for commands and the demo's history.

    With `principal_uscc` an agent acts under his live mandate from that enterprise.
    """
    person = Person.objects.get(username=username, is_active=True)
    post = posts_of(person.pk)[0]
    mandate_id = None
    if principal_uscc:
        mandate_id = Mandate.objects.get(agent=person, principal__uscc=principal_uscc, state=Mandate.State.LIVE).pk
    return actor_of_post(post, mandate_id=mandate_id, stepped_up=stepped_up)


def actors_of_people(person_ids: Iterable[int]) -> dict[int, list[Actor]]:
    """Every actor each person can be by his own posts (for notices: may he still see it?)."""
    actors: dict[int, list[Actor]] = {person_id: [] for person_id in person_ids}
    posts = Post.objects.filter(person_id__in=actors, is_active=True, person__is_active=True).select_related(
        "person", "department"
    )
    for post in posts:
        actors[post.person_id].append(actor_of_post(post))
    return actors


def mark_stepped_up(session: SessionBase) -> None:
    """Note a fresh factor (二次认证)."""
    session[STEPPED_UP_AT] = timezone.now().timestamp()


def is_fresh(session: SessionBase) -> bool:
    """Was the factor given within the last five minutes?"""
    at = session.get(STEPPED_UP_AT, 0)
    return bool(0 <= timezone.now().timestamp() - at <= settings.STEP_UP_SECONDS)


def actor_from_token(text: str, *, language: str = "zh-hans") -> Actor | None:
    """The actor of `Authorization: Bearer <text>`; never stepped up."""
    token = (
        ApiToken.objects.filter(sha256=hash_token(text), revoked_at__isnull=True, expires_at__gt=timezone.now())
        .select_related("post__person", "post__department")
        .first()
    )
    if token is None or not token.post.is_active or not token.post.person.is_active:
        return None
    return actor_of_post(token.post, language=language)


def hash_token(text: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(text.encode()).hexdigest()


def session_of_socket(scope: dict[str, Any]) -> SessionStore | None:
    """The session of a WebSocket's cookie, read anew from the database (Channels reads it only once); None: not signed in."""
    stored = SessionStore(scope.get("cookies", {}).get(settings.SESSION_COOKIE_NAME))
    return stored if stored.session_key and SESSION_KEY in stored and session_belongs(stored) else None


def session_belongs(session: SessionBase) -> bool:
    """Does the session still fit the person's password and activity?"""
    person = Person.objects.filter(pk=int(session.get(SESSION_KEY) or 0), is_active=True).first()
    return person is not None and session.get(HASH_SESSION_KEY) == person.get_session_auth_hash()


def still_valid(session_key: str, actor: Actor) -> bool:
    """Does this open socket's sign-in still hold: session, person, post, mandate?"""
    session = SessionStore(session_key)
    if session.get(SESSION_KEY) is None or not session_belongs(session):
        return False
    if actor.post_id is None:
        return True
    post = Post.objects.filter(pk=actor.post_id, is_active=True).first()
    if post is None or not frozenset(actor.roles) <= {*post.roles, "agent"}:
        return False
    if actor.mandate_id is None:
        return True
    mandate = Mandate.objects.filter(pk=actor.mandate_id).first()
    return mandate is not None and is_live(mandate)


def permission_epoch(person_id: int) -> int:
    """Grows whenever something is taken from the person; compare with the one an open socket began with."""
    epoch = Person.objects.filter(pk=person_id).values_list("permission_epoch", flat=True).first()
    return -1 if epoch is None else epoch
