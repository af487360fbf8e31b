"""`manage.py prepare_demo`: migrate, seed the demo city whole, and note what the launcher prints."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.known_password import cast_people
from config.launcher.demo import CITY_BEGUN
from joint_review.queries.rooms import shared_room
from projects.queries.lists import any_project


class Command(BaseCommand):
    help = "Apply migrations, seed the demo city (idempotent) and write var/demo.json."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("the demo city is never seeded in production")
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", interactive=False, verbosity=0)
        self.seed(options["verbosity"])
        facts: dict[str, Any] = {"password": settings.DEMO_PASSWORD, "accounts": cast_people()}
        room = shared_room()  # none once every round was closed
        if room is not None:
            facts["room"] = room.facts()
        target = settings.VAR_DIR / "demo.json"
        target.write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")

    def seed(self, verbosity: int) -> None:
        """The city, with a mark in var/ while it is being built: the launcher throws away what was broken off.

        The mark is set only while no project exists, and taken away before anybody can act: nothing of a user's is lost.
        """
        begun = settings.VAR_DIR / CITY_BEGUN
        if not any_project():
            begun.touch()
        call_command("seed_demo", verbosity=verbosity)
        begun.unlink(missing_ok=True)
