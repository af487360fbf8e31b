"""What has been confirmed of the reuse of regional assessments (已确认的共享应用), for plans, papers and the recall wave."""

from __future__ import annotations

from uuid import UUID

from projects.models import AssessmentReuse, Project
from projects.pipeline.planner import Reusable
from regional_eval.reasons import in_words, read_reason

# The items by which the enterprise reports that the works have begun: later changes have no effect any more.
COMMENCEMENT = ("EV-BEG", "EV-CON")
# A reuse of this kind stands in for a paper, not for an item (assessment_kinds.yaml: replaces_item MATERIAL:..).
PAPER_KINDS = {"LAND_SURVEY": "M-BND"}


def confirmed_reuse(project: Project) -> dict[str, Reusable]:
    """Kind -> what the approving department has confirmed; for every plan of the project.

    What was confirmed for another red line than today's counts for nothing.
    """
    rows = list(project.reuses.filter(state=AssessmentReuse.State.CONFIRMED))
    if not rows:
        return {}
    site = getattr(project, "site", None)
    return {
        row.kind: Reusable(row.outcome, row.effect or None)
        for row in rows
        if site is not None and row.answer["site"]["sha256"] == site.sha256
    }


def reuse_of_paper(paper_id: UUID) -> AssessmentReuse | None:
    """The reuse that a confirmation paper certifies."""
    return AssessmentReuse.objects.select_related("project").filter(paper_id=paper_id).first()


def reasons_of(reuse: AssessmentReuse) -> list[str]:
    """The reasons of a frozen answer as sentences."""
    return [in_words(read_reason(raw)) for raw in reuse.answer["answer"]["reasons"]]


def works_have_begun(project: Project) -> bool:
    """Has the enterprise reported that the works began? What ends later then has no effect."""
    if project.state == Project.State.FINISHED:
        return True
    return project.items.filter(code__in=COMMENCEMENT, decided_at__isnull=False).exists()


def leaning_on(assessment_id: UUID) -> list[AssessmentReuse]:
    """Every reuse that leaned on an assessment, with its project and paper (反查)."""
    rows = AssessmentReuse.objects.filter(assessment_ids__contains=[assessment_id])
    return list(rows.select_related("project", "project__owner").order_by("project_id", "proposed_at"))
