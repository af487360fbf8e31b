"""The drawings of the demo city (演示图纸): one small factory, drawn by rule, in two revisions.

`drawing_set(letter)` is what the demo enterprise uploads. Everything is generated when asked for, in about a second,
always the same bytes; nothing is read from disk but fonts that come with the packages.
"""

from __future__ import annotations

from dataclasses import dataclass

from portal.demo.drawings.elevation import NAME as ELEVATION_NAME
from portal.demo.drawings.elevation import NUMBER as ELEVATION_NUMBER
from portal.demo.drawings.elevation import elevation
from portal.demo.drawings.fire import NUMBER as FIRE_NUMBER
from portal.demo.drawings.fire import fire_layout
from portal.demo.drawings.floors import floor_plan
from portal.demo.drawings.paper_set import paper_set
from portal.demo.drawings.project import (
    EPSG,
    INSTITUTE,
    ISSUES,
    OFFICE,
    OWNER,
    PARCEL,
    PROJECT,
    RED_LINE,
    Issue,
    red_line_geojson,
)
from portal.demo.drawings.site import NAME as SITE_NAME
from portal.demo.drawings.site import NUMBER as SITE_NUMBER
from portal.demo.drawings.site import site_plan

__all__ = [
    "EPSG",
    "INSTITUTE",
    "ISSUES",
    "OFFICE",
    "OWNER",
    "PARCEL",
    "PROJECT",
    "RED_LINE",
    "DemoDrawing",
    "Issue",
    "drawing_set",
    "fire_layout_gbk",
    "pdf_set",
    "red_line_geojson",
]


@dataclass(frozen=True)
class DemoDrawing:
    """One file to upload: its name, bytes, and the number and name in its title block."""

    file_name: str
    data: bytes
    number: str
    name: str


def drawing_set(letter: str = "A") -> list[DemoDrawing]:
    """The five DXF R2018 sheets of revision A or B: site plan, two floors, elevation, fire layout.

    B moves the east stair, widens the fire lane from 3.50 m to 4.00 m and renames the fire sheet; the elevation is the same file.
    """
    issue = ISSUES[letter]
    sheets = [
        (SITE_NUMBER, SITE_NAME, site_plan(issue)),
        ("建施-02", f"{OFFICE}一层平面图", floor_plan(1, issue)),
        ("建施-03", f"{OFFICE}二层平面图", floor_plan(2, issue)),
        (ELEVATION_NUMBER, ELEVATION_NAME, elevation()),
        (FIRE_NUMBER, f"{OFFICE}{issue.fire_name}", fire_layout(issue)),
    ]
    return [DemoDrawing(f"{number} {name}.dxf", data, number, name) for number, name, data in sheets]


def fire_layout_gbk(letter: str = "A") -> DemoDrawing:
    """The fire layout again as old software writes it: DXF R2000 in code page 936."""
    issue = ISSUES[letter]
    name = f"{OFFICE}{issue.fire_name}"
    return DemoDrawing(f"{FIRE_NUMBER} {name}（R2000）.dxf", fire_layout(issue, "R2000"), FIRE_NUMBER, name)


def pdf_set(letter: str = "A") -> DemoDrawing:
    """Two sheets as one PDF: design notes, and the schedule of doors and windows."""
    issue = ISSUES[letter]
    name = f"{OFFICE}建筑说明及门窗表"
    return DemoDrawing(f"建施-00 {name}.pdf", paper_set(issue), "建施-00", name)
