"""Unsent text survives; it belongs to one person under one mandate."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from django.test import Client

from portal.models import Draft
from tests.cast import Cast

CONTENT = json.dumps({"name": ["云启二期"]}, ensure_ascii=False)


def save(client: Client, content: str, *, prefix: str = "", key: str = "project-new") -> int:
    form = {"key": key, "content": content, "idempotency_key": str(uuid4())}
    return client.post(f"{prefix}/drafts/", form).status_code


def read(client: Client, *, prefix: str = "") -> object:
    return client.get(f"{prefix}/drafts/?key=project-new").json()["content"]


def test_a_draft_comes_back_to_its_owner_alone(cast: Cast) -> None:
    owner, rival = cast.client("owner"), cast.client("rival")
    assert save(owner, CONTENT) == 200
    assert read(owner) == {"name": ["云启二期"]}
    assert read(rival) is None
    assert save(owner, "") == 200
    assert read(owner) is None


def test_drafts_under_two_mandates_are_apart(cast: Cast) -> None:
    agent = cast.client("agent")
    here, there = (f"/as/{cast.mandate('agent', name)}" for name in ("yunqi", "chuanhe"))
    assert save(agent, CONTENT, prefix=here) == 200
    assert (read(agent, prefix=here), read(agent, prefix=there)) == ({"name": ["云启二期"]}, None)


@pytest.mark.parametrize("content", ["[1]", "{", '{"a": "\\u0000"}', json.dumps({"a": "x" * 300_000})])
def test_what_is_no_draft_is_refused_in_words(cast: Cast, content: str) -> None:
    assert save(cast.client("owner"), content) == 422
    assert Draft.objects.count() == 0


def test_a_visitor_has_no_drafts(cast: Cast, client: Client) -> None:
    assert client.get("/drafts/?key=a", headers={"accept": "application/json"}).status_code == 401
