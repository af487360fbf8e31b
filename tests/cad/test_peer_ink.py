"""Every sheet of every real drawing, layouts with their viewports, shows the ink that ezdxf's Frontend shows of it (under 0.5 % missing).

For the soak; CI has made layouts (test_viewports.py, test_drawing.py) and one DWG (test_dwg_ink.py). A DWG is compared with ezdxf's picture of what our own reader read: what it reads is the
matter of test_dwg_ink.py.
"""

from __future__ import annotations

import csv
import os

import pytest

from drawings.bench.ink import MISSING_GOAL, compared
from tests.cad import made

ALL = os.environ.get("LIANSHEN_ALL_FIXTURES") == "1"


def files() -> list[str]:
    index = made.FIXTURES / "INDEX.tsv"
    if not index.is_file():
        return []
    with index.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return sorted(row["file"] for row in rows if row["expect"] == "ok" and not row["file"].endswith(".pdf"))


@pytest.mark.fixtures
@pytest.mark.skipif(
    not ALL, reason="NOT TESTED here: the ink of every sheet of every real drawing; run.py soak drawings"
)
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", files())
def test_no_ink_of_a_real_drawing_is_missing(name: str) -> None:
    sheets = list(compared(made.FIXTURES / name))
    for sheet in sheets:
        told = f"{name[-40:]} {sheet.key}: {sheet.share:.2f} % of {sheet.dark} dark pixels missing"
        print(told)  # noqa: T201 - the figures of the soak
    assert not [sheet for sheet in sheets if sheet.share > MISSING_GOAL]
