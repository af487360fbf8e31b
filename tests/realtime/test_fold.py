"""State before + ops = state after, from the vectors that the browser is held to as well; and what is no log."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from drawings.rules.fold import fold
from tests.realtime.make_vectors import VECTORS

STORED = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))


def test_the_file_is_what_the_maker_writes() -> None:
    assert STORED == VECTORS


@pytest.mark.parametrize("vector", STORED, ids=[vector["name"] for vector in STORED])
def test_vector(vector: dict[str, Any]) -> None:
    state = vector["before"]
    before = json.dumps(state)
    for op in vector["ops"]:
        state = fold(state, op)
    assert state == vector["after"]
    assert json.dumps(vector["before"]) == before, "the state before is not touched"


def test_a_gap_or_a_repeat_is_a_fault() -> None:
    vector = STORED[1]
    with pytest.raises(ValueError, match="does not follow"):
        fold(vector["after"], vector["ops"][0])
    with pytest.raises(ValueError, match="never created"):
        fold(vector["before"], {**vector["ops"][0], "k": "delete"})
