"""`manage.py import_layer`: a file of regional assessments or of a plan layer, with a repair report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from ledger.command_answers import AnsweringCommand, read_input, read_json_input
from regional_eval.actions.console import import_at_console
from regional_eval.importing.files import LARGEST_FILE
from regional_eval.queries.districts import district_named
from regional_eval.words import _


class Command(AnsweringCommand):
    help = "导入区域评估或规划图层 / import regional assessments or a plan layer, with a repair report"

    def add_arguments(self, parser: CommandParser) -> None:  # type: ignore[override]
        super().add_arguments(parser)
        parser.add_argument("file", help="GeoJSON, zipped Shapefile or DXF")
        parser.add_argument("--kind", required=True, choices=["assessment", "plan"])
        parser.add_argument("--code", required=True, help="what its owner calls the layer")
        parser.add_argument("--layer-version", default="", help="else the next number of this code")
        parser.add_argument(
            "--attributes", default="", metavar="F.json", help="terms; feature properties override them"
        )
        parser.add_argument("--crs", default="", metavar="EPSG", help="4490, or a zone of 4491 to 4554")
        parser.add_argument("--district", default="", help="code; else the only district, else a layer for all")

    def answer(self, **options: Any) -> dict[str, Any]:
        """imported, repaired, rejected, version_id."""
        attributes = read_json_input(options["attributes"]) if options["attributes"] else {}
        district = district_named(options["district"])
        report = import_at_console(
            read_input(options["file"], LARGEST_FILE),
            Path(options["file"]).name,
            purpose=options["kind"],
            code=options["code"],
            version=options["layer_version"],
            attributes=attributes,
            crs=options["crs"],
            district_id=district.id if district else None,
            home_epsg=district.epsg if district and options["district"] else None,
        )
        if report.crs_how != "declared":
            self.stderr.write(
                _("文件没有注明坐标系，按数值判断为 EPSG:%(epsg)s；网络地图坐标看上去也是如此，请确认来源是测绘成果。")
                % {"epsg": report.crs_epsg}
            )
        return report.as_json()

    def show(self, answer: dict[str, Any]) -> None:
        """Counts, then what was repaired and what was not taken."""
        self.stdout.write(
            _("已导入 %(count)s 个图形，坐标系 %(crs)s，版本 %(version)s")
            % {"count": answer["imported"], "crs": answer["crs_used"], "version": answer["version_id"]}
        )
        for entry in answer["repaired"]:
            look = _("（请人工核对）") if entry["needs_look"] else ""
            self.stdout.write(
                _("  修复 #%(index)s：%(codes)s，面积 %(before)s → %(after)s 平方米（%(change)s）%(look)s")
                % {
                    "index": entry["index"],
                    "codes": ", ".join(entry["codes"]),
                    "before": f"{entry['area_before_m2']:.2f}",
                    "after": f"{entry['area_after_m2']:.2f}",
                    "change": f"{entry['area_change']:+.6%}",
                    "look": look,
                }
            )
        for entry in answer["rejected"]:
            self.stdout.write(
                _("  未导入 #%(index)s：%(reason)s") % {"index": entry["index"], "reason": entry["reason"]}
            )
