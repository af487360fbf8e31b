"""The pages of a room: the review canvas (会审画布) and the minutes of a sheet (会审纪要)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.access import action
from accounts.queries import department_by_code
from drawings.queries import sheet_for
from joint_review.queries import review_of_sheet
from ledger.actor import Actor
from ledger.errors import NotFound
from projects import queries as projects
from realtime import queries
from realtime.words import act_words, tool_words


@action("drawing.view")
def canvas(request: HttpRequest, sheet_id: UUID) -> HttpResponse:
    """One sheet with its room: the drawing for all who may see it, marks for those on the round."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    sheet = sheet_for(actor, sheet_id)
    project_id = sheet.revision.set.project_id
    round_id, task_id = review_of_sheet(actor, sheet)
    drawing_set = reverse("drawings:set", args=[sheet.revision.set_id])
    urls = {"back": reverse("joint_review:round", args=[round_id]) if round_id else drawing_set}
    if task_id is not None:
        urls["task"] = reverse("joint_review:task", args=[task_id])
    context = {
        "title": f"{sheet.number} {sheet.name}".strip(),
        "strip": projects.project_strip(project_id),
        "project_href": drawing_set,
        "early": first_files(sheet.render, sheet.kind),
        "config": {
            "sheet": str(sheet.pk),
            "round": str(round_id) if round_id else None,
            "me": myself(actor),
            "urls": urls,
        },
    }
    return render(request, "review/canvas.html", context)


def first_files(render: str, kind: str) -> list[str]:
    """What every opening of a prepared sheet asks for first, so that the browser fetches it beside the page's programs."""
    return [render + name for name in ("manifest.json", *(() if kind == "page" else ("entities.bin",)))]


@action("room.replay")
def minutes(request: HttpRequest, sheet_id: UUID) -> HttpResponse:
    """The minutes of one sheet (会审纪要), made from its log."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = queries.minutes_of(actor, sheet_id)
    for sitting in found.sittings:
        for line in sitting.lines:
            line.act, line.tool = act_words(line.entry.op["k"]), tool_words(line.entry.tool)
    context = {
        "minutes": found,
        "sheet": found.sheet,
        "strip": projects.project_strip(found.sheet.revision.set.project_id),
        "canvas": reverse("realtime:canvas", args=[sheet_id]),
    }
    return render(request, "review/minutes.html", context)


def myself(actor: Actor) -> dict[str, Any]:
    """The reader as the canvas shows him: name, department, badge, colour."""
    me: dict[str, Any] = {
        "id": actor.person_id,
        "name": actor.name,
        "dept": actor.department_code,
        "dept_name": None,
        "color": None,
        "badge": None,
    }
    if actor.department_code and actor.district_id:
        try:
            department = department_by_code(actor.department_code, actor.district_id)
        except NotFound:
            return me
        is_english = actor.language.startswith("en")
        me["dept_name"] = department.name_en if is_english else department.name_zh
        me["color"], me["badge"] = department.color, department.badge
    return me
