"""`manage.py verify_document F.pdf`: judge a sealed PDF (验签)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from certificates.judging import JudgeBusy, judge_file
from certificates.queries import CheckedFile, trust, with_register
from certificates.verdict import Verdict, refused
from certificates.wording import coverage_words, sentences

# A machine that does not answer at all is given up after so many seconds; a refusal is known at once.
PATIENCE = 2


def knock() -> None:
    """Is there a database? Raises DatabaseError. The pool of the settings would go on trying for 10 s."""
    single = connection.copy()
    options = {key: value for key, value in single.settings_dict["OPTIONS"].items() if key != "pool"}
    single.settings_dict["OPTIONS"] = {**options, "connect_timeout": PATIENCE}
    try:
        single.ensure_connection()
    finally:
        single.close()


class Command(BaseCommand):
    help = "核验盖章文书 / judge a sealed PDF: exit 0 genuine, 2 refused, 1 internal error"
    requires_system_checks: list[str] = []  # works on a machine where only the file and the root are
    register_asked = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            checked = self.check_against_register(self.judge(path))
        except JudgeBusy:
            self.stderr.write(_("系统繁忙，没有完成核验。"))
            raise SystemExit(1) from None
        verdict = checked.verdict
        if options["json"]:
            self.stdout.write(json.dumps(self.as_json(checked), ensure_ascii=False))
        else:
            self.stdout.write(self.as_table(path, checked))
        if not verdict.valid:
            raise SystemExit(2)

    def judge(self, path: Path) -> Verdict:
        """The signature's verdict; a file that cannot be read is refused too."""
        if not path.is_file():
            return refused("no_file", detail=str(path))
        try:
            return judge_file(path, trust())
        except OSError as error:
            return refused("no_file", detail=error.strerror or str(path))

    def check_against_register(self, verdict: Verdict) -> CheckedFile:
        """Ask the register too; without a database the signature speaks alone, and stderr says so."""
        try:
            knock()
            return with_register(verdict)
        except DatabaseError as error:
            self.stderr.write(
                _("数据库连接不上，只核验了印章，没有核对登记：%(error)s") % {"error": str(error).strip()}
            )
            self.register_asked = False
            return CheckedFile(verdict, None)

    def as_json(self, checked: CheckedFile) -> dict[str, object]:
        """cli.md: valid, signer, coverage, reasons; a refusal has verdict, code and message besides."""
        verdict, paper = checked.verdict, checked.paper
        answer: dict[str, object] = {
            "valid": verdict.valid,
            "signer": verdict.signer,
            "coverage": verdict.coverage,
            "reasons": sentences(verdict),
            "codes": [reason.code for reason in verdict.reasons],
            "reasons_en": sentences(verdict, "en"),
            "authority": verdict.authority,
            "signed_at": verdict.signed_at,
            "sha256": verdict.sha256,
            "registered": None
            if paper is None
            else {"title": paper.title, "number": paper.number, "issuer": paper.issuer, "state": paper.state},
            "register_asked": self.register_asked,
            "verdict": "ok" if verdict.valid else "refused",
        }
        if not verdict.valid:
            answer["code"] = verdict.reasons[0].code
            answer["message"] = sentences(verdict)[0]
        return answer

    def as_table(self, path: Path, checked: CheckedFile) -> str:
        """For people."""
        verdict, paper = checked.verdict, checked.paper
        lines = [
            (_("文件"), path.name),
            (_("结论"), _("有效") if verdict.valid else _("不予认可")),
            (_("盖章单位"), verdict.signer or "—"),
            (_("签发机构"), verdict.authority or "—"),
            (_("盖章时间"), verdict.signed_at or "—"),
            (_("签名覆盖"), coverage_words(verdict)),
            (_("登记"), f"{paper.title} {paper.number}" if paper else "—" if self.register_asked else _("未核对")),
            *((_("理由"), text) for text in sentences(verdict)),
        ]
        return "\n".join(f"{label}\t{text}" for label, text in lines)
