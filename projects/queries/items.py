"""What the page of one item shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import get_language

from accounts.access import can
from accounts.queries import department_by_code, display_names
from ledger.actor import Actor
from projects import domain
from projects.models import ItemCase, ItemStep
from projects.queries.editions import spec_of, template_for
from projects.queries.ledger import ground_name, ground_rules
from projects.queries.plan_bars import bars_on
from projects.rules.modes import names_of_modes
from projects.states import item_state_name
from projects.words import _


@dataclass(frozen=True)
class StepShown:
    """One step: who took it and when, or whose turn it is."""

    name: str
    state: str
    who: str
    at: datetime | None
    remark: str
    posts: tuple[str, ...]


def item_page(item: ItemCase) -> dict[str, Any]:
    """The item with its department, limits, steps, materials, prerequisites and pauses."""
    english = (get_language() or "").startswith("en")
    spec = spec_of(item)
    taken = list(steps_of_turn(item))
    names = display_names(step.person_id for step in taken)
    by_number = {step.number: step for step in taken}
    steps = [
        StepShown(
            name=step.name_en if english else step.name_zh,
            state="done" if number in by_number else "current" if item.is_open and number == item.step else "todo",
            who=names.get(by_number[number].person_id, "") if number in by_number else "",
            at=by_number[number].at if number in by_number else None,
            remark=by_number[number].remark if number in by_number else "",
            posts=tuple(step.posts),
        )
        for number, step in enumerate(template_for(item.project).steps)
    ]
    others = {other.code: other for other in item.project.items.filter(code__in=item.prerequisites)}
    is_own = item.department_code == "APP"
    return {
        "item": item,
        "project": item.project,
        "department": None if is_own else department_by_code(item.department_code, item.project.district_id),
        "state": item_state_name(item.state),
        "steps": [] if item.is_by_applicant or item.decided_by != "HAND" else steps,
        "materials": [material.name_en if english else material.name_zh for material in spec.materials],
        "before": [others[code] for code in item.prerequisites if code in others],
        "pauses": [(pause, ground_name(pause.ground)) for pause in item.pauses.order_by("starts_on")],
        "results": spec.results,
        "conditions": spec.conditions,
        "review_criteria": spec.review_criteria,
        "handling": names_of_modes()[item.handling],
        "bars": bars_on(item.project, item.code) if item.decided_at is None else (),
    }


def steps_of_turn(item: ItemCase) -> QuerySet[ItemStep]:
    """The steps since the item was reached; those of a decision that was retracted are history."""
    return item.steps.none() if item.ready_at is None else item.steps.filter(at__gte=item.ready_at)


ACTS = {
    "accept": "item.accept",
    "first_review": "item.first_review",
    "second_review": "item.second_review",
    "approve": "item.approve",
    "deny": "item.deny",
    "report_event": "item.report_event",
    "settle_need": "item.settle_need",
    "pause_clock": "item.pause_clock",
    "resume_clock": "item.resume_clock",
}
POST_OF_ACT = {
    "accept": "pos_accept",
    "first_review": "pos_first",
    "second_review": "pos_second",
    "approve": "pos_approve",
    "deny": "pos_approve",
}


def acts_on_item(actor: Actor, item: ItemCase) -> list[str]:
    """What the actor may do to the item now: the table's answer and the item's state together."""
    by_hand = item.decided_by == "HAND" and not item.held_by
    fits = {act: by_hand and post in item.posts_now and not item.is_paused for act, post in POST_OF_ACT.items()}
    fits["report_event"] = item.is_open and item.is_by_applicant
    fits["settle_need"] = item.need == "undecided" and item.decided_at is None and not item.held_by
    fits["pause_clock"] = item.is_open and not item.is_by_applicant and not item.is_paused
    fits["resume_clock"] = item.is_open and item.is_paused
    return [act for act, name in ACTS.items() if fits[act] and can(actor, name, item)]


def grounds_of(item: ItemCase) -> list[tuple[str, str]]:
    """The grounds that may stop the item's clock, by code and in words."""
    rules = ground_rules()
    in_force = set(domain.read("clock_rules")["local_rules"]["grounds_in_force"])
    codes = [*item.pause_reasons, "FORCE_MAJEURE"]
    return [
        (code, ground_name(code))
        for code in codes
        if rules[code]["stops_clock"] == "YES" or (rules[code]["stops_clock"] == "LOCAL_RULE" and code in in_force)
    ]


def need_in_words(item: ItemCase) -> str:
    """Whether the item is needed, and why; empty where nothing need be said."""
    words = {
        "undecided": _("待确定：缺少项目要素，暂按需要办理编排"),
        "promised": _("告知承诺办理"),
        "simplified": _("共享应用区域评估成果，简化办理：文件可以降级，直接引用区域结论；办理时限不变"),
        "tolerated": _("容缺办理：有材料承诺后补，补齐之前按容缺通过办结"),
        "reused": _("共享应用区域评估成果，不单独办理"),
        "not_needed": _("不需要办理"),
    }
    said = words.get(item.need, "")
    return _("%(what)s（%(why)s）") % {"what": said, "why": item.need_remark} if said and item.need_remark else said
