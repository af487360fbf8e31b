"""Who may come into a room: the questions whose SQL is kept follow from the actor and the day, and few are asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import access
from accounts.models import Person
from drawings.models import Sheet
from ledger import clock_now
from projects.models import Project
from realtime.admission import NotAdmitted, admit, identify, still_the_same
from realtime.protocol import NOT_SIGNED_IN, Hello
from tests.actions.drawings_world import make_sheets, reviewing
from tests.cast import Cast

HELLO = Hello(since=0, epoch=None, client="", post=None, reason="")
DAY = datetime(2026, 3, 2, 4, tzinfo=UTC)


@pytest.fixture
def sheet(cast: Cast) -> Sheet:
    return make_sheets(cast)[0]


def door(people: Cast, username: str) -> dict[str, Any]:
    """The scope of a socket with this person's cookie."""
    key = people.client(username).cookies[settings.SESSION_COOKIE_NAME].value
    return {"cookies": {settings.SESSION_COOKIE_NAME: key}}


@pytest.mark.django_db
def test_kept_relations_ask_nothing_when_they_are_made(cast: Cast) -> None:
    lasting = {key for key, found in access._relations.items() if set(found) & access._lasting}
    assert {(Sheet, letter) for letter in "DOMJIECS"} <= lasting
    # A sheet's relations are made of its project's: what these ask, those ask.
    behind = lasting | {(Project, letter) for letter in "OMJIECS"}
    people = [cast.fire, cast.planning, cast.owner, cast.designer, cast.agent, cast.window, cast.lead, cast.supervisor]
    with CaptureQueriesContext(
        connection,
    ) as asked:
        for model, letter in behind:
            for relation in access._relations[model, letter]:
                for actor in people:
                    relation(actor)
    assert [query["sql"] for query in asked] == [], "an answer of the tables must not be kept"


@pytest.mark.django_db
def test_a_kept_question_is_of_its_day(cast: Cast, sheet: Sheet) -> None:
    relations = tuple(access._relations[Sheet, "I"])
    with clock_now.freeze(DAY):
        today = access.kept_statement(cast.fire, Sheet, relations, access.today_in_shanghai())
    with clock_now.freeze(DAY + timedelta(days=1)):
        tomorrow = access.kept_statement(cast.fire, Sheet, relations, access.today_in_shanghai())
    assert today is not None
    assert tomorrow is not None
    assert today[0] == tomorrow[0]
    assert today[1] != tomorrow[1], "the powers table is asked for another day"


@pytest.mark.django_db
def test_a_page_comes_in_with_few_questions(cast: Cast, sheet: Sheet) -> None:
    with reviewing("fire"):
        scope = door(cast, "fire")
        known = identify(scope)
        assert known is not None
        admit(scope, sheet.pk, HELLO, known)
        with CaptureQueriesContext(connection) as asked:
            known = identify(scope)
            assert known is not None
            found = admit(scope, sheet.pk, HELLO, known)
    assert found.visitor is known, "nothing was taken from him: he is not built a second time"
    assert len(asked) <= 12


@pytest.mark.django_db
def test_what_was_taken_between_the_door_and_hello_is_gone(cast: Cast, sheet: Sheet) -> None:
    with reviewing("fire"):
        scope = door(cast, "fire")
        known = identify(scope)
        assert known is not None
        Person.objects.filter(pk=cast.fire.person_id).update(permission_epoch=known.permission_epoch + 1)
        found = admit(scope, sheet.pk, HELLO, known)
        assert found.visitor.permission_epoch == known.permission_epoch + 1
        Person.objects.filter(pk=cast.fire.person_id).update(is_active=False)
        assert code_of(lambda: admit(scope, sheet.pk, HELLO, known)) == NOT_SIGNED_IN
        assert identify(scope) is None


@pytest.mark.django_db
def test_who_signs_out_between_the_door_and_hello_stays_outside(cast: Cast, sheet: Sheet) -> None:
    scope = door(cast, "fire")
    known = identify(scope)
    assert known is not None
    Session.objects.all().delete()
    assert code_of(lambda: still_the_same(known, scope)) == NOT_SIGNED_IN
    assert identify(scope) is None


def code_of(work: Any) -> int:
    with pytest.raises(NotAdmitted) as refused:
        work()
    return refused.value.code
