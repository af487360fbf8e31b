"""The first page of everybody: by the role of the chosen post."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.access import action, can, require
from ledger.actor import Actor
from portal.queries import homes

WINDOW = frozenset({"window"})
# Roles whose work begins on a page of their own.
OWN_PAGES = {
    "sysadmin": "supervision:operations",
    "auditor": "supervision:audit",
    "assess_mgr": "regional_eval:assessments",
}


def actor_of(request: HttpRequest) -> Actor:
    """The actor that the middleware found."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


@action("public_page.home")
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Where this person's work begins (首页)."""
    actor = actor_of(request)
    require(actor, "public_page.home")
    if actor.person_id is None:
        return render(request, "portal/home_public.html")
    for role, place in OWN_PAGES.items():
        if role in actor.roles:
            return HttpResponseRedirect(reverse(place))
    if "agent" in actor.roles and actor.mandate_id is None:
        return render(request, "portal/home_agent.html", {"principals": homes.board_of_agent(actor)})
    if actor.principal_id is not None:
        context = {"cards": homes.cards_for(actor), "may_create": can(actor, "project.create")}
        return render(request, "portal/home_enterprise.html", context)
    if "window" in actor.roles:
        return HttpResponseRedirect(reverse("portal:queue"))
    if actor.department_id is not None:
        return HttpResponseRedirect(reverse("portal:desk"))
    return HttpResponseRedirect(reverse("projects:list"))
