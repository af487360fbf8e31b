"""`manage.py seed_demo`: make the demo city in an empty database."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand

from config.demo.city import build_city


class Command(BaseCommand):
    help = "建立演示城市云川新区 / make the demo city; a second run changes nothing"

    def handle(self, *args: Any, **options: Any) -> None:
        start = time.perf_counter()
        build_city(self.stderr.write)
        self.stderr.write(f"{time.perf_counter() - start:.1f} s")
