"""A DWG or DXF file from bytes to sheets (DWG/DXF 处理)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drawings.cad import confine, fast_pick, fonts, layer_states, layers, north
from drawings.cad.errors import Refusal
from drawings.cad.job import MAX_PICTURE, Progress, Wish, summary
from drawings.cad.sniff import Sniffed

if TYPE_CHECKING:
    from drawings.cad.fidelity import Report
    from drawings.cad.ink import Ink
    from drawings.cad.sheet import Sheet


def process(data: bytes, kind: Sniffed, source: Path, wish: Wish, line: Progress) -> dict[str, Any]:
    """Read, judge and draw; write or picture what `wish` says. Raises Refusal."""
    fonts.prepare_environment(source.parent / "cache")
    line.progress(5, "read")
    if kind.format == "dwg":
        from drawings.cad import dwg

        loaded = dwg.read(data, source, kind)
    else:
        from drawings.cad import dxf_read

        loaded = dxf_read.read(data, fast_from=fast_pick.WORTH)
    line.progress(25, "check")
    line.judged()
    return _Sheets(kind, loaded, wish, line).answer()


class _Sheets:
    """Draws the layouts of a judged document one after the other."""

    def __init__(self, kind: Sniffed, loaded: Any, wish: Wish, line: Progress) -> None:
        from drawings.cad.dxf_draw import Drawer

        self.kind, self.loaded, self.wish, self.line = kind, loaded, wish, line
        self.doc = loaded.doc
        self.table = layers.from_document(loaded.doc, loaded.layer_states)
        self.drawer = Drawer(loaded.doc, self.table, loaded.extras, loaded.previews)
        self.drawer.picked, self.drawer.words = loaded.picked, loaded.words
        self.entries: list[dict[str, Any]] = []
        self.reports: list[dict[str, Any]] = []
        self.used_fonts: Counter[str] = Counter()
        self.picture: Any = None
        self.layer_states = layer_states.of_document(loaded.doc)
        self.north = north.of_model(loaded.doc, loaded.picked, loaded.words)
        self.empty: list[str] = []

    def answer(self) -> dict[str, Any]:
        """Draw all and tell of it. Raises Refusal E_EMPTY."""
        from drawings.cad import dxf_layout

        self.line.progress(30, "draw")
        model, report = self.drawer.draw(self.doc.modelspace())
        self.drawer.picked = self.loaded.picked = None  # with them goes the file's text: memory for what is written
        confine.give_back_memory()
        for name, count in self.loaded.lost.items():
            report.entities[name] += count
            report.missed.setdefault((name, "reader"), Counter())[""] += count
        layouts = dxf_layout.in_tab_order(self.doc)
        for position, layout in enumerate(layouts):
            share = position / max(1, len(layouts))
            if layout.is_modelspace:
                units = dxf_layout.model_units(self.doc)
                self._sheet("model", layout, (model, report), units=units, share=share)
            else:
                ink, of_layout = self.drawer.draw(layout)
                ink, viewports = dxf_layout.with_viewports(self.drawer, layout, ink, of_layout, model)
                units = dxf_layout.paper_units(layout)
                key = f"layout-{position}"
                self._sheet(key, layout, (ink, of_layout), units=units, share=share, viewports=viewports)
        if not self.entries:
            raise Refusal("E_EMPTY")
        result = summary(
            self.kind,
            version=self.loaded.version,
            reader=self.loaded.reader,
            units=dxf_layout.model_units(self.doc),
            sheets=self.entries,
            reports=self.reports,
            layers=[layer.name for layer in self.table.by_key.values()],
            fonts=font_report(self.doc, self.used_fonts),
            warnings=[w.as_dict() for w in self.loaded.warnings],
        )
        result["empty_layouts"] = [name for name in self.empty if name != "Model"]
        if self.picture is not None:
            result["picture"] = self.wish.save(self.picture)
        return result

    def _sheet(
        self,
        key: str,
        layout: Any,
        drawn: tuple[Ink, Report],
        *,
        units: dict[str, Any],
        share: float,
        viewports: Sequence[dict[str, Any]] = (),
    ) -> None:
        """Finish one sheet, unless there is nothing in it, and write or picture it."""
        from drawings.cad import sheet

        ink, report = drawn
        name = str(layout.name).encode("utf-8", "replace").decode()
        is_model = layout.is_modelspace
        made = sheet.finish(ink, self.table, self.drawer.patterns, report, self.drawer.symbols)
        used = Counter(t.font for t in ink.texts)
        self.used_fonts += used
        fidelity = report.as_dict(
            reader=self.loaded.reader,
            fonts=font_report(self.doc, used),
            warnings=[w.as_dict() for w in self.loaded.warnings] if is_model else [],
        )
        if made.empty and not fidelity["not_shown"]:
            self.empty.append(name)
            return
        self.reports.append(fidelity)
        scales = {round(v["scale"], 9) for v in viewports}
        entry = {
            "key": key,
            "name": name,
            "number": None,
            "kind": "model" if is_model else "layout",
            "units": units,
            "scale": viewports[0]["scale"] if len(scales) == 1 else None,
            "extents": list(made.bbox),
            "bbox": list(made.bbox),
            "fit": list(made.fit),
            "entities": dict(sorted(report.entities.items())),
            "texts": len([t for t in made.texts if not t.get("p")]),
            "verdict": fidelity["verdict"],
        }
        if self.wish.picture_of is not None:
            if self.wish.wants(key, name, first=not self.entries):
                self.picture = self._pictured(made)
        elif self.wish.out is not None:
            from drawings.cad import pack, tables

            self.line.progress(min(95, int(40 + 55 * share)), "write")
            head = {
                "name": name,
                "kind": entry["kind"],
                "format": self.kind.format,
                "units": units,
                "paper": "dark" if is_model else "light",
                "viewports": list(viewports),
                "layer_states": self.layer_states,
                "north": self.north if is_model else north.of_layout(layout, self.north, list(viewports)),
            }
            entry["manifest"] = manifest_summary(pack.write(made, self.wish.out / key, head=head, fidelity=fidelity))
            confine.give_back_memory()
            tables.store_table(made, self.wish.out / key)
        self.entries.append(entry)

    def _pictured(self, made: Sheet) -> Any:
        from drawings.cad import raster

        box = self.wish.box or made.fit
        height = max(1, round(self.wish.width * (box[3] - box[1]) / (box[2] - box[0])))
        return raster.render(made, box, self.wish.width, min(height, MAX_PICTURE), dark=self.wish.dark)


def manifest_summary(manifest: dict[str, Any]) -> dict[str, Any]:
    """What a database wants to know of a written sheet."""
    return {
        "chunks": len(manifest["chunks"]),
        "bytes": manifest["bytes"],
        "entities": manifest["entities"]["count"],
        "texts": manifest["texts"]["count"],
        "overview": manifest["overview"],
    }


def font_report(doc: Any, used: Counter[str]) -> dict[str, Any]:
    """Fonts that the shown texts ask for, and what stands in for them."""
    big: dict[str, str] = {}
    for style in doc.styles:
        main, second = str(style.dxf.get("font", "")), str(style.dxf.get("bigfont", ""))
        if second:
            big.setdefault(main.lower(), second)
    uses: Counter[str] = Counter()
    for name, count in used.items():
        if not name or name == fonts.FILE:
            continue
        uses[name] += count
        second = big.get(name.lower(), "")
        if second:
            uses[second] += count
    wanted = sorted(uses)
    return {
        "used": wanted,
        "substituted": dict.fromkeys(wanted, fonts.FAMILY),
        "missing": wanted,
        "uses": dict(sorted(uses.items())),
    }
