"""Logs hold ids, never personal values."""

from __future__ import annotations

import json
import logging
from io import StringIO
from typing import Any

import pytest
import structlog
from django.test import Client

from config.logs import STRUCK_OUT, strike_out


@pytest.fixture
def lines() -> Any:
    """What our handler writes during the test, as objects."""
    handler = next(h for h in logging.getLogger().handlers if type(h) is logging.StreamHandler)
    written = StringIO()
    before = handler.setStream(written)
    level = logging.getLogger().level
    logging.getLogger().setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logging.getLogger().setLevel(level)
    if before is not None:
        handler.setStream(before)


def test_personal_numbers_are_struck_out_of_any_text() -> None:
    text = strike_out({"event": "call 13812345678 about 11010119900307721X", "token": "abc", "deep": [{"phone": "1"}]})
    assert text == {
        "event": f"call {STRUCK_OUT} about {STRUCK_OUT}",
        "token": STRUCK_OUT,
        "deep": [{"phone": STRUCK_OUT}],
    }


def test_hashes_and_uuids_are_left_alone() -> None:
    sha = "13812345678" + "a" * 53
    assert strike_out(sha) == sha
    assert strike_out("id 0191138123-4567-8138-1234-567812345678") == "id 0191138123-4567-8138-1234-567812345678"


def test_structlog_and_the_standard_library_write_the_same_json(lines: Any) -> None:
    structlog.get_logger("a").warning("paper_sealed", paper="P1", phone="13812345678")
    logging.getLogger("b").warning("plain %s", "13812345678")
    first, second = lines()
    assert (first["event"], first["paper"], first["phone"]) == ("paper_sealed", "P1", STRUCK_OUT)
    assert (second["event"], second["level"]) == (f"plain {STRUCK_OUT}", "warning")


@pytest.mark.django_db
def test_a_request_has_one_line_with_its_id_and_the_answer_names_it(client: Client, lines: Any) -> None:
    answer = client.get("/nowhere/13812345678/", headers={"X-Request-ID": "given-by-the-proxy-1"})
    assert answer.status_code == 404
    assert answer["X-Request-ID"] == "given-by-the-proxy-1"
    (line,) = [entry for entry in lines() if entry["event"] == "request"]
    assert (line["request"], line["status"], line["method"]) == ("given-by-the-proxy-1", 404, "GET")
    assert "13812345678" not in json.dumps(lines())


@pytest.mark.django_db
def test_a_made_up_request_id_is_not_believed(client: Client) -> None:
    answer = client.get("/nowhere/", headers={"X-Request-ID": 'x"\n{"event": "forged"}'})
    assert len(answer["X-Request-ID"]) == 32
