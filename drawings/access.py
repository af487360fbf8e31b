"""How actors stand to drawings: as they stand to the project they belong to (promises.md section 4).

joint_review adds to this: a department with a task in a round may mark the round's sheets (D), and its task lets it see the
project at all (I, C on Project, which count here too).
"""

from __future__ import annotations

from collections.abc import Callable

from django.apps import apps
from django.db.models import Model, Q

from accounts.access import NOBODY, VIEWED_BY, register_relation, relation_query
from drawings.models import DrawingSet, Revision, Sheet, SourceFile
from ledger.actor import Actor

Project: type[Model] = apps.get_model("projects", "Project")

# How each model reaches its project.
PROJECT_OF: dict[type[Model], str] = {
    DrawingSet: "project",
    Revision: "set__project",
    SourceFile: "revision__set__project",
    Sheet: "revision__set__project",
}
LETTERS = "OMJIECS"
# Those who review or supervise see only what passed the check; the applicant's side sees its own on the way.
ONLY_CLEAN = "JICS"


def through_project(letter: str, model: type[Model]) -> Callable[[Actor], Q]:
    """The relation to the project, seen from something that belongs to it; asked anew each time."""
    path = PROJECT_OF[model]
    clean = Q(revision__state="clean") if model is Sheet and letter in ONLY_CLEAN else Q()

    def relation(actor: Actor) -> Q:
        found = relation_query(actor, Project, letter)
        if found == NOBODY:
            return NOBODY
        return clean & Q(**{f"{path}__in": Project._default_manager.filter(found).values("pk")})

    return relation


for model in PROJECT_OF:
    for relation_letter in LETTERS:
        relation = through_project(relation_letter, model)
        # A sheet's room asks them of everybody who comes in, and they follow from the actor and the day
        # (tests/realtime/test_admission.py).
        register_relation(model, relation_letter, relation, lasting=model is Sheet)
    VIEWED_BY[model] = "drawing.view"
