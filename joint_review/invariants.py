"""What must always hold of rounds and acceptances: no join is missed, nothing closes over a standing breach."""

from __future__ import annotations

from collections.abc import Iterator

from joint_review.acceptance.models import AcceptanceRound
from joint_review.catalogue import opinion_classes
from joint_review.models import Opinion, Round
from joint_review.rules.opinions import Standing, blocks
from joint_review.states import DONE_TASKS


def violations() -> Iterator[str]:
    """Stuck rounds, rounds closed too early, acceptances passed with a task open."""
    for round_ in Round.objects.prefetch_related("tasks"):
        states = [task.state for task in round_.tasks.all()]
        done = bool(states) and all(state in DONE_TASKS for state in states)
        if round_.state == "open" and done:
            yield f"joint_review: round {round_.pk} is open although every task is done"
        if round_.state != "open" and not done:
            yield f"joint_review: round {round_.pk} is {round_.state} although a task is not done"
    classes = opinion_classes()
    for opinion in Opinion.objects.filter(round__state="closed").select_related("round"):
        if blocks(Standing(opinion.cls, opinion.state), classes):
            yield f"joint_review: round {opinion.round_id} is closed over opinion {opinion.number}"
    for acceptance in AcceptanceRound.objects.filter(state="passed").prefetch_related("tasks"):
        if any(task.state != "signed" for task in acceptance.tasks.all()):
            yield f"joint_review: acceptance {acceptance.pk} passed although a task is not signed"
