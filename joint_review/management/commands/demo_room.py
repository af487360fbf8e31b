"""`manage.py demo_room`: where two people can meet on one drawing (演示会审室)."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from joint_review.queries.rooms import shared_room


class Command(BaseCommand):
    help = "可供多人同时打开的会审图幅 / a sheet under review that several people can open at once"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        room = shared_room()
        if room is None:
            message = _("当前没有正在进行的联审。请先建立演示城市（manage.py seed_demo）或开启一轮联审。")
            if options["json"]:
                refusal = {"verdict": "refused", "code": "no_open_round", "message": message}
                self.stdout.write(json.dumps(refusal, ensure_ascii=False))
            else:
                self.stderr.write(message)
            raise SystemExit(2)
        if options["json"]:
            answer = {
                "sheet": str(room.sheet),
                "page": room.page,
                "ws": room.ws,
                "bbox": list(room.bbox),
                "round": str(room.round),
                "project": room.project,
                "name": room.name,
            }
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
            return
        lines = ((_("项目"), room.project), (_("图幅"), room.name), (_("页面"), room.page), (_("会话"), room.ws))
        for label, value in lines:
            self.stdout.write(f"{label}\t{value}")
