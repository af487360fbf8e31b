"""`manage.py prepare_demo`: migrate, seed the demo city, and note what the launcher prints."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.known_password import cast_people


class Command(BaseCommand):
    help = "Apply migrations, seed the demo city (idempotent) and write var/demo.json."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("the demo city is never seeded in production")
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", interactive=False, verbosity=0)
        known = get_commands()
        if "seed_demo" in known:
            call_command("seed_demo", verbosity=options["verbosity"])
        facts: dict[str, Any] = {"password": settings.DEMO_PASSWORD, "accounts": cast_people()}
        if "demo_room" in known:
            answer = StringIO()
            call_command("demo_room", "--json", stdout=answer)
            facts["room"] = json.loads(answer.getvalue())
        target = settings.VAR_DIR / "demo.json"
        target.write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")
