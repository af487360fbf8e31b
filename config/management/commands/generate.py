"""`manage.py generate`: write the generated documents; `--check` says which are stale."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.generated.documents import ROOT, documents


class Command(BaseCommand):
    help = "Write docs/generated from the permission table, the state tables, the events and the API."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a document is stale")

    def handle(self, *args: Any, **options: Any) -> None:
        stale = []
        for name, text in documents().items():
            path = ROOT / name
            if path.exists() and path.read_text(encoding="utf-8") == text:
                continue
            stale.append(name)
            if not options["check"]:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
        for name in stale:
            self.stdout.write(f"{'stale' if options['check'] else 'written'}: {name}")
        if options["check"] and stale:
            self.stderr.write("run: python3 run.py manage generate")
            sys.exit(1)
