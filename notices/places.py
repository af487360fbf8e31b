"""Where a letter leads: addresses by name, so that a moved page cannot leave dead letters."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse


def project(project_id: UUID) -> str:
    """The project page."""
    return reverse("portal:project", args=[project_id])


def intake(project_id: UUID) -> str:
    """The window's page of a filing."""
    return reverse("projects:intake", args=[project_id])


def prereview(project_id: UUID) -> str:
    """The threads of a pre-review."""
    return reverse("projects:prereview", args=[project_id])


def item(item_id: UUID) -> str:
    """The page of one item."""
    return reverse("projects:item", args=[item_id])


def drawing_set(set_id: UUID) -> str:
    """The page of a drawing set."""
    return reverse("drawings:set", args=[set_id])


def round_(round_id: UUID) -> str:
    """The page of a review round."""
    return reverse("joint_review:round", args=[round_id])


def notice(notice_id: UUID) -> str:
    """The page of a merged notice."""
    return reverse("joint_review:notice", args=[notice_id])


def acceptance(acceptance_id: UUID) -> str:
    """The page of a joint acceptance."""
    return reverse("joint_review:acceptance", args=[acceptance_id])


def plan_check(project_id: UUID) -> str:
    """The plan check of a project's site."""
    return reverse("projects:plan_check", args=[project_id])


def contradiction(contradiction_id: UUID) -> str:
    """The case of two contradicting plans."""
    return reverse("projects:contradiction", args=[contradiction_id])


def evaluation(round_id: UUID) -> str:
    """A round without drawings."""
    return reverse("joint_review:evaluation", args=[round_id])


def mandates() -> str:
    """The page of mandates."""
    return reverse("accounts:mandates")


def reuse(project_id: UUID) -> str:
    """The project's page of reuse."""
    return reverse("projects:reuse", args=[project_id])


def reuse_case(reuse_id: UUID) -> str:
    """One proposal, for the department."""
    return reverse("projects:reuse_case", args=[reuse_id])


def rechecks() -> str:
    """The list of re-checks."""
    return reverse("projects:rechecks")


def cards() -> str:
    """The list of yellow and red cards."""
    return reverse("supervision:cards")


def mark(sheet_id: UUID, obj: str) -> str:
    """One mark on the review canvas, with its thread open."""
    return f"{reverse('realtime:canvas', args=[sheet_id])}#mark-{obj}"
