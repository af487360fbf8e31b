"""Departments that finish at the same moment: the join fires once, never hangs, never doubles (promises R5, R6)."""

from __future__ import annotations

import os
import threading
import uuid
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import OperationalError, connection

from joint_review import actions
from joint_review.models import MergedNotice, Opinion, Round, Task
from ledger.actor import Actor
from ledger.errors import DomainError
from ledger.models import AuditEvent
from projects.models import ItemCase, ItemMove
from tests.actions.joint_review.world import (
    FIRST,
    PIECES,
    WALL,
    add_clean_revision,
    add_set,
    project_in_review,
    sheet_of,
    wording,
)
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)

# `run.py soak races` has 32.
ROUNDS = int(os.environ.get("LIANSHEN_RACE_ROUNDS", "8"))
SIGNERS = {
    "NRP": "planning2",
    "HUC": "fire2",
    "CAD": "airdefence2",
    "ADB": "bureau2",
    "MET": "bureau2",
    "PSB": "bureau2",
}


def at_once(acts: list[Callable[[], object]]) -> list[str]:
    """Run every act in its own thread and connection, all released together; what each came to."""
    barrier = threading.Barrier(len(acts))
    outcomes = ["" for _ in acts]

    def run(number: int) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=60)
            patiently(acts[number])
            outcomes[number] = "done"
        except DomainError as error:
            outcomes[number] = error.code
        except Exception as error:  # noqa: BLE001 - a thread cannot raise into the test; its outcome is asserted
            outcomes[number] = repr(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
        assert not thread.is_alive(), "a signer hangs"
    return outcomes


def patiently(act: Callable[[], object]) -> None:
    """The act; on a machine so busy that a lock was not given within lock_timeout, once more, as after a 503."""
    for attempt in range(5):
        try:
            act()
        except OperationalError as error:
            if "lock timeout" not in str(error) or attempt == 4:
                raise
        else:
            return


def six_tasks(city: Cast, round_: Round) -> list[Task]:
    """The round's four tasks and two more of departments whose power the bureau exercises, each reviewed first."""
    from accounts.queries import department_by_code

    for code in ("MET", "PSB"):
        Task.objects.create(round=round_, department=department_by_code(code, city.district.pk), discipline="LPRO")
    tasks = list(round_.tasks.select_related("department"))
    for task in tasks:
        actions.claim_task(task.pk, actor=city.actor(FIRST.get(task.department.code, "bureau")))
    return tasks


def signer(task: Task, actor: Actor, conclusion: str) -> Callable[[], object]:
    """Sign this task."""
    return lambda: actions.sign_task(task.pk, actor=actor, conclusion=conclusion)


def recorded(name: str, round_id: uuid.UUID) -> int:
    """How often an event is in the chain."""
    return AuditEvent.objects.filter(name=name, body__round_id=str(round_id)).count()


def test_six_departments_at_once_complete_every_round_exactly_once(city: Cast) -> None:
    project = project_in_review(city)
    actors = {code: city.actor(name) for code, name in SIGNERS.items()}
    stuck, doubled = [], []
    for number in range(ROUNDS):
        revision = add_clean_revision(add_set(project), [("A-01", PIECES)])
        round_ = actions.open_round(revision.pk, actor=city.lead)
        tasks = six_tasks(city, round_)
        # Every other round has a breach and waits for the lead; the others close by themselves.
        breach = number % 2 == 0
        if breach:
            task = next(task for task in tasks if task.department.code == "HUC")
            actions.raise_opinion(task.pk, actor=city.fire, wording=wording("DEPTH", "缺防火分区图"))
        outcomes = at_once(
            [
                signer(
                    task,
                    actors[task.department.code],
                    "revise" if breach and task.department.code == "HUC" else "agree",
                )
                for task in tasks
            ]
        )
        assert outcomes == ["done"] * 6, outcomes
        round_.refresh_from_db()
        if round_.state != ("complete" if breach else "closed"):
            stuck.append((number, round_.state))
        counts = (recorded("RoundCompleted", round_.pk), recorded("RoundClosed", round_.pk))
        if counts != (1, 0 if breach else 1):
            doubled.append((number, counts))
    assert (stuck, doubled) == ([], [])
    assert not Round.objects.filter(state="open").exists()
    # Half the sets wait for the applicant: the item is not decided by those that passed.
    item = ItemCase.objects.get(project=project, code="HU-DRW")
    assert item.decided_at is None
    assert AuditEvent.objects.filter(name="ItemDecided", body__code="HU-DRW").count() == 0


def test_two_signers_of_one_task_and_two_leads_of_one_notice(city: Cast) -> None:
    project = project_in_review(city)
    second = actor_in_the_same_post(city, "fire2")
    for _ in range(ROUNDS // 4):
        revision = add_clean_revision(add_set(project), [("A-01", PIECES)])
        round_ = actions.open_round(revision.pk, actor=city.lead)
        tasks = six_tasks(city, round_)
        mine = next(task for task in tasks if task.department.code == "HUC")
        actions.raise_opinion(mine.pk, actor=city.fire, wording=wording("DEPTH", "缺防火分区图"))
        outcomes = at_once([signer(mine, city.fire2, "revise"), signer(mine, second, "revise")])
        assert Counter(outcomes) == {"done": 1, "signed_already": 1}
        for task in tasks:
            if task.pk != mine.pk:
                actions.sign_task(task.pk, actor=city.actor(SIGNERS[task.department.code]), conclusion="agree")
        leads = [city.lead, city.lead2]
        outcomes = at_once([lambda lead=lead, pk=round_.pk: actions.issue_notice(pk, actor=lead) for lead in leads])
        assert Counter(outcomes) == {"done": 1, "noticed_already": 1}
        assert MergedNotice.objects.filter(round=round_).count() == 1
        assert recorded("NoticeIssued", round_.pk) == 1
        opinion = Opinion.objects.get(round=round_)
        actions.answer_opinion(opinion.pk, actor=city.owner, kind="explain", text="见 A-02")
        actors = [city.owner, city.acting()]
        outcomes = at_once([lambda who=who, pk=round_.pk: actions.submit_answers(pk, actor=who) for who in actors])
        assert sorted(outcomes) == ["done", "state"]
        assert Round.objects.filter(previous=round_).count() == 1


def test_the_item_is_decided_once_by_the_last_of_two_sets(city: Cast) -> None:
    for _ in range(ROUNDS // 4):
        project = project_in_review(city)
        last_tasks = []
        for _set in range(2):
            revision = add_clean_revision(add_set(project), [("A-01", [WALL])])
            round_ = actions.open_round(revision.pk, actor=city.lead)
            tasks = list(round_.tasks.select_related("department").order_by("department__code"))
            for task in tasks:
                actions.claim_task(task.pk, actor=city.actor(FIRST[task.department.code]))
            for task in tasks[:-1]:
                actions.sign_task(task.pk, actor=city.actor(SIGNERS[task.department.code]), conclusion="agree")
            last_tasks.append(tasks[-1])
        outcomes = at_once([signer(task, city.actor(SIGNERS[task.department.code]), "agree") for task in last_tasks])
        assert outcomes == ["done", "done"]
        item = ItemCase.objects.get(project=project, code="HU-DRW")
        assert item.state == 11
        assert ItemMove.objects.filter(item=item, to_state=11).count() == 1
        assert sheet_of(round_).state == "signed"


def actor_in_the_same_post(city: Cast, username: str) -> Actor:
    """A colleague with the same roles in the same department."""
    from accounts.models import Person, Post
    from accounts.sessions import actor_of_post

    model = Post.objects.select_related("department").get(person__username=username)
    person = Person.objects.create(username=f"{username}-colleague", name="同岗同事")
    post = Post.objects.create(
        person=person, title=model.title, roles=model.roles, department=model.department, district=model.district
    )
    return actor_of_post(post, stepped_up=True)
