"""Pages of items (事项办件): one item with its steps, several at once, and what the enterprise reports itself."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.access import action, can, get_for
from ledger.actor import Actor
from ledger.errors import DomainError, Refused
from projects import actions
from projects.models import ItemCase
from projects.queries.items import item_page
from projects.views.reading import actor_of, day, text

STEP_ACTIONS = {
    "pos_accept": "item.accept",
    "pos_first": "item.first_review",
    "pos_second": "item.second_review",
    "pos_approve": "item.approve",
}


def act_of(item: ItemCase) -> tuple[str, Callable[..., ItemCase]]:
    """The act of the step whose turn it is; a step that joins two posts is taken by its last one."""
    acts: dict[str, Callable[..., ItemCase]] = {
        "pos_approve": actions.approve_item,
        "pos_second": actions.second_review,
        "pos_first": actions.first_review,
        "pos_accept": actions.accept_item,
    }
    for post, act in acts.items():
        if post in item.posts_now:
            return STEP_ACTIONS[post], act
    raise Refused("no_step", _("“%(name)s”现在没有等待办理的环节。") % {"name": item.name})


def may_take(actor: Actor, item: ItemCase) -> bool:
    """Is it the actor's turn?"""
    return bool(item.posts_now) and can(actor, act_of(item)[0], item)


@action("item.view")
@require_GET
def item(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """One item: basis, limits, steps, and what may be done now."""
    actor = actor_of(request)
    found = get_for(actor, "item.view", ItemCase, item_id)
    context = item_page(found) | {
        "may_take": may_take(actor, found),
        "may_deny": "pos_approve" in found.posts_now and can(actor, "item.deny", found),
        "may_report": found.is_open and found.is_by_applicant and can(actor, "item.report_event", found),
    }
    return render(request, "projects/item.html", context)


@action("item.first_review")
@require_POST
def take(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Take the step whose turn it is (办理本环节): accept and review, or approve and finish."""
    actor = actor_of(request)
    found = get_for(actor, "item.view", ItemCase, item_id)
    act_of(found)[1](item_id, actor=actor, remark=text(request, "remark"))
    return HttpResponseRedirect(reverse("projects:item", args=[item_id]))


@action("item.deny")
@require_POST
def deny(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Decide against the application, with reasons (不予批准)."""
    actions.deny_item(item_id, actor=actor_of(request), basis=text(request, "basis"))
    return HttpResponseRedirect(reverse("projects:item", args=[item_id]))


@action("item.report_event")
@require_POST
def report(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """The enterprise reports what it has done itself (报告完成)."""
    found = actions.report_event(
        item_id, actor=actor_of(request), happened_on=day(request, "happened_on"), remark=text(request, "remark")
    )
    return HttpResponseRedirect(reverse("portal:project", args=[found.project_id]))


@action("item.first_review")
@require_POST
def take_many(request: HttpRequest) -> HttpResponse:
    """Take the same step of several items (批量办理); each is decided by itself, one refusal stops no other."""
    actor = actor_of(request)
    done = 0
    for text_id in request.POST.getlist("item"):
        found = get_for(actor, "item.view", ItemCase, text_id)
        try:
            act_of(found)[1](found.pk, actor=actor, remark=text(request, "remark"))
        except DomainError as refusal:
            if refusal.code == "step_up_required":
                raise
            messages.error(request, f"{found.name}：{refusal.message}")
        else:
            done += 1
    messages.success(request, ngettext("已办理 %(n)s 项。", "已办理 %(n)s 项。", done) % {"n": done})
    return HttpResponseRedirect(reverse("portal:desk"))
