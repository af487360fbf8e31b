"""Contradictions between plans for pages (规划间矛盾): the list of one's district, and one case with its places."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.access import can, get_for, require, scope
from accounts.legal_day import today_in_shanghai
from accounts.queries import departments, display_names
from ledger.actor import Actor
from ledger.both_languages import in_both
from projects.models import PlanContradiction
from projects.models.conflicts import POSITIONS
from projects.queries.ledger import department_names
from regional_eval.plan_reasons import basis_of, conflict_in_words, read_reason
from regional_eval.terms import layer_name


def position_name(code: str) -> str:
    """What an owner answers (答复意见)."""
    return {
        "amend": _("修改本部门的规划"),
        "stand": _("维持本部门的规划"),
        "no_contradiction": _("不构成矛盾"),
    }.get(code, code)


def outcome_name(code: str) -> str:
    """How a case ended (办结结果)."""
    return {
        "agreed": _("已协调一致，按答复修改规划"),
        "dismissed": _("双方认为不构成矛盾"),
        "referred": _("双方各自维持，提请本级人民政府协调"),
        "gone": _("规划更新后矛盾已消除"),
    }.get(code, code)


def outcome_in_both(code: str) -> dict[str, str]:
    """The result in both languages, for letters that are read in one of them."""
    return in_both(lambda: outcome_name(code))


def case_in_both(contradiction_id: UUID) -> dict[str, str]:
    """The two plans of a case by name, in both languages."""
    case = PlanContradiction.objects.get(pk=contradiction_id)
    return in_both(lambda: f"{layer_name(case.first_layer)} / {layer_name(case.second_layer)}")


def contradiction_list(actor: Actor) -> dict[str, Any]:
    """The cases the actor may see: his department's to answer first, then the other open ones, then the ended."""
    require(actor, "contradiction.list")
    cases = scope(actor, "contradiction.list", PlanContradiction.objects.prefetch_related("answers"))
    rows = [row_of(actor, case) for case in cases.defer("patches")[:500]]
    open_ = [row for row in rows if row["case"].state == PlanContradiction.State.OPEN]
    return {
        "mine": [row for row in open_ if row["may_answer"]],
        "waiting": [row for row in open_ if not row["may_answer"]],
        "ended": [row for row in rows if row["case"].state != PlanContradiction.State.OPEN],
    }


def row_of(actor: Actor, case: PlanContradiction) -> dict[str, Any]:
    """One case as a line."""
    today = today_in_shanghai()
    answered = {answer.department_code for answer in case.answers.all()}
    waiting = [code for code in case.owners if code not in answered]
    is_open = case.state == PlanContradiction.State.OPEN
    return {
        "case": case,
        "first": layer_name(case.first_layer),
        "second": layer_name(case.second_layer),
        "reason": reason_of(case),
        "owners": owners_of(case),
        "waiting": waiting,
        "late": is_open and case.due_on < today,
        "outcome": outcome_name(case.outcome or case.state) if not is_open else "",
        "may_answer": is_open
        and any(code in actor.department_codes for code in waiting)
        and can(actor, "contradiction.answer", case),
    }


def owners_of(case: PlanContradiction) -> list[Any]:
    """The departments that answer, as chips; one that is not of this district by its code alone."""
    known = {one.code: one for one in departments(case.district_id)}
    return [known[code] for code in case.owners if code in known]


def reason_of(case: PlanContradiction) -> str:
    """Why they contradict, by the largest place."""
    patches = case.patches
    return conflict_in_words(read_reason(patches[0]["reason"])) if patches else case.reason


def contradiction_page(actor: Actor, contradiction_id: UUID) -> dict[str, Any]:
    """One case with its places on the map, what was answered and what is still waited for."""
    case = get_for(actor, "contradiction.view", PlanContradiction, contradiction_id)
    names = department_names(case.district_id)
    answers = list(case.answers.all())
    people = display_names({answer.made_by_id for answer in answers})
    row = row_of(actor, case)
    return {
        **row,
        "sides": [
            {
                "layer": row["first"],
                "title": case.first_title,
                "department": names.get(case.first_department_code, case.first_department_code),
                "basis": basis_of(case.first_layer),
            },
            {
                "layer": row["second"],
                "title": case.second_title,
                "department": names.get(case.second_department_code, case.second_department_code),
                "basis": basis_of(case.second_layer),
            },
        ],
        "answers": [
            {
                "department": names.get(answer.department_code, answer.department_code),
                "position": position_name(answer.position),
                "text": answer.text,
                "who": people.get(answer.made_by_id, ""),
                "at": answer.made_at,
            }
            for answer in answers
        ],
        "still": [names.get(code, code) for code in row["waiting"]] if not row["outcome"] else [],
        "positions": [{"code": code, "name": position_name(code)} for code in POSITIONS],
        "patches": [
            {
                "n": number,
                "shape": f"patch:{number}",
                "area_m2": patch["area_m2"],
                "mu": patch["mu"],
                "reason": conflict_in_words(read_reason(patch["reason"])),
            }
            for number, patch in enumerate(case.patches, 1)
        ],
        "shapes": [
            {
                "id": f"patch:{number}",
                "group": "MAJOR",
                "label": _("矛盾处 %(n)s") % {"n": number},
                "geometry": patch["geometry"],
            }
            for number, patch in enumerate(case.patches, 1)
        ],
    }


def contradictions_to_answer(actor: Actor) -> list[dict[str, Any]]:
    """For desks: the open cases that wait for the actor's department, soonest first."""
    if not actor.department_codes:
        return []
    found = scope(actor, "contradiction.answer", PlanContradiction.objects.filter(state=PlanContradiction.State.OPEN))
    rows = [row_of(actor, case) for case in found.prefetch_related("answers")]
    return [row for row in rows if row["may_answer"]]
