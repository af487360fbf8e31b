"""Commands that answer with one JSON object or a readable text: exit 0, 2 when the input is refused (cli.md)."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from ledger.errors import DomainError, Refused

REFUSED = 2


class AnsweringCommand(BaseCommand):
    """`answer()` returns what is printed; a DomainError becomes `verdict: refused` with code and message."""

    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser | ArgumentParser) -> None:
        """Every such command knows --json."""
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the answer; refuse in words, never with a trace."""
        try:
            answer = self.answer(**options)
        except DomainError as refusal:
            problem = {"verdict": "refused", "code": refusal.code, "message": refusal.message}
            if refusal.next_step:
                problem["next_step"] = refusal.next_step
            if options["json"]:
                self.stdout.write(json.dumps(problem, ensure_ascii=False))
            else:
                self.stderr.write(f"{refusal.message} {refusal.next_step or ''}".strip())
            raise SystemExit(REFUSED) from None
        if options["json"]:
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        else:
            self.show(answer)

    def answer(self, **options: Any) -> dict[str, Any]:
        """The JSON fields of this command."""
        raise NotImplementedError

    def show(self, answer: dict[str, Any]) -> None:
        """The same for people."""
        raise NotImplementedError


def read_input(path: str, most: int) -> bytes:
    """The bytes of a file that was named. Refused: it cannot be read, or is larger than `most`; it is not read then."""
    try:
        size = Path(path).stat().st_size
        if size > most:
            raise Refused(
                "too_large",
                _("文件过大（%(size)s MB，最多 %(most)s MB）。") % {"size": size // 2**20, "most": most // 2**20},
            )
        return Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise Refused("unreadable", _("无法读取文件“%(path)s”。") % {"path": path}) from error


def read_json_input(path: str, most: int = 16 * 2**20) -> dict[str, Any]:
    """A JSON object in a file. Refused: it is none."""
    try:
        content = json.loads(read_input(path, most).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Refused("not_json", _("文件“%(path)s”不是有效的 JSON（UTF-8）。") % {"path": path}) from error
    if not isinstance(content, dict):
        raise Refused("not_json", _("文件“%(path)s”应是一个 JSON 对象。") % {"path": path})
    return content
