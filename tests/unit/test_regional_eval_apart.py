"""Files of land are read in a process of its own: the same features, the same refusals, and an end to everything."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import ezdxf
import pytest
from django.utils import translation

from ledger.errors import Refused
from regional_eval.importing import apart
from regional_eval.importing.files import read_file

SQUARE = [(38_500_000.0, 4_400_000.0), (38_500_100.0, 4_400_000.0), (38_500_100.0, 4_400_100.0)]


def drawing(corners: list[tuple[float, float]]) -> bytes:
    """A DXF with one closed polyline on a layer with a Chinese name."""
    document = ezdxf.new("R2010")  # type: ignore[attr-defined]
    document.modelspace().add_lwpolyline(corners, close=True, dxfattribs={"layer": "用地红线"})
    written = io.StringIO()
    document.write(written)
    return written.getvalue().encode()


def test_the_features_are_those_read_here() -> None:
    data = drawing(SQUARE)
    far, near = apart.read_apart(data, "红线.dxf"), read_file(data, "红线.dxf")
    assert json.loads(json.dumps([vars(each) for each in near.features])) == [vars(each) for each in far.features]
    assert (far.format, far.epsg, far.notes) == (near.format, near.epsg, near.notes)
    assert far.features[0].properties["cad_layer"] == "用地红线"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_refusal_comes_back_in_the_readers_language(language: str) -> None:
    with translation.override(language):
        with pytest.raises(Refused) as here:
            read_file(b"0\nSECTION\nbroken", "a.dxf")
        with pytest.raises(Refused) as there:
            apart.read_apart(b"0\nSECTION\nbroken", "a.dxf")
    told = there.value
    assert (told.code, told.message, told.next_step) == (here.value.code, here.value.message, here.value.next_step)


def test_what_takes_too_long_or_falls_over_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "WALL_SECONDS", 0.01)
    with pytest.raises(Refused) as refusal:
        apart.read_apart(drawing(SQUARE), "a.dxf")
    assert refusal.value.code == "file_too_hard"


def test_the_other_process_may_write_no_file_and_knows_no_secret(tmp_path: Path) -> None:
    code = (
        "import sys; from regional_eval.importing.apart import limit_this_process; limit_this_process();"
        "file = open(sys.argv[1], 'w'); file.write('x'); file.flush()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "x")], cwd=apart.ROOT, capture_output=True, check=False
    )
    assert done.returncode != 0
    assert "DATABASE_URL" not in apart.kept({"DATABASE_URL": "secret", "VIRTUAL_ENV": "/v"})
