"""`manage.py demo_room`: the shared drawing of the demo, to open in two windows."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.urls import reverse

from drawings.queries import busiest_open_sheet


class Command(BaseCommand):
    help = "演示用的共享图纸 / the sheet of the demo's open round: its id, page and socket path, and extent"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        sheet = busiest_open_sheet()
        if sheet is None:
            answer: dict[str, Any] = {"verdict": "refused", "code": "no_open_round", "message": "没有正在联审的图纸。"}
        else:
            page = reverse("realtime:canvas", args=[sheet.pk])
            answer = {"sheet": str(sheet.pk), "page": page, "ws": f"/ws/sheets/{sheet.pk}/", "bbox": sheet.bbox}
        if options["json"]:
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        else:
            for name, value in answer.items():
                self.stdout.write(f"{name:8} {value}")
        if sheet is None:
            raise SystemExit(2)
