"""At the door: sign-in, language of refusals, one answer per request, posts, step-up."""

from __future__ import annotations

import threading
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from accounts.actions import issue_token
from accounts.models import Mandate
from ledger.models import Answer, AuditEvent
from tests.cast import Cast, build_cast


def grant(client: Client, key: str, *, agent: str = "agent2", until: str = "2999-12-31") -> int:
    form = {"agent": agent, "starts_on": "2026-01-01", "ends_on": until, "idempotency_key": key}
    return client.post("/mandates/grant/", form).status_code


def test_a_page_asks_for_sign_in_and_an_api_says_401(cast: Cast, client: Client) -> None:
    answer = client.get("/mandates/")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/mandates/")
    answer = client.get("/mandates/", headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_required")


def test_signing_in_with_login_and_password(cast: Cast, client: Client) -> None:
    answer = client.post("/accounts/login/", {"login": "owner", "password": settings.DEMO_PASSWORD})
    assert answer.status_code == 302
    assert client.get("/mandates/").status_code == 200


def test_a_repeat_gets_the_first_answer(cast: Cast) -> None:
    client, key = cast.client("owner"), str(uuid4())
    assert [grant(client, key) for _time in range(3)] == [302, 302, 302]
    assert Mandate.objects.filter(principal=cast.yunqi, agent__username="agent2").count() == 1


def test_the_same_key_with_another_body_is_refused(cast: Cast) -> None:
    client, key = cast.client("owner"), str(uuid4())
    assert grant(client, key) == 302
    assert grant(client, key, until="2888-12-31") == 422


def test_a_request_without_key_is_refused(cast: Cast) -> None:
    assert grant(cast.client("owner"), "") == 422
    assert Mandate.objects.count() == 3


def test_a_refused_request_leaves_no_answer_behind(cast: Cast) -> None:
    client, key = cast.client("owner"), str(uuid4())
    assert grant(client, key, agent="nobody") == 422
    assert Answer.objects.count() == 0
    assert grant(client, key) == 302


@pytest.mark.django_db(transaction=True)
def test_twenty_parallel_posts_make_one_mandate() -> None:
    cast = build_cast()
    clients = [cast.client("owner") for _number in range(20)]
    key, codes = str(uuid4()), []

    def post(client: Client) -> None:
        try:
            codes.append(grant(client, key))
        finally:
            connection.close()

    threads = [threading.Thread(target=post, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(codes) <= {302, 409}
    assert 302 in codes
    assert Mandate.objects.filter(principal=cast.yunqi, agent__username="agent2").count() == 1


def test_an_act_of_law_wants_the_password_and_takes_it_in_the_form(cast: Cast) -> None:
    client = cast.client("owner", fresh=False)
    assert grant(client, str(uuid4())) == 403
    form = {"agent": "agent2", "starts_on": "2026-01-01", "ends_on": "2999-12-31"}
    wrong = {**form, "idempotency_key": str(uuid4()), "step_up_password": "wrong-password"}
    assert client.post("/mandates/grant/", wrong).status_code == 403
    assert AuditEvent.objects.filter(name="StepUpFailed").count() == 1
    right = {**form, "idempotency_key": str(uuid4()), "step_up_password": settings.DEMO_PASSWORD}
    assert client.post("/mandates/grant/", right).status_code == 302


def test_a_token_opens_the_api_and_a_wrong_one_does_not(cast: Cast, client: Client) -> None:
    headers = {"accept": "application/json"}
    token = issue_token("owner")
    answer = client.get("/mandates/", headers={**headers, "authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    assert client.get("/mandates/", headers={**headers, "authorization": "Bearer nonsense"}).status_code == 401


def test_a_post_without_csrf_token_is_refused(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = cast.client("owner").cookies
    assert grant(client, str(uuid4())) == 403


def test_somebody_elses_post_cannot_be_chosen(cast: Cast) -> None:
    answer = cast.client("owner").post("/post/", {"post": cast.planning.post_id, "idempotency_key": str(uuid4())})
    assert answer.status_code == 404
