"""`manage.py demo_room`: where two people can meet on one drawing (演示会审室)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from joint_review.queries.rooms import shared_room
from ledger.command_answers import AnsweringCommand
from ledger.errors import Refused


class Command(AnsweringCommand):
    help = "可供多人同时打开的会审图幅 / a sheet under review that several people can open at once"

    def answer(self, **options: Any) -> dict[str, Any]:
        """The sheet, its page and socket as paths, its extent, and whose it is. Refused: nothing is under review."""
        room = shared_room()
        if room is None:
            message = _("当前没有正在进行的联审。请先建立演示城市（manage.py seed_demo）或开启一轮联审。")
            raise Refused("no_open_round", message)
        return room.facts()

    def show(self, answer: dict[str, Any]) -> None:
        """One line per fact."""
        labels = {"project": _("项目"), "name": _("图幅"), "page": _("页面"), "ws": _("会话")}
        for name, label in labels.items():
            self.stdout.write(f"{label}\t{answer[name]}")
