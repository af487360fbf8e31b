"""`manage.py audit_verify`: recompute the hash chains and name the first bad row."""

from __future__ import annotations

import json
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ledger.queries import verify_chains


class Command(BaseCommand):
    help = "验证审计链 / verify the audit chains; exit 2 and the first bad row when one does not fit"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--chain", help="only this chain, such as project:<uuid>")
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        start = time.perf_counter()
        verdicts = list(verify_chains(options["chain"]))
        bad = next((verdict for verdict in verdicts if verdict.first_bad is not None), None)
        answer = {
            "ok": bad is None,
            "first_bad": {"chain": bad.chain, "n": bad.first_bad} if bad else None,
            "events": sum(verdict.events for verdict in verdicts),
            "chains": len(verdicts),
            "seconds": round(time.perf_counter() - start, 3),
        }
        if options["json"]:
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        else:
            for name, value in answer.items():
                self.stdout.write(f"{name:10} {value}")
        if bad:
            raise SystemExit(2)
