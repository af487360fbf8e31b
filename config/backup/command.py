"""What the commands `backup` and `restore` share: options, answer, refusal."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.backup.manifest import BackupRefused, Manifest
from config.backup.postgres import DatabaseProgramFailed


class BackupCommand(BaseCommand):
    """One folder, one answer: exit 0, 2 when the input is refused, 1 when PostgreSQL's program failed."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="the backup folder")
        parser.add_argument("--keys", type=Path, help="the file of the private keys, kept apart from the backup")
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def work(self, options: dict[str, Any]) -> Manifest:
        """Make or restore."""
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            manifest = self.work(options)
        except BackupRefused as error:
            self.answer({"verdict": "refused", "code": error.code, "message": str(error)}, as_json=options["json"])
            sys.exit(2)
        except (DatabaseProgramFailed, OSError) as error:
            self.answer({"verdict": "failed", "code": "internal", "message": str(error)}, as_json=options["json"])
            sys.exit(1)
        facts = {"files": len(manifest.files), "bytes": manifest.bytes, "audit_root": manifest.audit_root}
        self.answer({"verdict": "ok", **facts, "made_at": manifest.made_at}, as_json=options["json"])

    def answer(self, facts: dict[str, Any], *, as_json: bool) -> None:
        """JSON, or one fact a line."""
        if as_json:
            self.stdout.write(json.dumps(facts, ensure_ascii=False))
            return
        for name, value in facts.items():
            self.stdout.write(f"{name:<12} {value}")
