"""Words as the shape fonts of AutoCAD show them: characters by number, narrow big fonts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cad import made


def test_characters_by_number(tmp_path: Path) -> None:
    """%%129 is a diameter, %%132 a grade of reinforcement that only the shape fonts of structural programs have."""
    content = made.dxf(made.text(0, 0, 3, "%%1292.0 90%%127 8%%13220@200") + made.line(0, 0, 1, 1))
    sheet = made.prepared(content, tmp_path)["model"]
    assert sheet.words == ["Ø2.0 90° 8ΦC20@200"]
    assert "W_SYMBOL" in {warning["code"] for warning in sheet.fidelity["warnings"]}


def test_gbcbig_is_narrow(tmp_path: Path) -> None:
    """The big font of gbenor is long and narrow; hztxt is as wide as high."""
    wide = {}
    for font, big in (("gbenor.shx", "gbcbig.shx"), ("txt.shx", "hztxt.shx")):
        content = made.dxf(made.text(0, 0, 100, "一层平面图", 7, "HZ"), tables=made.style_table(font, big))
        record = next(r for r in made.prepared(content, tmp_path)["model"].texts if not r.get("hide"))
        wide[font] = record["w"]
    assert wide == {"gbenor.shx": pytest.approx(310), "txt.shx": pytest.approx(500)}
