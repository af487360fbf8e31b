"""A DWG or DXF file from bytes to sheets (DWG/DXF 处理)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from drawings.cad import fonts, layers
from drawings.cad.errors import Refusal
from drawings.cad.job import MAX_PICTURE, Progress, Wish, summary
from drawings.cad.sniff import Sniffed


def process(data: bytes, kind: Sniffed, source: Path, wish: Wish, line: Progress) -> dict[str, Any]:
    """Read, judge and draw; write or picture what `wish` says. Raises Refusal."""
    fonts.prepare_environment(source.parent / "cache")
    line.progress(5, "read")
    if kind.format == "dwg":
        from drawings.cad import dwg

        loaded = dwg.read(data, source, kind)
    else:
        from drawings.cad import dxf_read

        loaded = dxf_read.read(data)
    line.progress(25, "check")
    line.judged()

    from drawings.cad import dxf_draw, dxf_layout, pack, raster, sheet

    table = layers.from_document(loaded.doc, loaded.layer_states)
    drawer = dxf_draw.Drawer(loaded.doc, table, loaded.extras, loaded.previews)
    drawer.simple = loaded.simple
    units = dxf_layout.model_units(loaded.doc)
    layouts = dxf_layout.in_tab_order(loaded.doc)
    sheets: list[dict[str, Any]] = []
    reports: list[dict[str, Any]] = []
    used_fonts: Counter[str] = Counter()
    picture: Any = None
    line.progress(30, "draw")
    model = loaded.doc.modelspace()
    model_ink, model_report = drawer.draw(model)
    for kind_name, count in loaded.lost.items():
        model_report.entities[kind_name] += count
        model_report.missed.setdefault((kind_name, "reader"), Counter())[""] += count
    for position, layout in enumerate(layouts):
        layout_name = str(layout.name).encode("utf-8", "replace").decode()
        is_model = layout.is_modelspace
        viewports: list[dict[str, Any]] = []
        if is_model:
            ink, report = model_ink, model_report
        else:
            ink, report = drawer.draw(layout)
            ink, viewports = dxf_layout.with_viewports(drawer, layout, ink, report, model_ink)
        made = sheet.finish(ink, table, drawer.patterns, report)
        used = Counter(t.font for t in ink.texts)
        used_fonts += used
        fidelity = report.as_dict(
            reader=loaded.reader,
            fonts=font_report(loaded.doc, used, drawer),
            warnings=[w.as_dict() for w in loaded.warnings] if is_model else [],
        )
        if made.empty and not fidelity["not_shown"]:
            continue
        reports.append(fidelity)
        key = "model" if is_model else f"layout-{position}"
        head = {
            "name": layout_name,
            "kind": "model" if is_model else "layout",
            "format": kind.format,
            "units": units if is_model else dxf_layout.paper_units(layout),
            "paper": "dark" if is_model else "light",
            "viewports": viewports,
        }
        scale = viewports[0]["scale"] if len({round(v["scale"], 9) for v in viewports}) == 1 else None
        entry = {
            "key": key,
            "name": layout_name,
            "number": None,
            "kind": head["kind"],
            "units": head["units"],
            "scale": scale,
            "extents": list(made.bbox),
            "bbox": list(made.bbox),
            "fit": list(made.fit),
            "entities": dict(sorted(report.entities.items())),
            "texts": len([t for t in made.texts if not t.get("p")]),
            "verdict": fidelity["verdict"],
        }
        if wish.picture_of is not None:
            if wish.wants(key, layout_name, first=not sheets):
                box = wish.box or made.fit
                height = max(1, round(wish.width * (box[3] - box[1]) / (box[2] - box[0])))
                picture = raster.render(made, box, wish.width, min(height, MAX_PICTURE), dark=wish.dark)
        elif wish.out is not None:
            line.progress(min(95, 40 + 55 * position // max(1, len(layouts))), "write")
            manifest = pack.write(made, wish.out / key, head=head, fidelity=fidelity)
            entry["manifest"] = manifest_summary(manifest)
        sheets.append(entry)
    if not sheets:
        raise Refusal("E_EMPTY")
    result = summary(
        kind,
        version=loaded.version,
        reader=loaded.reader,
        units=units,
        sheets=sheets,
        reports=reports,
        layers=[layer.name for layer in table.by_key.values()],
        fonts=font_report(loaded.doc, used_fonts, drawer),
        warnings=[w.as_dict() for w in loaded.warnings],
    )
    if picture is not None:
        result["picture"] = wish.save(picture)
    return result


def manifest_summary(manifest: dict[str, Any]) -> dict[str, Any]:
    """What a database wants to know of a written sheet."""
    return {
        "chunks": len(manifest["chunks"]),
        "bytes": manifest["bytes"],
        "entities": manifest["entities"]["count"],
        "texts": manifest["texts"]["count"],
        "overview": manifest["overview"],
    }


def font_report(doc: Any, used: Counter[str], drawer: Any) -> dict[str, Any]:
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
