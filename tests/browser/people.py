"""People at their browsers: pages to look at, and the API for what would be the same click thirty times over."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from playwright.sync_api import APIResponse, BrowserContext, Page

HANDS = {"NRP": "planning", "HUC": "fire", "CAD": "airdefence"}
# What an item offers, in the order it is taken, and where the act is posted.
STEPS = (
    ("report_event", "event"),
    ("accept", "accept"),
    ("first_review", "first-review"),
    ("second_review", "second-review"),
    ("approve", "approve"),
)


def first_of(department: str) -> str:
    """Who examines for this department."""
    return HANDS.get(department, "bureau")


def second_of(department: str) -> str:
    """Who signs for this department."""
    return f"{first_of(department)}2"


@dataclass
class Person:
    """One person signed in, in a browser context of his own."""

    name: str
    context: BrowserContext

    @cached_property
    def page(self) -> Page:
        """A window on his own first page, opened when something is looked at."""
        page = self.context.new_page()
        page.goto("/")
        return page

    def get(self, path: str) -> Any:
        """What the API answers."""
        answer = self.context.request.get(f"/api/v1{path}")
        assert answer.status == 200, (self.name, path, answer.status, answer.text()[:600])
        return answer.json()

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """An act through the API, with the key of its own that every act carries."""
        answer = self._send(f"/api/v1{path}", data=json.dumps(body or {}), headers={"Content-Type": "application/json"})
        assert answer.status in {200, 201, 202, 204}, (self.name, path, answer.status, answer.text()[:600])
        return answer.json() if answer.body() else None

    def submit(self, path: str, **fields: str) -> None:
        """A form of a page, as its button sends it; it must lead on."""
        answer = self._send(path, form={"idempotency_key": str(uuid.uuid4()), **fields}, max_redirects=0)
        assert answer.status == 302, (self.name, path, answer.status, answer.text()[:2000])

    def _send(self, path: str, *, headers: dict[str, str] | None = None, **content: Any) -> APIResponse:
        cookies = {cookie["name"]: cookie["value"] for cookie in self.context.cookies()}
        sent = {"Idempotency-Key": str(uuid.uuid4()), "X-CSRFToken": cookies["csrftoken"], **(headers or {})}
        return self.context.request.post(path, headers=sent, timeout=60_000, **content)


@dataclass
class People:
    """Everybody who takes part, signed in when first needed."""

    context: Callable[..., BrowserContext]
    _known: dict[str, Person] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Person:
        if name not in self._known:
            self._known[name] = Person(name, self.context(name, own_sign_in=True))
        return self._known[name]


def decide_what_is_open(people: People, project: str, *, stages: set[str], until: str | None = None) -> int:
    """Departments decide and the enterprise reports until nothing by hand is open in these stages, or `until` is; counts acts.

    Whoever is first or second at a department takes what the item's own page offers him.
    """
    acts = 0
    owner = people["owner"]
    for _round in range(80):
        rows = [row for row in owner.get(f"/projects/{project}/items") if row["ready_at"] and not row["decided_at"]]
        if until is not None and any(row["code"] == until for row in rows):
            return acts
        moved = sum(take(people, row) for row in rows if row["stage"] in stages)
        if not moved:
            assert until is None, f"{until} did not open; open are {[row['code'] for row in rows]}"
            return acts
        acts += moved
    raise AssertionError("the items do not come to an end")


def take(people: People, row: dict[str, Any]) -> int:
    """Every step of one item that somebody may take now, each by whom it is offered to; how many there were."""
    acts = 0
    department = row["department"]
    by_applicant = department == "APP" or row["kind"] == "EVENT"
    for who in ("owner",) if by_applicant else (first_of(department), second_of(department)):
        person = people[who]
        item = person.get(f"/items/{row['id']}")
        while offered := [path for act, path in STEPS if act in item["can"]]:
            item = person.post(f"/items/{row['id']}/{offered[0]}", {"remark": "符合要求"})
            acts += 1
    return acts
