"""What the project page shows of joint review and acceptance, and what this reader may do there."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import can, scope
from drawings.queries import current_revision, sets_for
from joint_review.acceptance.models import AcceptanceRound
from joint_review.acceptance.queries.guards import why_not_yet
from joint_review.actions.rounds import ITEM
from joint_review.models import Round
from joint_review.queries.desk import tasks_on_desk
from joint_review.queries.evaluations import evaluations_of_project
from joint_review.queries.notices import notices_of
from joint_review.words import state_label
from ledger.actor import Actor
from projects.queries import items_of, project_for

BADGES = {
    "open": "running",
    "complete": "warn",
    "noticed": "stopped",
    "answered": "done",
    "closed": "done",
    "returned": "refused",
    "applied": "waiting",
    "scheduled": "running",
    "visited": "running",
    "failed": "refused",
    "rectifying": "stopped",
    "passed": "done",
}


def rounds_of_project(actor: Actor, project_id: UUID) -> list[dict[str, str]]:
    """Rounds, notices and acceptances the reader may open, newest first: {name, href, state, label}."""
    rounds = scope(actor, "joint_review.view", Round.objects.filter(project_id=project_id, kind="drawings"))
    found = [
        (
            round_.opened_at,
            {
                "name": _("%(set)s · 第 %(no)s 轮联审") % {"set": round_.set.name, "no": round_.no},
                "href": reverse("joint_review:round", args=[round_.pk]),
                "state": BADGES[round_.state],
                "label": state_label("Round", round_.state),
            },
        )
        for round_ in rounds.select_related("set")
    ]
    if not found:
        found = [
            (
                notice.issued_at,
                {
                    "name": _("%(set)s · 第 %(no)s 轮合并告知书")
                    % {"set": notice.round.set.name, "no": notice.round.no},
                    "href": reverse("joint_review:notice", args=[notice.pk]),
                    "state": BADGES[notice.round.state],
                    "label": state_label("Round", notice.round.state),
                },
            )
            for notice in notices_of(actor, project_id)
        ]
    found += evaluations_of_project(actor, project_id)
    acceptances = scope(actor, "acceptance.view", AcceptanceRound.objects.filter(project_id=project_id))
    found += [
        (
            acceptance.applied_at,
            {
                "name": _("联合验收"),
                "href": reverse("joint_review:acceptance", args=[acceptance.pk]),
                "state": BADGES[acceptance.state],
                "label": state_label("AcceptanceRound", acceptance.state),
            },
        )
        for acceptance in acceptances
    ]
    return [entry for _at, entry in sorted(found, key=lambda pair: pair[0], reverse=True)]


def acts_on_project(actor: Actor, project_id: UUID) -> list[dict[str, str]]:
    """What this reader may do now on the project: {text, why, href, action}."""
    return [
        *rounds_to_open(actor, project_id),
        *own_tasks(actor, project_id),
        *acceptance_to_apply(actor, project_id),
    ]


def rounds_to_open(actor: Actor, project_id: UUID) -> list[dict[str, str]]:
    """Clean drawing sets that nobody reviews yet, for the lead."""
    if "lead" not in actor.roles:
        return []
    items = {item.code: item for item in items_of(project_id)}
    reviewed = set(Round.objects.filter(project_id=project_id).values_list("set_id", flat=True))
    acts = []
    for drawing_set in sets_for(actor, project_id):
        item = items.get(drawing_set.item_code or ITEM)
        revision = current_revision(drawing_set.pk)
        if drawing_set.pk in reviewed or revision is None or item is None or not item.is_open:
            continue
        if can(actor, "joint_review.open_round", item):
            acts.append(
                {
                    "text": _("图纸“%(set)s”（%(no)s 版）可以开启联审") % {"set": drawing_set.name, "no": revision.no},
                    "why": _("图纸已通过检查；开启后各部门同时审查。"),
                    "href": reverse("joint_review:open", args=[revision.pk]),
                    "action": _("开启联审"),
                }
            )
    return acts


def own_tasks(actor: Actor, project_id: UUID) -> list[dict[str, str]]:
    """Tasks of the reader's department in this project."""
    return [
        {
            "text": _("%(what)s：%(state)s")
            % {
                "what": entry["discipline"]["name"] if entry["discipline"] else entry["department"]["short_name"],
                "state": entry["state_label"],
            },
            "why": _("应于 %(day)s 前完成") % {"day": entry["due_on"].isoformat()} if entry["due_on"] else "",
            "href": entry["url"],
            "action": _("去办理"),
        }
        for entry in tasks_on_desk(actor)
        if entry["project_id"] == project_id
    ]


def acceptance_to_apply(actor: Actor, project_id: UUID) -> list[dict[str, str]]:
    """The joint acceptance, for the enterprise, once nothing stands in its way."""
    if actor.principal_id is None or AcceptanceRound.objects.filter(project_id=project_id).exists():
        return []
    project = project_for(actor, project_id)
    items = list(items_of(project_id))
    if not items or not can(actor, "acceptance.apply", project) or why_not_yet(items):
        return []
    return [
        {
            "text": _("可以申请联合验收"),
            "why": _("一次申请，各部门同一天到现场，一份意见书。"),
            "href": reverse("joint_review:acceptance_apply", args=[project_id]),
            "action": _("申请联合验收"),
        }
    ]
