"""`manage.py backup DIR`: database, files and audit root into a folder."""

from __future__ import annotations

from typing import Any

from config.backup.actions import make_backup
from config.backup.command import BackupCommand
from config.backup.manifest import Manifest


class Command(BackupCommand):
    help = "Back up the database and every stored file (备份). Keys only with --keys FILE."

    def work(self, options: dict[str, Any]) -> Manifest:
        return make_backup(options["folder"], keys=options["keys"])
