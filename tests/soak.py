"""`run.py soak NAME [pytest arguments]`: the tests that CI runs small, at the size of the promises.

realtime    kill -9 of web, worker, Valkey and PostgreSQL while twenty people annotate, 200 cycles (promise R1)
revocations 500 times somebody signs out, is disabled, loses a post or a mandate, or a sheet is frozen, in mid-stream (promise S4)
replicas    1,000 runs of the state machine that tries to make copies of a sheet differ
races       six departments sign 32 rounds at once, two leads notify, two sets decide one item; people at one project
papers      a sealed paper with every byte of its signature changed, one after the other
launcher    start, kill, start again, 20 times
pages       every page within reach of fifteen people, shown to each of them on a desk and on a phone
clock       due dates against the slow oracle that walks day by day, 125,000 cases over five host zones (promise R8)
drawings    10,000 damaged drawings, every real drawing with its ink, every hostile file (promises R12, S9)
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

RECORDS = Path(__file__).resolve().parents[1] / "var" / "soak"
"""What long tests remember, to go on where they were stopped."""


@dataclass(frozen=True)
class Soak:
    """One long test: which tests, at what size, how often."""

    tests: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    rounds: int = 1


SOAKS: dict[str, Soak] = {
    "realtime": Soak(
        ["tests/realtime/test_kill.py", "tests/realtime/test_room.py", "--timeout=14400"],
        {"LIANSHEN_KILL_CYCLES": os.environ.get("LIANSHEN_KILL_CYCLES", "200")},
    ),
    "replicas": Soak(["tests/realtime/test_replicas.py", "--timeout=7200"], {"LIANSHEN_REPLICA_RUNS": "1000"}),
    "revocations": Soak(
        ["tests/realtime/test_revocations.py", "--timeout=7200"],
        {"LIANSHEN_REVOCATIONS": os.environ.get("LIANSHEN_REVOCATIONS", "500")},
    ),
    "races": Soak(
        ["tests/actions/joint_review/test_joint_review_races.py", "tests/actions/projects/test_project_races.py"],
        {"LIANSHEN_RACE_ROUNDS": "32", "LIANSHEN_PROJECT_RACE_ROUNDS": "24"},
    ),
    "pages": Soak(["tests/browser/test_pages.py"], {"LIANSHEN_PAGE_LOOKS": "100"}),
    "papers": Soak(["tests/unit/test_certificates_verification.py", "--timeout=7200"], {"LIANSHEN_EVERY_BYTE": "1"}),
    "clock": Soak(["tests/unit/projects/test_clock.py", "--timeout=14400"], {"LIANSHEN_CLOCK_CASES": "25000"}),
    "launcher": Soak(["tests/platform/test_launcher.py"], rounds=20),
    "drawings": Soak(
        [
            "tests/cad/test_mutants.py",
            "tests/cad/test_fixtures.py",
            "tests/cad/test_peer_ink.py",
            "tests/cad/test_fast_path.py",
            "tests/cad/test_dwg_ink.py",
            "tests/browser/test_drawings.py::test_a_large_plan_is_taken_in_and_opened_while_another_annotates",
            "-s",
            "--timeout=28800",
        ],
        {
            "LIANSHEN_MUTANTS": os.environ.get("LIANSHEN_MUTANTS", "10000"),
            "LIANSHEN_ALL_FIXTURES": "1",
            "LIANSHEN_LARGE_PLAN": "200000",
        },
    ),
}


def main(arguments: list[str], say: Callable[[str], None]) -> int:
    """Run one soak; the status is that of the first round that failed."""
    if not arguments or arguments[0] not in SOAKS:
        say(f"{__doc__}\none of: {', '.join(SOAKS)}")
        return 2
    soak = SOAKS[arguments[0]]
    os.environ.update(soak.environment)
    started = time.monotonic()
    for number in range(1, soak.rounds + 1):
        status = int(pytest.main(["-p", "no:cacheprovider", *soak.tests, *arguments[1:]]))
        say(
            f"soak {arguments[0]}: round {number} of {soak.rounds}, {time.monotonic() - started:.0f} s, status {status}"
        )
        if status:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], print))
