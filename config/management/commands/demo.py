"""`manage.py demo`: the whole system with its demo city, in the foreground."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from config.launcher.demo import Demo


class Command(BaseCommand):
    help = "Start the embedded databases, the web server, the workers and the schedule with the demo city."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=int(os.environ.get("LIANSHEN_PORT", "8000")))
        parser.add_argument("--fresh", action="store_true", help="remove the data of earlier demos first")

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(Demo(port=options["port"], var=settings.VAR_DIR, fresh=options["fresh"]).run())
