"""`manage.py demo`: the whole system with its demo city, in the foreground."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from config.launcher.demo import main


class Command(BaseCommand):
    """Listed for `manage.py help`; manage.py itself goes to the launcher before Django is imported."""

    help = "Start the embedded databases, the web server, the workers and the schedule with the demo city."

    def run_from_argv(self, argv: list[str]) -> None:
        sys.exit(main(argv[2:]))

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(main([]))
