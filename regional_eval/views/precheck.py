"""The public pre-check (选址预查): a red line against assessments and plans, without sign-in; nothing is stored unless asked."""

from __future__ import annotations

import json
import threading
from typing import Any

from django.core.cache import cache
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import action, require
from accounts.legal_day import today_in_shanghai
from accounts.queries import departments, districts
from ledger.actor import Actor
from ledger.errors import Invalid, Refused
from regional_eval.carrying import carried, carry, put_down
from regional_eval.queries.asked import Asked, asked_on, read_facts
from regional_eval.queries.outline import read_outline
from regional_eval.queries.shapes import Published, View, published_shapes
from regional_eval.queries.site_check import check_site
from regional_eval.terms import parameter_name
from regional_eval.views.reading import actor_of, day, geometry, slow_down, text, working_epsg
from regional_eval.views.results import results

CHECKS_PER_MINUTE = 30
FILES_PER_MINUTE = 20
VIEWS_PER_MINUTE = 120
LARGEST_FILE = 20 * 1024 * 1024
# Files of strangers that are read at once, each by a process with its own memory; who comes third waits.
_places = threading.BoundedSemaphore(2)


@action("precheck.run")
@require_http_methods(["GET", "POST"])
def precheck(request: HttpRequest) -> HttpResponse:
    """Draw, upload or paste a red line; see what may be reused and what stands against it."""
    actor = actor_of(request)
    require(actor, "precheck.run")
    today = today_in_shanghai()
    asked = asked_on(today)
    context: dict[str, Any] = {"epsg": working_epsg(actor), "today": today, "errors": {}, "values": request.POST}
    if request.method == "GET":
        kept = carried(request.session)
        boundary = json.dumps(kept["boundary"]) if kept else ""
        shown = {"boundary": boundary, "kept": kept is not None, "fields": fields(asked, {}), "on": today}
        return render(request, "regional_eval/precheck.html", context | shown)
    slow_down(request, "precheck", most=CHECKS_PER_MINUTE)
    context |= {"boundary": text(request.POST, "boundary"), "fields": fields(asked, request.POST), "on": today}
    try:
        on = day(request.POST, "on") or today
        facts = facts_of(request, asked)
        site = geometry(request.POST, "boundary")
        if site is None:
            raise Invalid({"boundary": [_("还没有红线：请先在图上画、读取文件或粘贴坐标。")]})
        answer = check_site(
            site,
            on,
            industry=text(request.POST, "industry") or None,
            facts=facts,
            district_id=actor.district_id,
            crs="EPSG:4490",
            zone_epsg=context["epsg"],
        )
    except Refused as refusal:
        context["errors"] = getattr(refusal, "errors", None) or {refusal.field or "boundary": [refusal.message]}
        context["next_step"] = refusal.next_step
        return answered(request, context, status=refusal.status)
    return answered(request, context | {"on": on, "result": results(answer, authorities(actor)), "at": answer.at})


def authorities(actor: Actor) -> dict[str, str]:
    """The names of the departments that plans belong to."""
    home = actor.district_id or districts().values_list("pk", flat=True).first()
    english = (get_language() or "").startswith("en")
    return {each.code: each.name_en if english else each.short_name for each in departments(home)} if home else {}


def answered(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """The result alone for htmx, else the whole page with it."""
    piece = request.headers.get("HX-Request") == "true"
    name = "regional_eval/precheck_result.html" if piece else "regional_eval/precheck.html"
    return render(request, name, context, status=status)


def facts_of(request: HttpRequest, asked: Asked) -> dict[str, object]:
    """The figures that were filled in; what cannot be read is named."""
    facts, wrong = read_facts(asked, request.POST.dict())
    if wrong:
        raise Invalid(
            {
                f"fact-{fact}": [_("“%(name)s”请填写数字，例如 12.5。") % {"name": parameter_name(fact)}]
                for fact in wrong
            }
        )
    return facts


def fields(asked: Asked, typed: Any) -> dict[str, list[dict[str, Any]]]:
    """The optional questions with what was answered."""
    units = {"10k_yuan": _("万元")}
    return {
        "figures": [
            {
                "id": f"fact-{fact}",
                "name": parameter_name(fact),
                "unit": units.get(unit, unit),
                "value": typed.get(f"fact-{fact}", ""),
            }
            for fact, unit in asked.figures
        ],
        "choices": [
            {
                "id": f"fact-{fact}",
                "name": parameter_name(fact),
                "options": values,
                "value": typed.get(f"fact-{fact}", ""),
            }
            for fact, values in asked.choices
        ],
        "flags": [
            {"id": f"fact-{fact}", "name": parameter_name(fact), "value": typed.get(f"fact-{fact}", "")}
            for fact in asked.flags
        ],
    }


@action("precheck.run")
@require_POST
def read_file(request: HttpRequest) -> HttpResponse:
    """The outline in a Shapefile or DXF, for the map of the visitor who sent it (读取红线文件)."""
    require(actor_of(request), "precheck.run")
    slow_down(request, "precheck-file", most=FILES_PER_MINUTE)
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise Invalid({"file": [_("请选择文件。")]})
    if (file.size or 0) > LARGEST_FILE:
        raise Refused("too_large", _("文件超过 20 MB。请只导出本项目的用地红线。"), field="file")
    with _places:
        read = read_outline(file.read(), file.name or "", zone_epsg=working_epsg(actor_of(request)))
    return JsonResponse({"boundary": read.boundary, "notes": list(read.notes)})


@action("assessment.list")
@require_GET
def areas(request: HttpRequest) -> HttpResponse:
    """The land of the published assessments, public by law: all of it, or with `?view=` what lies there."""
    require(actor_of(request), "assessment.list")
    today = today_in_shanghai()
    view = view_asked(request.GET.get("view", ""))
    if view is None:
        # The same for every visitor: drawn once a minute in each language, however many look.
        key = f"areas:{today}:{get_language()}"
        found: Published = cache.get_or_set(key, lambda: published_shapes(today), 60)  # type: ignore[assignment]
    else:
        slow_down(request, "areas", most=VIEWS_PER_MINUTE)
        found = published_shapes(today, view)
    response = JsonResponse({"shapes": found.shapes, "total": found.total, "by_view": found.by_view})
    response["Cache-Control"] = "public, max-age=60"
    response["Vary"] = "Accept-Language, Cookie"
    return response


def view_asked(written: str) -> View | None:
    """`west,south,east,north` in degrees; nothing for all. Invalid: no such four numbers."""
    if not written:
        return None
    try:
        west, south, east, north = (float(part) for part in written.split(","))
    except ValueError:
        raise Invalid({"view": [_("范围应为四个经纬度数值：西,南,东,北。")]}) from None
    if not (-180 <= west < east <= 180 and -90 < south < north < 90):
        raise Invalid({"view": [_("范围应为四个经纬度数值：西,南,东,北。")]})
    return View(west, south, east, north)


@action("precheck.run")
@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Keep the red line in the visitor's session, because he asked for it, and go on to filing."""
    actor = actor_of(request)
    require(actor, "precheck.run")
    site = geometry(request.POST, "boundary")
    if site is None:
        raise Invalid({"boundary": [_("还没有红线：请先在图上画、读取文件或粘贴坐标。")]})
    facts, _wrong = read_facts(asked_on(today_in_shanghai()), request.POST.dict())
    industry = text(request.POST, "industry")
    carry(request.session, site, {**facts, **({"industry_code": industry} if industry else {})})
    onward = reverse("projects:new")
    if actor.is_public:
        return HttpResponseRedirect(f"{reverse('account_login')}?next={onward}")
    return HttpResponseRedirect(onward)


@action("precheck.run")
@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Delete the kept red line again."""
    require(actor_of(request), "precheck.run")
    put_down(request.session)
    return HttpResponseRedirect(reverse("regional_eval:precheck"))
