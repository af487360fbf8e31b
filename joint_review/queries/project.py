"""Rounds and acceptances of one project, and what may be begun there: for the project page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import can, scope
from drawings.queries import current_revision, sets_of
from joint_review.acceptance.models import AcceptanceRound
from joint_review.actions.locking import state_label
from joint_review.models import Round
from ledger.actor import Actor

TONES = {
    "open": "running",
    "complete": "warn",
    "noticed": "stopped",
    "answered": "warn",
    "closed": "done",
    "returned": "refused",
    "applied": "running",
    "scheduled": "running",
    "visited": "running",
    "failed": "warn",
    "rectifying": "stopped",
    "passed": "done",
}


def rounds_of_project(actor: Actor, project_id: UUID) -> list[dict[str, Any]]:
    """The rounds and acceptances the actor may look into, newest first."""
    rounds = scope(actor, "joint_review.view", Round.objects.filter(project_id=project_id)).select_related("set")
    accepted = scope(actor, "acceptance.view", AcceptanceRound.objects.filter(project_id=project_id))
    shown = [
        {
            "name": _("%(set)s 第 %(no)s 轮联审") % {"set": one.set.name, "no": one.no},
            "href": reverse("joint_review:round", args=[one.pk]),
            "state": TONES.get(one.state, "waiting"),
            "label": state_label("Round", one.state),
        }
        for one in rounds.order_by("-opened_at")
    ]
    return [
        {
            "name": _("联合验收"),
            "href": reverse("joint_review:acceptance", args=[one.pk]),
            "state": TONES.get(one.state, "waiting"),
            "label": state_label("AcceptanceRound", one.state),
        }
        for one in accepted.order_by("-applied_at")
    ] + shown


def acts_on_project(actor: Actor, project_id: UUID) -> list[dict[str, str]]:
    """What this actor may begin: a round on a clean set that has none yet."""
    acts = []
    for one in sets_of(project_id):
        revision = current_revision(one.pk)
        begun = Round.objects.filter(set_id=one.pk).exists()
        if revision is not None and not begun and can(actor, "joint_review.open_round", one.project):
            acts.append(
                {
                    "text": _("组织联合审查：%(set)s 第 %(no)s 版") % {"set": one.name, "no": revision.no},
                    "why": _("图纸已通过检查，各部门将同时开始审查。"),
                    "href": reverse("joint_review:begin", args=[revision.pk]),
                    "action": _("组织联审"),
                }
            )
    return acts
