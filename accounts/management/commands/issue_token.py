"""`manage.py issue_token USERNAME`: a bearer token for /api/v1."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.actions import issue_token
from ledger.errors import DomainError


class Command(BaseCommand):
    help = "签发接口令牌 / make a bearer token for /api/v1 (valid 90 days, shown once)"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            token = issue_token(options["username"])
        except DomainError as error:
            answer = {"verdict": "refused", "code": error.code, "message": error.message}
            self.stdout.write(json.dumps(answer, ensure_ascii=False) if options["json"] else error.message)
            raise SystemExit(2) from None
        self.stdout.write(json.dumps({"token": token}) if options["json"] else token)
