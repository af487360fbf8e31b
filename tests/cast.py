"""The fixed cast for tests: `cast.owner` is an Actor, `cast.client("owner")` a signed-in browser without a screen."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.test import Client

from accounts.actions import make_cast
from accounts.models import District, Mandate, Organisation, Person, Post
from accounts.sessions import STEPPED_UP_AT, actor_of_post
from ledger.actor import Actor


@dataclass(frozen=True)
class Cast:
    """Actors by username; each has just given a fresh factor."""

    district: District
    yunqi: Organisation
    chuanhe: Organisation
    design: Organisation

    def __getattr__(self, username: str) -> Actor:
        if username.startswith("_"):
            raise AttributeError(username)
        return self.actor(username)

    def actor(self, username: str, *, fresh: bool = True) -> Actor:
        """The person in his first post."""
        post = Post.objects.select_related("person", "department").filter(person__username=username).first()
        if post is None:
            raise AttributeError(username)
        return actor_of_post(post, stepped_up=fresh)

    def acting(self, username: str = "agent", principal: str = "yunqi") -> Actor:
        """The agent under his mandate from one enterprise."""
        post = Post.objects.select_related("person", "department").get(person__username=username)
        return actor_of_post(post, mandate_id=self.mandate(username, principal), stepped_up=True)

    def mandate(self, username: str = "agent", principal: str = "yunqi") -> UUID:
        """The id of the agent's mandate from one enterprise; pages live under /as/<id>/."""
        found: UUID = Mandate.objects.get(agent__username=username, principal=getattr(self, principal)).pk
        return found

    def client(self, username: str, *, fresh: bool = True) -> Client:
        """A test client signed in as this person."""
        client = Client(headers={"accept-language": "zh-hans"})
        client.force_login(
            Person.objects.get(username=username), backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        session = client.session
        session.pop(STEPPED_UP_AT, None)
        if fresh:
            from accounts.sessions import mark_stepped_up

            mark_stepped_up(session)
        session.save()
        return client


def build_cast() -> Cast:
    """The cast of the current database, made where it is missing."""
    if not Person.objects.filter(username="auditor").exists():
        make_cast()
    return Cast(
        district=District.objects.get(),
        yunqi=Organisation.objects.get(uscc="91520900MA6DM3K99Y"),
        chuanhe=Organisation.objects.get(uscc="911310007401558257"),
        design=Organisation.objects.get(uscc="91350100M000100Y43"),
    )
