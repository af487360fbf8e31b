"""What the pages of rounds and tasks show."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import can, require
from accounts.queries import department_by_code, display_names
from drawings.queries import sheets_of
from joint_review import catalogue
from joint_review.actions.notices import wording_of
from joint_review.actions.rounds import ITEM
from joint_review.models import Anchor, Conflict, Opinion, Round, Task
from joint_review.queries.facts import drafts_of_round, outcome_of, standing_of_task
from joint_review.queries.names import (
    cited_clause_out,
    class_label,
    conclusion_label,
    department_out,
    discipline_out,
    language,
    verdict_label,
)
from joint_review.queries.opinions import opinions_of
from joint_review.queries.rounds import round_view
from joint_review.queries.words import demand_in_words
from joint_review.rules.merging import notice_items
from joint_review.rules.opinions import propose_conclusion
from joint_review.rules.planning import plan_tasks
from joint_review.words import state_label
from ledger.actor import Actor
from projects.pipeline.conditions import decide
from projects.queries import item_by_code

TASK_BADGE = {"open": "waiting", "claimed": "running", "handed_over": "warn", "signed": "done", "silent": "done"}
OPINION_TONE = {
    "draft": "blue",
    "signed": "blue",
    "issued": "amber",
    "answered": "amber",
    "kept": "red",
    "closed": "green",
    "withdrawn": "stopped",
    "merged": "stopped",
}


def open_preview(actor: Actor, revision: Any) -> dict[str, Any]:
    """Who would get which task, and what may be added."""
    project = revision.set.project
    item = item_by_code(project.pk, revision.set.item_code or ITEM)
    require(actor, "joint_review.open_round", item)
    tasks = catalogue.settings()["tasks"]
    plans = plan_tasks(
        catalogue.disciplines(),
        lambda condition: decide(condition, project.facts),
        own=tasks["own"],
        rest=tasks["rest"],
    )
    return {
        "project": project,
        "plans": [
            {
                "department": department_out(department_by_code(plan.department, project.district_id)),
                "disciplines": [discipline_out(code) for code in plan.covers],
                "undecided": _("、").join(
                    catalogue.discipline_names()[code].label(language()) for code in plan.undecided
                ),
            }
            for plan in plans
        ],
        "optional": [discipline_out(item.code) for item in catalogue.disciplines() if item.on_request],
        "sheets": list(sheets_of(revision.pk)),
        "days": catalogue.limits()["promised_first_review"],
    }


def round_page(actor: Actor, round_: Round) -> dict[str, Any]:
    """The round for the lead and the departments."""
    view = round_view(actor, round_)
    opinions = [opinion_for_page(entry) for entry in opinions_of(actor, round_)]
    return {
        "round": round_,
        "view": view,
        "lines": [line_of(round_, entry) for entry in view["tasks"]],
        "sheets": view["sheets"],
        "opinions": opinions,
        "standing": [entry for entry in opinions if entry["state"] not in {"withdrawn", "merged"}],
        "blocking": sum(entry["blocking"] for entry in opinions),
        "signed": sum(entry["state"] in {"signed", "silent"} for entry in view["tasks"]),
        "conflicts": conflicts_of(actor, round_),
        "may_open_conflict": "conflict" in view["can"] and len(opinions) > 1,
        "may_issue": "notice" in view["can"],
        "may_freeze": "freeze" in view["can"],
        "may_thaw": "thaw" in view["can"],
        "notice": getattr(round_, "notice", None),
        "following": Round.objects.filter(previous=round_).first(),
    }


def line_of(round_: Round, entry: dict[str, Any]) -> dict[str, Any]:
    """One branch of the metro line."""
    names = _("、").join(item["name"] for item in entry["covers"])
    conclusion = conclusion_label(entry["conclusion"]) if entry["conclusion"] else ""
    return {
        "name": entry["discipline"]["name"] if entry["discipline"] else names,
        "note": entry["remark"] or "",
        "href": reverse("joint_review:task", args=[entry["id"]]) if entry["mine"] else "",
        "state": TASK_BADGE[entry["state"]],
        "label": f"{entry['state_label']} · {conclusion}" if conclusion else entry["state_label"],
        "department": entry["department"],
        "who": _("、").join(person["name"] for person in entry["people"]),
        "due": entry["due_on"] if round_.state == "open" and entry["state"] not in {"signed", "silent"} else None,
    }


def opinion_for_page(entry: dict[str, Any]) -> dict[str, Any]:
    """An opinion as the opinion row and its forms show it."""
    match = entry["match"]
    return {
        **entry,
        "discipline": entry["discipline"]["name"] if entry["discipline"] else "",
        "demand": entry["demand_label"],
        "demand_stored": entry["demand"],
        "clause_code": entry["clause"]["code"] if entry["clause"] else "",
        "tone": OPINION_TONE[entry["state"]],
        "others": entry["authors"][1:],
        "href": reverse("realtime:canvas", args=[entry["sheet_id"]]) if entry["sheet_id"] else "",
        "match_label": verdict_label(match["verdict"]) if match else "",
        "match_uncertain": bool(match and not match["certain"]),
    }


def conflicts_of(actor: Actor, round_: Round) -> list[dict[str, Any]]:
    """Conflicts of the round, open ones first."""
    rows = list(
        Conflict.objects.filter(round=round_)
        .exclude(state="settled")
        .select_related("first", "second", "prevails")
        .prefetch_related("first__authors__department", "second__authors__department")
        .order_by("-state", "opened_at")
    )
    people = display_names(row.ruled_by_id for row in rows if row.ruled_by_id)
    return [
        {
            "id": row.pk,
            "state": row.state,
            "label": state_label("Conflict", row.state),
            "reason": row.reason,
            "sides": [side_of(row.first), side_of(row.second)],
            "ruling": row.ruling,
            "prevails": row.prevails.number if row.prevails else None,
            "ruled_by": people.get(row.ruled_by_id or 0, ""),
            "ruled_at": row.ruled_at,
            "may_rule": row.state == "open" and can(actor, "conflict.rule", row),
        }
        for row in rows
    ]


def side_of(opinion: Opinion) -> dict[str, Any]:
    """One side of a conflict."""
    return {
        "id": opinion.pk,
        "no": opinion.number,
        "departments": [department_out(author.department) for author in opinion.authors.all()],
        "text": opinion.text,
        "demand": demand_in_words(opinion.demand),
    }


def notice_preview(round_: Round) -> dict[str, Any]:
    """The numbered entries as they will be issued."""
    order = list(catalogue.opinion_classes())
    opinions = {
        str(opinion.pk): opinion
        for opinion in round_.opinions.filter(state="signed")
        .prefetch_related("authors__department")
        .select_related("raised_in")
    }
    anchors = {
        anchor.opinion_id: anchor
        for anchor in Anchor.objects.filter(round=round_).select_related("sheet__file", "sheet__revision")
    }
    entries = []
    for item in notice_items(drafts_of_round(round_, states=["signed"]), order):
        opinion = opinions[item.opinion]
        wording = wording_of(opinion, anchors.get(opinion.pk))
        entries.append(
            {
                "number": item.number,
                "opinion_id": opinion.pk,
                "departments": [department_out(author.department) for author in opinion.authors.all()],
                "cls_label": class_label(opinion.cls),
                "must_fix": catalogue.opinion_classes()[opinion.cls].must_fix,
                "clause": cited_clause_out(wording["clause"]),
                "text": opinion.text,
                "demand": demand_in_words(opinion.demand),
                "sheet": wording["sheet"],
                "has_place": anchors.get(opinion.pk) is not None,
                "near": item.near,
                "rechecks": wording["rechecks"],
            }
        )
    return {
        "round": round_,
        "entries": entries,
        "returned": outcome_of(round_) == "return",
        "open_conflicts": Conflict.objects.filter(round=round_, state="open").count(),
        "days": catalogue.limits()["design_revision_working_days"],
    }


def task_page(actor: Actor, task: Task) -> dict[str, Any]:
    """The department's task with its opinions and the other departments' ones beside it."""
    round_ = Round.objects.select_related("project", "set", "revision", "item", "convened_by").get(pk=task.round_id)
    view = round_view(actor, round_)
    entry = next(line for line in view["tasks"] if line["id"] == task.pk)
    opinions = [opinion_for_page(one) for one in opinions_of(actor, round_)]
    own = [one for one in opinions if one["mine"]]
    proposed = propose_conclusion(standing_of_task(task), catalogue.opinion_classes())
    return {
        "task": task,
        "round": round_,
        "entry": entry,
        "badge": TASK_BADGE[task.state],
        "sheets": view["sheets"],
        "own": own,
        "others": [one for one in opinions if not one["mine"] and one["state"] not in {"withdrawn", "merged"}],
        "to_recheck": [one for one in own if one["state"] == "answered"],
        "proposed": proposed,
        "conclusion_choices": [
            {"code": code, "name": conclusion_label(code), "chosen": code == proposed}
            for code in ("agree", "agree_with_conditions", "revise", "disagree", "not_concerned")
        ],
        "conclusion_label": conclusion_label(task.conclusion) if task.conclusion else "",
        "undecided": [catalogue.discipline_names()[code].label(language()) for code in task.undecided],
    }
