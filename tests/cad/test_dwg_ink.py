"""Every DWG whose drawing is there as DXF, too, shows the ink that ezdxf's Frontend shows of that DXF (under 0.5 % missing). One in CI, all in the soak.

Words and wipeouts are left out as in `drawings.bench.ink`, and so are lines without end, which would leave few pixels for all the rest.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from drawings.bench import ink
from drawings.cad import dxf_read, fonts, job
from tests.cad import made

ALL = os.environ.get("LIANSHEN_ALL_FIXTURES") == "1"
SAMPLE, LIBREDWG = "ACadSharp__samples__sample_", "libredwg__test__test-data__"
TWINS = {
    f"{LIBREDWG}2007__Polyline.dwg": f"{LIBREDWG}2007__Polyline.dxf",
    f"{LIBREDWG}2004__Surface.dwg": f"{LIBREDWG}2004__Surface.dxf",
    f"{LIBREDWG}r14__Leader.dwg": f"{LIBREDWG}r14__Leader.dxf",
    f"{LIBREDWG}2000__Leader.dwg": f"{LIBREDWG}r14__Leader.dxf",
    f"{LIBREDWG}2010__Leader.dwg": f"{LIBREDWG}r14__Leader.dxf",
    f"{LIBREDWG}2013__Leader.dwg": f"{LIBREDWG}r14__Leader.dxf",
    f"{SAMPLE}AC1014.dwg": f"{SAMPLE}AC1015_ascii.dxf",
    f"{SAMPLE}AC1015.dwg": f"{SAMPLE}AC1015_ascii.dxf",
    f"{SAMPLE}AC1018.dwg": f"{SAMPLE}AC1018_ascii.dxf",
    f"{SAMPLE}AC1021.dwg": f"{SAMPLE}AC1021_ascii.dxf",
    f"{SAMPLE}AC1024.dwg": f"{SAMPLE}AC1032_ascii.dxf",
    f"{SAMPLE}AC1027.dwg": f"{SAMPLE}AC1032_ascii.dxf",
    f"{SAMPLE}AC1032.dwg": f"{SAMPLE}AC1032_ascii.dxf",
}
"""The same drawing saved as DWG and as DXF."""
FIRST = f"{LIBREDWG}2007__Polyline.dwg"


@pytest.mark.fixtures
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", TWINS if ALL else [FIRST])
def test_a_dwg_shows_the_ink_of_its_twin(name: str, tmp_path: Path) -> None:
    if not (made.FIXTURES / name).is_file():
        pytest.skip("NOT TESTED: the real drawings are absent")
    fonts.prepare_environment(tmp_path / "cache")
    doc = dxf_read.read((made.FIXTURES / TWINS[name]).read_bytes()).doc
    ink.without_what_is_not_compared(doc, {})
    painted = ink.theirs(doc.modelspace())
    assert painted is not None
    picture, box = painted
    source = tmp_path / "source"
    shutil.copyfile(made.FIXTURES / name, source)
    job.run("prepare", source, tmp_path / "out", name="plan.dwg")
    mine = ink.ours(tmp_path / "out" / "model", box, picture.shape[1], picture.shape[0])
    missing, dark = ink.missed(picture, mine, f"{name}.twin")
    told = f"{name[-40:]}: {100 * missing / max(1, dark):.2f} % of {dark} dark pixels missing"
    print(told)  # noqa: T201 - the figures of the soak
    assert missing <= ink.MISSING_GOAL / 100 * max(dark, ink.FEW), told
