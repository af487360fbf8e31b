"""People at the same moment: one project, one winner per step, one acceptance, receipts without gaps (promises R4, R5)."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from accounts.models import Person, Post
from accounts.sessions import actor_of_post
from ledger.actor import Actor
from ledger.errors import DomainError
from ledger.models import AuditEvent
from projects import actions
from projects.actions import ProjectForm
from projects.models import ItemCase, ItemStep, Project
from projects.states import Code
from tests.actions.projects.filing import draft, fresh_code, item, submitted
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)

# 24 in `run.py soak races`.
ROUNDS = int(os.environ.get("LIANSHEN_PROJECT_RACE_ROUNDS", "6"))


def at_once(acts: list[Callable[[], object]]) -> list[str]:
    """Every act in its own thread and connection, released together; what each came to."""
    barrier = threading.Barrier(len(acts))
    outcomes = ["" for _ in acts]

    def run(number: int) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=60)
            acts[number]()
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
        assert not thread.is_alive(), "somebody hangs"
    return outcomes


def colleague(of: str, name: str) -> Actor:
    """Another person in the same post."""
    post = Post.objects.select_related("person", "department").get(person__username=of)
    person = Person.objects.create_user(name, None, name=name)
    twin = Post.objects.create(
        person=person, title=post.title, roles=post.roles, department=post.department, organisation=post.organisation
    )
    return actor_of_post(twin, stepped_up=True)


def test_two_who_create_the_same_project_make_one(city: Cast) -> None:
    for _round in range(ROUNDS):
        form = ProjectForm(name=f"同一项目 {uuid4()}", code=fresh_code())
        outcomes = at_once([lambda form=form: actions.create_project(form, actor=city.owner) for _ in range(6)])  # type: ignore[misc]
        assert Counter(outcomes)["done"] == 1, outcomes
        assert set(outcomes) - {"done"} <= {"code_taken", "draft_exists"}
        assert Project.objects.filter(name=form.name).count() == 1


def test_many_posts_with_one_key_make_one_project(city: Cast) -> None:
    clients = [city.client("owner") for _ in range(8)]
    for _round in range(4):
        key, code = str(uuid4()), fresh_code()
        body: dict[str, Any] = {"name": f"双击 {key}", "code": code}
        statuses: list[int] = []

        def post(client: Any, key: str = key, body: dict[str, Any] = body, statuses: list[int] = statuses) -> None:
            answer = client.post(
                "/api/v1/projects", body, content_type="application/json", headers={"Idempotency-Key": key}
            )
            statuses.append(answer.status_code)

        at_once([lambda client=client, post=post: post(client) for client in clients])  # type: ignore[misc]
        assert Project.objects.filter(code=code).count() == 1
        assert set(statuses) <= {201, 409}
        assert 201 in statuses


def test_two_who_submit_file_once(city: Cast) -> None:
    mate = colleague("owner", "owner-mate")
    for _round in range(ROUNDS // 2):
        project = draft(city)
        outcomes = at_once(
            [
                lambda actor=actor, pk=project.pk: actions.submit_project(pk, actor=actor)  # type: ignore[misc]
                for actor in (city.owner, mate, city.owner)
            ]
        )
        assert Counter(outcomes) == {"done": 1, "state": 2}
        assert AuditEvent.objects.filter(name="ProjectSubmitted", project_id=project.pk).count() == 1


def test_receipts_of_many_filings_at_once_run_without_gaps(city: Cast) -> None:
    projects = [draft(city) for _ in range(6)]
    outcomes = at_once(
        [lambda pk=project.pk: actions.submit_project(pk, actor=city.owner) for project in projects]  # type: ignore[misc]
    )
    assert set(outcomes) == {"done"}
    numbers = Project.objects.values_list("receipt_number", flat=True)
    assert sorted(int((number or "").split("-")[2]) for number in numbers) == [1, 2, 3, 4, 5, 6]


def test_two_clerks_accept_once(city: Cast) -> None:
    for _round in range(4):
        project = submitted(city)
        outcomes = at_once(
            [
                lambda actor=actor, pk=project.pk: actions.accept_at_window(pk, actor=actor)  # type: ignore[misc]
                for actor in (city.window, city.window2)
            ]
        )
        assert Counter(outcomes) == {"done": 1, "state": 1}
        codes = list(ItemCase.objects.filter(project=project).values_list("code", flat=True))
        assert len(codes) == len(set(codes)) > 40


def test_two_approvers_one_wins_and_the_other_is_told_who(city: Cast) -> None:
    """promises R5: exactly one winner, no half state."""
    rival = colleague("bureau2", "bureau2-mate")
    wins: Counter[str] = Counter()
    for _round in range(ROUNDS):
        project = submitted(city)
        actions.accept_at_window(project.pk, actor=city.window)
        found = item(project, "DR-REC")
        actions.accept_item(found.pk, actor=city.bureau)
        outcomes = at_once(
            [
                lambda pk=found.pk: actions.approve_item(pk, actor=city.bureau2, basis="符合备案条件"),  # type: ignore[misc]
                lambda pk=found.pk: actions.deny_item(pk, actor=rival, basis="属于核准目录，不适用备案"),  # type: ignore[misc]
            ]
        )
        assert Counter(outcomes) == {"done": 1, "already_done": 1}
        found.refresh_from_db()
        approved = outcomes[0] == "done"
        assert found.state == (Code.PASSED if approved else Code.NOT_PASSED)
        assert ItemStep.objects.filter(item=found, number=1).count() == 1
        assert AuditEvent.objects.filter(name="ItemDecided", body__item_id=str(found.pk)).count() == 1
        reached = item(project, "EV-LND").state is not None or item(project, "EA-ARC").state == 1
        assert reached
        wins["approved" if approved else "denied"] += 1
    assert sum(wins.values()) == ROUNDS


def test_one_person_at_two_steps_at_once_takes_one(city: Cast) -> None:
    """promises S6: the four-eyes rule holds in a race, too."""
    Post.objects.filter(person__username="bureau").update(
        roles=["pos_accept", "pos_first", "pos_second", "pos_approve"]
    )
    for _round in range(ROUNDS // 2):
        project = submitted(city)
        actions.accept_at_window(project.pk, actor=city.window)
        found = item(project, "DR-REC")
        outcomes = at_once(
            [
                lambda pk=found.pk: actions.accept_item(pk, actor=city.bureau),  # type: ignore[misc]
                lambda pk=found.pk: actions.approve_item(pk, actor=city.bureau),  # type: ignore[misc]
                lambda pk=found.pk: actions.accept_item(pk, actor=city.bureau),  # type: ignore[misc]
            ]
        )
        assert outcomes.count("done") == 1, outcomes
        assert list(ItemStep.objects.filter(item=found).values_list("number", flat=True)) == [0]


def test_parallel_items_decided_at_once_leave_right_clocks(city: Cast) -> None:
    """The last two of a branch finish together: what follows is reached once (promises R6)."""
    for _round in range(4):
        project = submitted(city, facts=None)
        actions.accept_at_window(project.pk, actor=city.window)
        pair = [item(project, "DR-REC"), item(project, "EA-ARC")]
        for found in pair:
            actions.accept_item(found.pk, actor=city.bureau)
        outcomes = at_once(
            [lambda pk=found.pk: actions.approve_item(pk, actor=city.bureau2) for found in pair]  # type: ignore[misc]
        )
        assert outcomes == ["done", "done"]
        land = item(project, "EV-LND")
        assert land.state == Code.RECEIVED
        assert AuditEvent.objects.filter(name="ItemReady", body__item_id=str(land.pk)).count() == 1
        project.refresh_from_db()
        assert project.used_days >= 0
        assert project.accepted_at is not None
        assert land.ready_at is not None
        assert land.ready_at - project.accepted_at < timedelta(days=1)
