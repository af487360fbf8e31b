"""`inspect_drawing` and `render_sheet`: one JSON object, exit codes 0 and 2, never a traceback."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from PIL import Image

from tests.cad import made


def command(name: str, *arguments: str) -> tuple[int, dict[str, Any]]:
    out = io.StringIO()
    try:
        call_command(name, *arguments, "--json", stdout=out)
        code = 0
    except SystemExit as stop:
        code = int(stop.code or 0)
    lines = out.getvalue().splitlines()
    assert len(lines) == 1
    return code, json.loads(lines[0])


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "一层平面图.dxf"
    header = made.tags(9, "$INSUNITS", 70, 4, 9, "$DWGCODEPAGE", 3, "ANSI_936")
    content = made.dxf(made.line(0, 0, 400, 200) + made.text(10, 10, 25, "防火分区", 7, "HZ"), header=header,
                       tables=made.style_table("txt.shx", "hztxt.shx"), version="AC1015")  # fmt: skip
    path.write_bytes(content.encode("gbk"))
    return path


def test_inspection_answers_every_field(plan: Path) -> None:
    code, answer = command("inspect_drawing", str(plan))
    assert code == 0
    assert (answer["format"], answer["version"], answer["code"]) == ("dxf", "AC1015", None)
    assert answer["units"] == {"name": "mm", "metres_per_unit": 0.001, "source": "header"}
    (sheet,) = answer["sheets"]
    assert (sheet["name"], sheet["kind"], sheet["texts"]) == ("Model", "model", 1)
    assert sheet["entities"] == {"LINE": 1, "TEXT": 1}
    assert sheet["extents"][:2] == [0, 0]
    assert answer["fonts"]["substituted"]["hztxt.shx"] == "Noto Sans SC"
    assert answer["fonts"]["missing"] == ["hztxt.shx", "txt.shx"]
    assert answer["not_shown"] == []
    assert "0" in answer["layers"]
    assert answer["reader"].startswith("ezdxf")
    assert answer["verdict"] == "warn"


def test_a_refused_file_has_code_message_and_exit_two(tmp_path: Path) -> None:
    bad = tmp_path / "bad.dxf"
    bad.write_text(made.exponential_blocks())
    code, answer = command("inspect_drawing", str(bad))
    assert code == 2
    assert (answer["verdict"], answer["code"]) == ("refused", "E_EXPAND")
    assert answer["message"]
    assert answer["next_step"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    code, answer = command("inspect_drawing", str(tmp_path / "none.dxf"))
    assert (code, answer["code"]) == (2, "E_TYPE")


def test_the_table_for_people(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = io.StringIO()
    call_command("inspect_drawing", str(plan), stdout=out)
    assert "hztxt.shx" in out.getvalue()
    assert "AC1015" in out.getvalue()


def test_a_sheet_becomes_a_picture(plan: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.png"
    code, answer = command("render_sheet", str(plan), "--sheet", "Model", "--width", "800", "--out", str(target))
    assert code == 0
    with Image.open(target) as image:
        assert (image.width, image.height) == (answer["width"], answer["height"])
        assert image.width == 800
        assert len(image.convert("L").getcolors() or []) > 1
    assert answer["seconds"] > 0


def test_a_picture_that_cannot_be_written_is_told_in_words(plan: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="none"):
        call_command("render_sheet", str(plan), "--width", "100", "--out", str(tmp_path / "none" / "x.png"))


def test_an_unknown_sheet_is_refused(plan: Path, tmp_path: Path) -> None:
    code, answer = command("render_sheet", str(plan), "--sheet", "没有", "--out", str(tmp_path / "x.png"))
    assert (code, answer["code"]) == (2, "E_EMPTY")
    assert not (tmp_path / "x.png").exists()
