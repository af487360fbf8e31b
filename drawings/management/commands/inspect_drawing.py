"""`manage.py inspect_drawing FILE`: what a drawing holds, what of it can be shown, and whether it is accepted (图纸检查)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from drawings.cad import sandbox
from drawings.cad.errors import Refusal

FIELDS = (
    "format", "version", "units", "sheets", "layers", "not_shown", "missing", "fonts", "reader", "warnings", "empty_layouts", "verdict", "code",
    "sha256", "bytes", "seconds",
)  # fmt: skip


class Command(BaseCommand):
    help = "检查一份 DWG、DXF 或 PDF 图纸 / inspect a drawing: exit 0 accepted, 2 refused, 1 internal error"
    requires_system_checks: list[str] = []  # needs no database

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            result = sandbox.run("inspect", path)
        except Refusal as refusal:
            self.refused(refusal, as_json=options["json"])
            raise SystemExit(1 if refusal.code == "E_INTERNAL" else 2) from None
        except OSError as error:
            self.refused(no_file(error), as_json=options["json"])
            raise SystemExit(2) from None
        if options["json"]:
            self.stdout.write(json.dumps({key: result.get(key) for key in FIELDS}, ensure_ascii=False))
        else:
            self.stdout.write(self.as_table(path, result))

    def refused(self, refusal: Refusal, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(refusal.as_dict(), ensure_ascii=False))
            return
        language = get_language() or "zh"
        self.stdout.write(f"{refusal.code}\t{refusal.message(language)}\n\t{refusal.next_step(language)}")

    def as_table(self, path: Path, result: dict[str, Any]) -> str:
        """For people."""
        chinese = (get_language() or "zh").startswith("zh")
        word = "zh" if chinese else "en"
        rows = [
            (_("文件"), path.name),
            (_("格式"), f"{result['format'].upper()} {result['version']}"),
            (_("单位"), result["units"]["name"]),
            (_("读取程序"), result["reader"]),
            (_("图层"), str(len(result["layers"]))),
        ]
        rows += [
            (_("图幅"), f"{s['name']}（{s['kind']}）{sum(s['entities'].values())} / {s['texts']}")
            for s in result["sheets"]
        ]
        rows += [(_("未显示"), f"{m['type']} × {m['count']}：{m[word]}") for m in result["not_shown"]]
        rows += [(_("缺少文件"), f"{m['name']} × {m['count']}") for m in result["missing"]]
        rows += [
            (_("字体替换"), f"{name} × {result['fonts']['uses'].get(name, 0)} → {by}")
            for name, by in result["fonts"]["substituted"].items()
        ]
        rows += [(_("提示"), note[word]) for note in result["warnings"]]
        rows.append((_("结论"), _("可以接收") if result["verdict"] == "ok" else _("可以接收，请看提示")))
        return "\n".join(f"{label}\t{text}" for label, text in rows)


def no_file(error: OSError) -> Refusal:
    """A file that is not there is an answer too, not a fault."""
    reason = error.strerror or type(error).__name__
    return Refusal("E_TYPE", f"文件无法打开：{reason}", f"cannot be opened: {reason}")
