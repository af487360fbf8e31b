"""Every real DXF shows the ink that ezdxf's Frontend shows, or names what it does not (promise: under 0.5 % missing). For the soak."""

from __future__ import annotations

import os

import pytest

from drawings.bench.ink import FEW, MISSING_GOAL, missing_ink
from tests.cad import made

ALL = os.environ.get("LIANSHEN_ALL_FIXTURES") == "1"
# The samples of all versions hold lines without end, which leave a few pixels for all the rest.
SMALL = 200_000


def files() -> list[str]:
    if not made.FIXTURES.is_dir():
        return []
    strict = {"AC1003_LINE_Example.dxf", "nested-insert-layers.dxf", "recover01.dxf", "tc.dxf", "block.dxf"}
    paths = [path for path in made.FIXTURES.iterdir() if path.suffix.lower() == ".dxf"]
    small = [path.name for path in paths if ALL or path.stat().st_size < SMALL]
    return sorted(name for name in small if not name.endswith(tuple(strict)))


@pytest.mark.fixtures
@pytest.mark.skipif(not ALL, reason="NOT TESTED here: the ink of every real DXF; run.py soak drawings")
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", files())
def test_no_ink_of_a_real_drawing_is_missing(name: str) -> None:
    found = missing_ink(made.FIXTURES / name)
    if found is None:
        pytest.skip("NOT TESTED: ezdxf draws nothing of it")
    missing, dark = found
    print(f"{name[-40:]}: {100 * missing / max(1, dark):.2f} % of {dark} dark pixels missing")  # noqa: T201 - the figures of the soak
    assert missing <= MISSING_GOAL / 100 * max(dark, FEW)
