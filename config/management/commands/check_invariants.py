"""`manage.py check_invariants`: what should never be, asked of every room that has an `invariants` module."""

from __future__ import annotations

import json
import sys
import time
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.api import ROOMS


class Command(BaseCommand):
    help = "Look for stuck rounds, clocks that disagree with their ledger, lost files, broken logs (不变式检查)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        found: list[str] = []
        asked = [room for room in ("ledger", *ROOMS) if find_spec(f"{room}.invariants") is not None]
        for room in asked:
            found += import_module(f"{room}.invariants").violations()
        if options["json"]:
            facts = {"violations": found, "rooms": asked, "seconds": round(time.monotonic() - started, 2)}
            self.stdout.write(json.dumps(facts, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(found) if found else "nothing found")
        if found:
            sys.exit(2)
