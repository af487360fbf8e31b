"""`manage.py prepare_anew`: sheets that another version of the product prepared are prepared with this one (重新制备)."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from drawings.actions.anew import Anew, prepare_anew
from drawings.models import SourceFile
from drawings.queries.anew import files_to_prepare_anew, prepared_otherwise, version_of

WAIT_SECONDS = 2.0


class Command(BaseCommand):
    help = "用当前版本重新制备旧版制备的图纸 / prepare sheets of older versions anew: exit 0 done, 1 a file failed"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, do nothing")
        parser.add_argument("--file", type=UUID, help="this file alone, even where it failed before")
        parser.add_argument(
            "--all", action="store_true", help="also files that failed before, and those that a newer version prepared"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        again: bool = options["all"] or options["file"] is not None
        files = prepared_otherwise() if again else files_to_prepare_anew()
        if options["file"] is not None:
            if not SourceFile.objects.filter(pk=options["file"]).exists():
                raise CommandError(_("没有这个文件。"))
            files = files.filter(pk=options["file"])
        waiting = list(files)
        self.stdout.write(_("需要重新制备的文件：%(n)s") % {"n": len(waiting)})
        states = [self.one(source, again=again, dry=options["dry_run"]) for source in waiting]
        if "failed" in states:
            raise SystemExit(1)

    def one(self, source: SourceFile, *, again: bool, dry: bool) -> str:
        """One file, when no other worker is at one."""
        self.stdout.write(_("%(file)s %(name)s：第 %(version)s 版制备") % {
            "file": source.pk, "name": source.name, "version": version_of(source),
        })  # fmt: skip
        if dry:
            return "dry"
        answer = prepare_anew(source.pk, again=again)
        while answer.state == "busy":
            time.sleep(WAIT_SECONDS)
            answer = prepare_anew(source.pk, again=again)
        self.stdout.write(f"  {said(answer)}")
        return answer.state


def said(answer: Anew) -> str:
    """What came of a file, in words."""
    if answer.state == "failed":
        return _("未成功（%(code)s），旧图保留") % {"code": answer.code}
    if answer.state == "nothing":
        return _("已由其他进程完成")
    parts = [_("完成")]
    if answer.found:
        parts.append(_("新发现：%(names)s") % {"names": _("、").join(answer.found)})
    if answer.kept:
        parts.append(_("保留旧图：%(names)s") % {"names": _("、").join(answer.kept)})
    return _("；").join(parts)
