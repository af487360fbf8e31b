"""`manage.py check_site`: what a site may reuse, what conflicts with it, which layers are clear."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import CommandParser

from ledger.command_answers import AnsweringCommand, read_json_input
from ledger.errors import Refused
from regional_eval.queries.districts import district_named
from regional_eval.queries.site_check import check_site
from regional_eval.reasons import in_words
from regional_eval.rules.answers import Reason
from regional_eval.terms import kind_name, layer_name, outcome_name, severity_name
from regional_eval.words import _


class Command(AnsweringCommand):
    help = "核查一块用地 / check one site: reuse of regional assessments, plan conflicts"

    def add_arguments(self, parser: CommandParser) -> None:  # type: ignore[override]
        super().add_arguments(parser)
        parser.add_argument("site", metavar="SITE.geojson")
        parser.add_argument("--on", required=True, metavar="DATE", help="the day of use, 2026-06-30")
        parser.add_argument("--industry", default="", metavar="CODE", help="GB/T 4754")
        parser.add_argument("--facts", default="", metavar="F.json", help="the project's figures")
        parser.add_argument("--crs", default="", metavar="EPSG", help="of the site, where the file does not say")
        parser.add_argument("--district", default="", help="code; else the layers of every district count")

    def answer(self, **options: Any) -> dict[str, Any]:
        """site, assessments, conflicts, clear."""
        try:
            on = date.fromisoformat(options["on"])
        except ValueError as error:
            raise Refused("date", _("日期应写成 2026-06-30，现为“%(text)s”。") % {"text": options["on"]}) from error
        district = district_named(options["district"]) if options["district"] else None
        found = check_site(
            read_json_input(options["site"]),
            on,
            industry=options["industry"] or None,
            facts=read_json_input(options["facts"]) if options["facts"] else {},
            district_id=district.id if district else None,
            crs=options["crs"],
            zone_epsg=district.epsg if district else None,
        )
        return found.as_json()

    def show(self, answer: dict[str, Any]) -> None:
        """A line each."""
        site = answer["site"]
        self.stdout.write(
            _("用地 %(area)s 平方米（%(mu)s 亩），坐标系 %(crs)s；第 %(zone)s 带平面面积 %(planar)s 平方米")
            % {
                "area": f"{site['area_m2']:.2f}",
                "mu": f"{site['mu']:.2f}",
                "crs": site["crs_used"],
                "zone": site["gk_zone"],
                "planar": f"{site['gk_area_m2']:.2f}",
            }
        )
        for found in answer["assessments"]:
            self.stdout.write(
                f"{kind_name(found['kind'])}  {outcome_name(found['outcome'])}  {found['covered_share']:.2%}  {said(found)}"
            )
        for found in answer["conflicts"]:
            self.stdout.write(
                f"{severity_name(found['severity'])}  {layer_name(found['layer'])}  {found['area_m2']:.2f} m²  {said(found)}"
            )
        if answer["clear"]:
            self.stdout.write(_("核查无冲突：%(layers)s") % {"layers": "、".join(map(layer_name, answer["clear"]))})


def said(found: dict[str, Any]) -> str:
    """The reasons in words."""
    return " ".join(in_words(Reason(reason["code"], reason.get("params", {}))) for reason in found["reasons"])
