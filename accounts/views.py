"""Choosing a post, a fresh factor, and the pages of mandates."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import actions, queries
from accounts.access import action, can, require
from accounts.legal_day import today_in_shanghai
from accounts.models import Mandate
from ledger.actor import Actor
from ledger.errors import Invalid


def actor_of(request: HttpRequest) -> Actor:
    """The actor that the middleware found."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


@action("user.edit_post")
@require_POST
def choose_post(request: HttpRequest) -> HttpResponse:
    """Work in another of one's own posts (切换岗位)."""
    number = request.POST.get("post", "")
    actions.choose_post(request, int(number) if number.isdigit() else 0, actor=actor_of(request))
    return HttpResponseRedirect("/")


@action("user.step_up")
@require_POST
def step_up(request: HttpRequest) -> HttpResponse:
    """Give the password again (二次认证); pages and the canvas ask here before an act of law."""
    require(actor_of(request), "user.step_up")
    actions.check_factor(request, request.POST.get("password", ""))
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"fresh": True})
    back = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(back if safe else "/")


@action("mandate.view")
@require_GET
def mandates(request: HttpRequest) -> HttpResponse:
    """The mandates one granted or received (委托管理)."""
    actor = actor_of(request)
    return render(request, "accounts/mandates.html", mandates_context(actor))


def mandates_context(actor: Actor, **more: object) -> dict[str, object]:
    """What the page of mandates shows."""
    shown = list(queries.mandates_for(actor))
    for mandate in shown:
        mandate.can_accept = mandate.state == Mandate.State.GRANTED and can(actor, "mandate.accept", mandate)  # type: ignore[attr-defined]
        mandate.can_revoke = mandate.state in {"granted", "live"} and can(actor, "mandate.revoke", mandate)  # type: ignore[attr-defined]
    may_grant = actor.organisation_id is not None and can(actor, "mandate.grant")
    return {
        "mandates": shown,
        "may_grant": may_grant,
        "agents": queries.agents() if may_grant else [],
        "today": today_in_shanghai(),
        **more,
    }


@action("mandate.grant")
@require_POST
def grant_mandate(request: HttpRequest) -> HttpResponse:
    """Let an agent act for the enterprise (授权代办)."""
    actor = actor_of(request)
    try:
        actions.grant_mandate(
            request.POST.get("agent", ""),
            actor=actor,
            starts_on=read_date(request, "starts_on"),
            ends_on=read_date(request, "ends_on"),
            items=[code for code in request.POST.getlist("items") if code],
        )
    except Invalid as error:
        context = mandates_context(actor, errors=error.errors, values=request.POST)
        return render(request, "accounts/mandates.html", context, status=error.status)
    return HttpResponseRedirect(reverse("accounts:mandates"))


def read_date(request: HttpRequest, field: str) -> date:
    """A date field in words a person can mend."""
    try:
        return date.fromisoformat(request.POST.get(field, ""))
    except ValueError:
        raise Invalid({field: [_("请填写日期，例如 2026-12-31。")]}) from None


@action("mandate.accept")
@require_POST
def accept_mandate(request: HttpRequest, mandate_id: UUID) -> HttpResponse:
    """The agent takes the mandate on (接受委托)."""
    actions.accept_mandate(mandate_id, actor=actor_of(request))
    return HttpResponseRedirect(reverse("accounts:mandates"))


@action("mandate.accept")
@require_POST
def decline_mandate(request: HttpRequest, mandate_id: UUID) -> HttpResponse:
    """The agent does not take it on (谢绝委托)."""
    actions.decline_mandate(mandate_id, actor=actor_of(request))
    return HttpResponseRedirect(reverse("accounts:mandates"))


@action("mandate.revoke")
@require_POST
def revoke_mandate(request: HttpRequest, mandate_id: UUID) -> HttpResponse:
    """End a mandate at once (撤销委托)."""
    actions.revoke_mandate(mandate_id, actor=actor_of(request))
    return HttpResponseRedirect(reverse("accounts:mandates"))


@action("user.second_key")
@require_GET
def second_keys(request: HttpRequest) -> HttpResponse:
    """What waits for one's confirmation (待确认事项)."""
    actor = actor_of(request)
    require(actor, "user.second_key")
    return render(request, "accounts/second_keys.html", {"keys": queries.second_keys_waiting(actor)})


@action("user.second_key")
@require_POST
def answer_second_key(request: HttpRequest, key_id: UUID) -> HttpResponse:
    """Confirm or refuse another person's act (双人确认)."""
    actor = actor_of(request)
    if request.POST.get("answer") == "confirm":
        actions.confirm_second_key(key_id, actor=actor)
    else:
        actions.refuse_second_key(key_id, actor=actor)
    return HttpResponseRedirect(reverse("accounts:second_keys"))
