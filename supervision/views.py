"""Pages of the auditor and of the system administrator."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.access import action, get_for
from accounts.actions.second_key import ask_second_key
from ledger.actor import Actor
from supervision import actions, queries
from supervision.models import Card
from supervision.rules import check_withdrawing
from supervision.words import _

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
        event.words = queries.event_words(event.name)
    return render(request, "supervision/audit.html", {"page": page, "asked": asked})


@action("audit.verify")
@require_POST
def verify_audit(request: HttpRequest) -> HttpResponse:
    """Recompute every chain and show the first bad row (验证审计链)."""
    verdicts = queries.verify_all(actor_of(request))
    bad = [verdict for verdict in verdicts if verdict.first_bad is not None]
    context = {"verdicts": verdicts, "bad": bad, "events": sum(verdict.events for verdict in verdicts)}
    return render(request, "supervision/verified.html", context)


@action("card.list")
@require_GET
def cards(request: HttpRequest) -> HttpResponse:
    """Yellow and red cards within one's sight (黄牌、红牌), newest first; a constant number of queries."""
    actor = actor_of(request)
    asked = {name: request.GET.get(name, "") for name in ("colour", "state")}
    page = Paginator(queries.cards_for(actor, **asked), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": queries.shown_cards(actor, page.object_list),
        "asked": asked,
        "states": list(queries.card_state_names().items()),
    }
    return render(request, "supervision/cards.html", context)


def said(request: HttpRequest) -> str:
    """The words of a form."""
    return request.POST.get("text", "").strip()


@action("card.explain")
@require_POST
def explain_card(request: HttpRequest, card_id: UUID) -> HttpResponse:
    """The department says why (说明原因)."""
    actions.explain_card(card_id, actor=actor_of(request), text=said(request))
    return HttpResponseRedirect(reverse("supervision:cards"))


@action("card.appeal")
@require_POST
def appeal_card(request: HttpRequest, card_id: UUID) -> HttpResponse:
    """The department holds that the card is wrong (申诉)."""
    actions.appeal_card(card_id, actor=actor_of(request), text=said(request))
    return HttpResponseRedirect(reverse("supervision:cards"))


@action("card.withdraw")
@require_POST
def withdraw_card(request: HttpRequest, card_id: UUID) -> HttpResponse:
    """Ask another supervisor to confirm that the card is taken back (撤销)."""
    actor = actor_of(request)
    card = get_for(actor, "card.view", Card, card_id)
    finding = said(request)
    check_withdrawing(card.state, finding)
    summary = _("撤销牌证：%(project)s") % {"project": card.project.name}
    ask_second_key("card.withdraw", card, actor=actor, summary=summary, arguments={"finding": finding})
    messages.success(request, _("已提请撤销，待另一位监察人员确认后生效。"))
    return HttpResponseRedirect(reverse("supervision:cards"))
