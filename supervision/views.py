"""Pages of the auditor and of the system administrator."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.access import action
from ledger.actor import Actor
from supervision import actions, queries

PAGE = 50


def actor_of(request: HttpRequest) -> Actor:
    """The actor that the middleware found."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


@action("config.health")
@require_GET
def operations(request: HttpRequest) -> HttpResponse:
    """Deliveries that wait or were given up (运行状况)."""
    return render(request, "supervision/operations.html", {"health": queries.health_for(actor_of(request))})


@action("config.retry_delivery")
@require_POST
def retry_delivery(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """Deliver a parked message again (重新投递)."""
    actions.retry_delivery(delivery_id, actor=actor_of(request))
    return HttpResponseRedirect(reverse("supervision:operations"))


@action("audit.search_all")
@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    """Search the audit trail (审计检索)."""
    asked = {name: request.GET.get(name, "").strip() for name in ("name", "project", "person")}
    page = Paginator(queries.search_audit(actor_of(request), **asked), PAGE).get_page(request.GET.get("page"))
    names = queries.names_in(list(page))
    for event in page:
        event.person_name = names.get(event.person_id or 0, "")
    return render(request, "supervision/audit.html", {"page": page, "asked": asked})


@action("audit.verify")
@require_POST
def verify_audit(request: HttpRequest) -> HttpResponse:
    """Recompute every chain and show the first bad row (验证审计链)."""
    verdicts = queries.verify_all(actor_of(request))
    bad = [verdict for verdict in verdicts if verdict.first_bad is not None]
    context = {"verdicts": verdicts, "bad": bad, "events": sum(verdict.events for verdict in verdicts)}
    return render(request, "supervision/verified.html", context)
