"""The drawing board (图板): a DXF document with the office's layers, styles, frame, title block and symbols.

Lengths are model units; `mm` turns millimetres on paper into them, so that texts and symbols come out at their
printed size whatever the scale.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ezdxf._options import options
from ezdxf.document import Drawing
from ezdxf.enums import MTextEntityAlignment, TextEntityAlignment
from ezdxf.filemanagement import new
from ezdxf.layouts.blocklayout import BlockLayout
from ezdxf.layouts.layout import Modelspace

from portal.demo.drawings.project import INSTITUTE, OWNER, PROJECT, Issue

Point = tuple[float, float]

# name: (colour, linetype, lineweight in 1/100 mm)
LAYERS: dict[str, tuple[int, str, int]] = {
    "图框": (7, "Continuous", 50),
    "图签": (7, "Continuous", 18),
    "公-文字": (7, "Continuous", 18),
    "公-尺寸": (3, "Continuous", 13),
    "建-轴线": (1, "CENTER", 13),
    "建-轴号": (3, "Continuous", 18),
    "建-墙体": (7, "Continuous", 50),
    "建-柱": (9, "Continuous", 35),
    "建-门窗": (4, "Continuous", 25),
    "建-楼梯": (2, "Continuous", 25),
    "建-家具": (8, "Continuous", 9),
    "建-洁具": (8, "Continuous", 13),
    "建-填充": (252, "Continuous", 0),
    "建-房间": (7, "Continuous", 18),
    "建-立面": (7, "Continuous", 35),
    "建-标高": (3, "Continuous", 18),
    "总-用地红线": (1, "PHANTOM", 60),
    "总-建筑控制线": (5, "DASHED", 35),
    "总-建筑": (7, "Continuous", 50),
    "总-道路": (9, "Continuous", 25),
    "总-道路中线": (9, "CENTER", 9),
    "总-绿化": (3, "Continuous", 9),
    "总-停车": (8, "Continuous", 13),
    "总-地块": (8, "DASHDOT", 18),
    "总-坐标": (6, "Continuous", 13),
    "消-消防车道": (30, "Continuous", 35),
    "消-登高场地": (40, "DASHED", 25),
    "消-消火栓": (1, "Continuous", 35),
    "消-灭火器": (1, "Continuous", 18),
    "消-疏散": (92, "DASHED2", 35),
    "消-防火分区": (6, "PHANTOM", 50),
    "消-标志": (3, "Continuous", 18),
}


@dataclass(frozen=True)
class Title:
    """What the title block says (图签)."""

    name: str
    number: str
    scale: str
    discipline: str
    paper: str


class Board:
    """One sheet being drawn."""

    def __init__(self, issue: Issue, *, per_mm: float, in_metres: bool = False, version: str = "R2018") -> None:
        """`per_mm` is how many model units one millimetre on paper is: 100 for 1:100 in mm, 0.5 for 1:500 in m."""
        self.issue = issue
        self.k = per_mm
        with fixed_metadata():
            self.doc: Drawing = new(version, setup=["linetypes"])
        self.msp: Modelspace = self.doc.modelspace()
        self.doc.header["$INSUNITS"] = 6 if in_metres else 4
        self.doc.header["$MEASUREMENT"] = 1
        self.doc.header["$LTSCALE"] = per_mm * 10
        self._styles(in_metres)
        for name, (colour, linetype, weight) in LAYERS.items():
            self.doc.layers.add(name, color=colour, linetype=linetype, lineweight=weight)
        self._symbols()

    # -- set-up ---------------------------------------------------------------------------------------------------

    def _styles(self, in_metres: bool) -> None:
        self.doc.styles.add("HZ", font="simsun.ttf", dxfattribs={"width": 0.8})
        self.doc.styles.add("HT", font="simhei.ttf")
        self.doc.styles.add("SZ", font="simplex.shx", dxfattribs={"width": 0.75, "bigfont": "hztxt.shx"})
        k = self.k
        self.doc.dimstyles.new(
            "建筑",
            dxfattribs={
                "dimtxt": 2.5 * k,
                "dimtsz": 1.1 * k,
                "dimasz": 1.1 * k,
                "dimexo": 2.0 * k,
                "dimexe": 1.2 * k,
                "dimdle": 1.0 * k,
                "dimgap": 0.7 * k,
                "dimtad": 1,
                "dimdec": 2 if in_metres else 0,
                "dimzin": 0 if in_metres else 8,
                "dimclrt": 7,
                "dimtxsty": "SZ",
            },
        )

    def _symbols(self) -> None:
        bubble = self.doc.blocks.new("轴号")
        bubble.add_circle((0, 0), 4)
        bubble.add_attdef("NO", dxfattribs={"height": 3.5, "style": "SZ"}).set_placement(
            (0, 0), align=TextEntityAlignment.MIDDLE_CENTER
        )
        level = self.doc.blocks.new("标高")
        level.add_lwpolyline([(-1.6, 1.6), (0, 0), (1.6, 1.6), (14, 1.6)])
        level.add_line((-1.6, 1.6), (1.6, 1.6))
        level.add_attdef("H", dxfattribs={"height": 2.5, "style": "SZ"}).set_placement((1.8, 2.2))
        north = self.doc.blocks.new("指北针")
        north.add_circle((0, 0), 12)
        north.add_lwpolyline([(0, 12), (-2.2, -11.8), (0, -9), (2.2, -11.8)], close=True)
        north.add_solid([(0, 12), (2.2, -11.8), (0, -9)])
        north.add_text("北", height=5, dxfattribs={"style": "HT"}).set_placement(
            (0, 15), align=TextEntityAlignment.BOTTOM_CENTER
        )

    def block(self, name: str) -> BlockLayout:
        """A new block of this sheet."""
        return self.doc.blocks.new(name)

    # -- marks on paper -------------------------------------------------------------------------------------------

    def mm(self, *lengths: float) -> tuple[float, ...]:
        """Millimetres on paper in model units."""
        return tuple(length * self.k for length in lengths)

    def line(self, layer: str, a: Point, b: Point, **more: Any) -> None:
        """One straight line."""
        self.msp.add_line(a, b, dxfattribs={"layer": layer, **more})

    def path(self, layer: str, points: Iterable[tuple[float, ...]], *, close: bool = False, **more: Any) -> None:
        """A polyline; points may all carry a bulge as (x, y, bulge)."""
        corners = list(points)
        shape = "xyb" if corners and len(corners[0]) == 3 else "xy"
        self.msp.add_lwpolyline(corners, format=shape, close=close, dxfattribs={"layer": layer, **more})

    def rect(self, layer: str, a: Point, b: Point, **more: Any) -> None:
        """An upright rectangle."""
        self.path(layer, [a, (b[0], a[1]), b, (a[0], b[1])], close=True, **more)

    def text(
        self,
        words: str,
        at: Point,
        *,
        size: float = 3.5,
        layer: str = "公-文字",
        align: TextEntityAlignment = TextEntityAlignment.MIDDLE_CENTER,
        style: str = "HZ",
        angle: float = 0.0,
    ) -> None:
        """One line of letters, `size` in millimetres on paper."""
        attributes = {"layer": layer, "style": style, "rotation": angle}
        self.msp.add_text(words, height=size * self.k, dxfattribs=attributes).set_placement(at, align=align)

    def note(self, lines: Sequence[str], at: Point, *, size: float = 3.0, width: float = 150.0) -> None:
        """Several lines (设计说明), hanging down from `at`; `width` in millimetres on paper."""
        words = self.msp.add_mtext(
            "\\P".join(lines), dxfattribs={"layer": "公-文字", "style": "HZ", "char_height": size * self.k}
        )
        words.set_location(at, attachment_point=MTextEntityAlignment.TOP_LEFT)
        words.dxf.width = width * self.k
        words.dxf.line_spacing_factor = 1.15

    def put(self, block: str, at: Point, *, layer: str, scale: float | Point | None = None, angle: float = 0.0) -> Any:
        """Insert a block; symbols are drawn in paper millimetres, so their scale is `k` when none is given."""
        across, up = (self.k, self.k) if scale is None else scale if isinstance(scale, tuple) else (scale, scale)
        return self.msp.add_blockref(
            block, at, dxfattribs={"layer": layer, "xscale": across, "yscale": up, "rotation": angle}
        )

    def hatch(self, layer: str, rings: Sequence[Sequence[Point]], pattern: str = "SOLID", *, size: float = 1.0) -> None:
        """Fill a shape; further rings are holes. `size` stretches the pattern in millimetres on paper."""
        fill = self.msp.add_hatch(color=256, dxfattribs={"layer": layer})
        if pattern != "SOLID":
            fill.set_pattern_fill(pattern, color=256, scale=size * self.k)
        for index, ring in enumerate(rings):
            fill.paths.add_polyline_path(list(ring), is_closed=True, flags=1 if index == 0 else 16)

    def dim(self, a: Point, b: Point, base: Point, *, angle: float = 0.0, words: str = "<>") -> None:
        """A linear dimension with oblique ticks."""
        self.msp.add_linear_dim(
            base=base, p1=a, p2=b, angle=angle, text=words, dimstyle="建筑", dxfattribs={"layer": "公-尺寸"}
        ).render()

    def chain(self, stations: Sequence[float], *, level: float, foot: float, upright: bool = False) -> None:
        """A chain of dimensions between stations at `level`; extension lines come from `foot`."""
        for start, end in itertools.pairwise(stations):
            if upright:
                self.dim((foot, start), (foot, end), (level, start), angle=90)
            else:
                self.dim((start, foot), (end, foot), (start, level))

    def bubble(self, words: str, at: Point) -> None:
        """An axis bubble (轴号)."""
        self.put("轴号", at, layer="建-轴号").add_auto_attribs({"NO": words})

    def level(self, words: str, at: Point) -> None:
        """A level mark (标高)."""
        self.put("标高", at, layer="建-标高").add_auto_attribs({"H": words})

    def north(self, at: Point) -> None:
        """The north arrow (指北针)."""
        self.put("指北针", at, layer="公-文字")

    def caption(self, words: str, scale: str, at: Point) -> None:
        """The name under the drawing, ruled twice, with its scale."""
        k = self.k
        half = breadth(words, 7) / 2 * k
        self.text(words, at, size=7, style="HT")
        self.text(scale, (at[0] + half + 12 * k, at[1] - k), size=4.5, style="SZ")
        for drop, weight in ((5.5, 50), (7.0, 13)):
            y = at[1] - drop * k
            self.line("公-文字", (at[0] - half, y), (at[0] + half, y), lineweight=weight)

    def table(self, at: Point, widths: Sequence[float], rows: Sequence[Sequence[str]], *, row: float = 7.0) -> None:
        """A ruled table hanging down from its upper left corner `at`; sizes in millimetres on paper."""
        k = self.k
        edges = [at[0] + sum(widths[:index]) * k for index in range(len(widths) + 1)]
        for number in range(len(rows) + 1):
            y = at[1] - number * row * k
            self.line("图签", (edges[0], y), (edges[-1], y))
        for edge in edges:
            self.line("图签", (edge, at[1]), (edge, at[1] - len(rows) * row * k))
        for number, cells in enumerate(rows):
            middle = at[1] - (number + 0.5) * row * k
            for index, cell in enumerate(cells):
                self.text(cell, ((edges[index] + edges[index + 1]) / 2, middle), size=2.8 if number else 3.0)

    # -- frame and title block ------------------------------------------------------------------------------------

    def frame(self, corner: Point, size: Point, title: Title) -> None:
        """Frame of a sheet `size` (paper millimetres) with its lower left corner at `corner`, and the title block."""
        k = self.k
        width, height = size
        left, bottom = corner
        self.rect("图签", corner, (left + width * k, bottom + height * k))
        inner = (left + 25 * k, bottom + 10 * k)
        self.rect("图框", inner, (left + (width - 10) * k, bottom + (height - 10) * k))
        block = self.block("图签栏")
        strip, tall = 62.0, height - 20
        block.add_lwpolyline([(0, 0), (strip, 0), (strip, tall), (0, tall)], close=True)
        rows = title_rows(tall)
        for y, _tag, label, _size in rows:
            block.add_line((0, y), (strip, y))
            block.add_text(label, height=2.5, dxfattribs={"style": "HZ"}).set_placement((2, y - 4.5))
        signing = [("设计", "陈 设"), ("校对", "林 校"), ("审核", "周 审"), ("项目负责", "陈 设")]
        for index, (role, person) in enumerate(signing):
            y = 74 - index * 7
            block.add_line((0, y), (strip, y))
            block.add_line((22, y), (22, y - 7))
            block.add_text(role, height=2.8, dxfattribs={"style": "HZ"}).set_placement((2, y - 5))
            block.add_text(person, height=2.8, dxfattribs={"style": "HZ"}).set_placement((26, y - 5))
        for y, tag, _label, letters in rows:
            block.add_attdef(tag, dxfattribs={"height": letters, "style": "HT" if letters > 4 else "HZ"}).set_placement(
                (strip / 2, y - 13), align=TextEntityAlignment.MIDDLE_CENTER
            )
        values = {
            "设计单位": INSTITUTE,
            "建设单位": OWNER,
            "工程名称": PROJECT,
            "图名": title.name,
            "图号": title.number,
            "专业": title.discipline,
            "比例": title.scale,
            "日期": f"{self.issue.day:%Y.%m.%d}",
            "版次": self.issue.letter,
        }
        corner_of_strip = (left + (width - 10 - strip) * k, bottom + 10 * k)
        placed = self.put("图签栏", corner_of_strip, layer="图签")
        placed.add_auto_attribs(values)
        for attribute in placed.attribs:
            room = (strip - 6) * k
            wide = breadth(attribute.dxf.text, attribute.dxf.height)
            attribute.dxf.height *= min(1.0, room / wide)

    # -- output ---------------------------------------------------------------------------------------------------

    def to_bytes(self) -> bytes:
        """The file; equal drawings give equal bytes (no dates of the day, no random identifiers)."""
        with fixed_metadata():
            out = io.StringIO()
            self.doc.set_modelspace_vport(height=self._height(), center=self._centre())
            self.doc.write(out)
        return out.getvalue().encode(self.doc.output_encoding, errors="dxfreplace")

    def _corners(self) -> list[Any]:
        from ezdxf import bbox

        box = bbox.extents(self.msp.query('LWPOLYLINE[layer=="图签"]'), fast=True)
        self.doc.header["$EXTMIN"], self.doc.header["$EXTMAX"] = box.extmin, box.extmax
        return [box.extmin, box.extmax]

    def _height(self) -> float:
        low, high = self._corners()
        return float(high.y - low.y)

    def _centre(self) -> Point:
        low, high = self._corners()
        return (float(low.x + high.x) / 2, float(low.y + high.y) / 2)


def breadth(words: str, size: float) -> float:
    """About how wide a line of letters `size` high comes out: a Chinese letter is 1.36 times as wide as capitals are high."""
    return sum(1.36 if ord(letter) > 0x2000 else 0.75 for letter in words) * size


def title_rows(tall: float) -> list[tuple[float, str, str, float]]:
    """(upper edge, tag, label, letter size) of the fields of the title block, from the top."""
    fields = [("设计单位", 3.2, 22), ("建设单位", 3.2, 22), ("工程名称", 3.6, 22), ("图名", 5.0, 22)]
    fields += [("专业", 3.0, 18), ("比例", 3.0, 18), ("日期", 3.0, 18), ("版次", 3.0, 18), ("图号", 5.0, 18)]
    rows = []
    y = tall - 40.0
    for tag, letters, height in fields:
        rows.append((y, tag, tag, letters))
        y -= height
    return rows


@contextmanager
def fixed_metadata() -> Iterator[None]:
    """Write without the clock and without random identifiers, as ezdxf does for its own tests."""
    before = options.write_fixed_meta_data_for_testing
    options.write_fixed_meta_data_for_testing = True
    try:
        yield
    finally:
        options.write_fixed_meta_data_for_testing = before
