"""`manage.py restore DIR`: a backup into an empty system."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from config.backup.actions import restore_backup
from config.backup.command import BackupCommand
from config.backup.manifest import Manifest


class Command(BackupCommand):
    help = "Restore a backup into an empty database and file store (恢复), and prove that it is the same."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--replace", action="store_true", help="overwrite what is there")

    def work(self, options: dict[str, Any]) -> Manifest:
        return restore_backup(options["folder"], keys=options["keys"], replace=options["replace"])
