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

from accounts.access import action, get_for
from accounts.actions import ask_second_key
from ledger.errors import DomainError, Invalid, Refused
from projects import actions
from projects.actions.clock import check_pause
from projects.models import ItemCase
from projects.queries.items import acts_on_item, grounds_of, item_page, need_in_words
from projects.queries.ledger import ground_name
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


@action("item.view")
@require_GET
def item(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """One item: basis, limits, steps, and what may be done now."""
    actor = actor_of(request)
    found = get_for(actor, "item.view", ItemCase, item_id)
    acts = acts_on_item(actor, found)
    context = item_page(found) | {
        "may_take": bool({"accept", "first_review", "second_review", "approve"} & set(acts)),
        "may_deny": "deny" in acts,
        "may_report": "report_event" in acts,
        "may_settle": "settle_need" in acts,
        "may_pause": "pause_clock" in acts,
        "may_resume": "resume_clock" in acts,
        "grounds": grounds_of(found),
        "need": need_in_words(found),
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
            messages.error(request, _("%(what)s：%(state)s") % {"what": found.name, "state": refusal.message})
        else:
            done += 1
    messages.success(request, ngettext("已办理 %(n)s 项。", "已办理 %(n)s 项。", done) % {"n": done})
    return HttpResponseRedirect(reverse("portal:desk"))


@action("item.settle_need")
@require_POST
def settle(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Settle whether an undecided item is needed (确认是否需要办理)."""
    actions.settle_need(
        item_id,
        actor=actor_of(request),
        needed=request.POST.get("needed") == "yes",
        reason=text(request, "reason"),
    )
    return HttpResponseRedirect(reverse("projects:item", args=[item_id]))


@action("item.pause_clock")
@require_POST
def pause(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Ask a second person to confirm a stop of the clock (提请中止时限)."""
    actor = actor_of(request)
    found = get_for(actor, "item.view", ItemCase, item_id)
    days = text(request, "expected_days")
    if not days.isascii() or not days.isdigit():
        raise Invalid({"expected_days": [_("请填写预计需要的工作日，例如 10。")]})
    ground = text(request, "ground")
    arguments = {"ground": ground, "evidence": text(request, "evidence"), "expected_days": int(days)}
    check_pause(found, ground)
    summary = _("中止时限：%(name)s（%(ground)s）") % {"name": found.name, "ground": ground_name(ground)}
    ask_second_key("item.pause_clock", found, actor=actor, summary=summary, arguments=arguments)
    messages.success(request, _("已提请中止时限，待另一位有权人员确认后生效。"))
    return HttpResponseRedirect(reverse("projects:item", args=[item_id]))


@action("item.resume_clock")
@require_POST
def resume(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Let the clock go on (恢复计时)."""
    actions.unpause_clock(
        item_id, actor=actor_of(request), ground=text(request, "ground"), evidence=text(request, "evidence")
    )
    return HttpResponseRedirect(reverse("projects:item", args=[item_id]))
