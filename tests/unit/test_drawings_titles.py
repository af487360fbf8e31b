"""Number and name of a sheet."""

from __future__ import annotations

import pytest

from drawings.rules.titles import titled


@pytest.mark.parametrize(
    ("name", "file_name", "is_model", "alone", "expected"),
    [
        ("Model", "总施-01 总平面图.dxf", True, True, ("总施-01", "总平面图")),
        ("Model", "A-101_Ground floor.dwg", True, True, ("A-101", "Ground floor")),
        ("Model", "J02A 一层平面图.dwg", True, True, ("J02A", "一层平面图")),
        ("Model", "厂房.dwg", True, True, ("", "厂房")),
        ("Model", "2026年3月版.dwg", True, True, ("", "2026年3月版")),
        ("Model", "建施-02 一层平面图.dwg", True, False, ("建施-02", "一层平面图")),
        ("Layout1", "建施-02 一层平面图.dwg", False, False, ("建施-02", "一层平面图 · Layout1")),
        ("布局2", "建筑.dwg", False, False, ("", "建筑 · 布局2")),
        ("建施-03 二层平面图", "建筑.dwg", False, False, ("建施-03", "二层平面图")),
        ("门窗大样", "建筑.dwg", False, False, ("", "门窗大样")),
        ("1", "建施-00 建筑说明.pdf", False, True, ("建施-00", "建筑说明")),
        ("2", "建施-00 建筑说明.pdf", False, False, ("建施-00", "建筑说明 · 2")),
    ],
)
def test_a_sheet_is_called_as_people_call_it(
    name: str, file_name: str, is_model: bool, alone: bool, expected: tuple[str, str]
) -> None:
    assert titled(name, file_name, is_model=is_model, alone=alone) == expected
