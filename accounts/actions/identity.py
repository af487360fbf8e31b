"""Choosing a post, giving a fresh factor, making an API token."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import require
from accounts.events import PostChosen, StepUpFailed, TokenIssued
from accounts.models import ApiToken, Person, Post
from accounts.sessions import POST_IN_SESSION, actor_of_post, hash_token, mark_stepped_up
from ledger.actor import Actor
from ledger.errors import Forbidden, NotFound, TooMany
from ledger.record import record

TRIES = 5
LOCKED_SECONDS = 300
TOKEN_LIFE = timedelta(days=90)


def check_factor(request: HttpRequest, password: str) -> None:
    """Take the password again as a fresh factor (二次认证); five failures lock it for five minutes."""
    person = Person.objects.get(pk=request.user.pk or 0)
    counter = f"step-up:{person.pk}"
    if cache.get(counter, 0) >= TRIES:
        raise TooMany(_("密码多次输入有误，请五分钟后再试。"))
    if not person.check_password(password):
        cache.add(counter, 0, LOCKED_SECONDS)
        cache.incr(counter)
        with transaction.atomic():
            actor = Actor(person_id=person.pk, username=person.username)
            record(StepUpFailed(person_id=person.pk), actor=actor, subject=person)
        raise Forbidden(_("密码不正确，操作没有执行。"), code="wrong_password", next_step=_("请返回后重新输入密码。"))
    cache.delete(counter)
    mark_stepped_up(request.session)


@transaction.atomic
def choose_post(request: HttpRequest, post_id: int, *, actor: Actor) -> Actor:
    """Work in another of one's own posts (切换岗位); rights of two posts are never merged."""
    require(actor, "user.edit_post")
    post = Post.objects.filter(pk=post_id, person_id=actor.signed_in(), is_active=True).first()
    if post is None:
        raise NotFound(_("您没有这个岗位。"))
    request.session[POST_IN_SESSION] = post.pk
    chosen = actor_of_post(post, language=actor.language)
    record(PostChosen(person_id=post.person_id, post_id=post.pk), actor=chosen, subject=post)
    return chosen


@transaction.atomic
def issue_token(username: str, *, roles: frozenset[str] = frozenset()) -> str:
    """A bearer token for /api/v1 in the person's first fitting post; shown once, kept as SHA-256, 90 days."""
    posts = Post.objects.filter(person__username=username, is_active=True, person__is_active=True).order_by("id")
    post = next((post for post in posts if roles <= frozenset(post.roles)), None)
    if post is None:
        raise NotFound(_("没有这个用户，或他没有在任的岗位。"))
    text = secrets.token_urlsafe(32)
    ApiToken.objects.create(
        person_id=post.person_id, post=post, sha256=hash_token(text), expires_at=timezone.now() + TOKEN_LIFE
    )
    record(TokenIssued(person_id=post.person_id, post_id=post.pk), actor=actor_of_post(post), subject=post)
    return text
