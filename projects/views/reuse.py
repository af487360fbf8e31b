"""Pages of the reuse of regional assessments (区域评估共享应用) and of re-checks (复核)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import action, get_for, require
from projects import actions
from projects.models import AssessmentReuse, Project
from projects.queries.rechecks import leaning_rows, recheck_rows, reuse_totals
from projects.queries.reuse_page import reuse_case, reuse_page
from projects.queries.strips import project_strip
from projects.rules.facts import catalogue, read_number, read_one
from projects.views.reading import actor_of, text
from regional_eval.terms import kind_name

PER_PAGE = 50


@action("project.view")
@require_GET
def reuse(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """Per kind: what is covered, what is left, until when, with what effect, what it saves."""
    actor = actor_of(request)
    project = get_for(actor, "project.view", Project, project_id)
    context = {"project": project, "strip": project_strip(project_id), "page": reuse_page(actor, project)}
    return render(request, "projects/reuse.html", context)


@action("assessment.propose_reuse")
@require_POST
def propose(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """Propose one kind, with the figures that its limits ask for (提请共享应用)."""
    kind = text(request, "kind")
    actions.propose_reuse(project_id, kind, actor=actor_of(request), figures=read_figures(request))
    messages.success(request, _("已提请应用“%(kind)s”成果，由审批部门确认。") % {"kind": kind_name(kind)})
    return HttpResponseRedirect(reverse("projects:reuse", args=[project_id]))


def read_figures(request: HttpRequest) -> dict[str, Any]:
    """The figures of the form: as the catalogue asks them, else yes, no or a number."""
    figures: dict[str, Any] = {}
    for name, written in request.POST.items():
        value = str(written).strip()
        if not name.startswith("figure-") or not value:
            continue
        code = name.removeprefix("figure-")
        kind = catalogue().get(code)
        if kind is not None:
            figures[code] = read_one(kind, value)
        else:
            figures[code] = value == "yes" if value in {"yes", "no"} else read_number(value)
    return figures


@action("assessment.view_reuse")
@require_GET
def case(request: HttpRequest, reuse_id: UUID) -> HttpResponse:
    """One reuse, for the department that decides it."""
    actor = actor_of(request)
    found = get_for(actor, "assessment.view_reuse", AssessmentReuse, reuse_id)
    return render(request, "projects/reuse_case.html", {"case": reuse_case(actor, found), "project": found.project})


def back(request: HttpRequest, found: AssessmentReuse) -> HttpResponse:
    """To the page that the act was taken on."""
    if text(request, "from") == "project":
        return HttpResponseRedirect(reverse("projects:reuse", args=[found.project_id]))
    return HttpResponseRedirect(reverse("projects:reuse_case", args=[found.pk]))


@action("promise.sign")
@require_POST
def promise(request: HttpRequest, reuse_id: UUID) -> HttpResponse:
    """Sign the commitment (签署告知承诺)."""
    found = actions.promise_reuse(reuse_id, actor=actor_of(request))
    messages.success(request, _("承诺已签署。"))
    return back(request, found)


@action("assessment.propose_reuse")
@require_POST
def withdraw(request: HttpRequest, reuse_id: UUID) -> HttpResponse:
    """Take the proposal back (撤回)."""
    found = actions.withdraw_reuse(reuse_id, actor=actor_of(request))
    return back(request, found)


@action("assessment.confirm_reuse")
@require_POST
def confirm(request: HttpRequest, reuse_id: UUID) -> HttpResponse:
    """Confirm (确认应用): computed anew, frozen, certified."""
    found = actions.confirm_reuse(reuse_id, actor=actor_of(request), remark=text(request, "remark"))
    messages.success(request, _("已确认应用，确认书正在加盖电子印章。"))
    return back(request, found)


@action("assessment.refuse_reuse")
@require_POST
def refuse(request: HttpRequest, reuse_id: UUID) -> HttpResponse:
    """Do not confirm, with the reason (不予确认)."""
    found = actions.refuse_reuse(reuse_id, actor=actor_of(request), reason=text(request, "reason"))
    messages.success(request, _("已答复不予确认，企业会收到理由。"))
    return back(request, found)


@action("recheck.list")
@require_GET
def rechecks(request: HttpRequest) -> HttpResponse:
    """Re-checks that are open or done, and with `?assessment=` everybody who leaned on it (反查)."""
    actor = actor_of(request)
    require(actor, "recheck.list")
    show = "all" if request.GET.get("show") == "all" else "open"
    rows = recheck_rows(actor, everything=show == "all")
    asked = request.GET.get("assessment", "")
    leaning = leaning_rows(actor, asked) if asked else None
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": page.object_list,
        "show": show,
        "leaning": leaning,
        "totals": reuse_totals(actor),
    }
    return render(request, "projects/rechecks.html", context)


@action("recheck.close")
@require_POST
def close(request: HttpRequest, recheck_id: UUID) -> HttpResponse:
    """Decide a re-check (办结复核)."""
    actions.close_recheck(
        recheck_id, actor=actor_of(request), outcome=text(request, "outcome"), reason=text(request, "reason")
    )
    messages.success(request, _("复核已办结，企业会收到结果。"))
    return HttpResponseRedirect(reverse("projects:rechecks"))
