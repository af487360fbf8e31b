"""`manage.py render_sheet FILE --sheet NAME --width PX --out PNG`: one sheet as a picture, as the browser shows it (出图)."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from drawings.cad import sandbox
from drawings.cad.errors import Refusal
from drawings.management.commands.inspect_drawing import no_file


class Command(BaseCommand):
    help = "把一个图幅画成 PNG / draw one sheet as PNG: exit 0 done, 2 refused, 1 internal error"
    requires_system_checks: list[str] = []  # needs no database

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--sheet", default="", help="name or key of the sheet; the first when left out")
        parser.add_argument("--width", type=int, default=1600, help="width in pixels")
        parser.add_argument("--out", type=Path, required=True, help="PNG file to write")
        parser.add_argument("--box", default="", help="x0,y0,x1,y1 in drawing units; the whole sheet when left out")
        parser.add_argument("--dark", action="store_true", help="on dark paper")
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        wish = {
            "sheet": options["sheet"], "width": options["width"], "dark": options["dark"], "box": self.box(options["box"]),
        }  # fmt: skip
        with tempfile.TemporaryDirectory(prefix="lianshen-render-") as folder:
            try:
                result = sandbox.run("render", options["file"], Path(folder) / "made", options=wish)
            except Refusal as refusal:
                self.refused(refusal, as_json=options["json"])
                raise SystemExit(1 if refusal.code == "E_INTERNAL" else 2) from None
            except OSError as error:
                self.refused(no_file(error), as_json=options["json"])
                raise SystemExit(2) from None
            try:
                shutil.copyfile(Path(folder) / "made" / "picture.png", options["out"])
            except OSError as error:
                raise CommandError(_("无法写入 %(file)s：%(reason)s") % {
                    "file": options["out"], "reason": error.strerror,
                }) from None  # fmt: skip
        picture = {**result["picture"], "seconds": result["seconds"]}
        if options["json"]:
            self.stdout.write(json.dumps(picture, ensure_ascii=False))
        else:
            self.stdout.write(f"{options['out']}\t{picture['width']} × {picture['height']}\t{picture['seconds']} s")

    def box(self, text: str) -> list[float] | None:
        if not text:
            return None
        try:
            numbers = [float(word) for word in text.split(",")]
        except ValueError:
            numbers = []
        if len(numbers) != 4 or numbers[2] <= numbers[0] or numbers[3] <= numbers[1]:
            raise CommandError(_("--box 须为 x0,y0,x1,y1"))
        return numbers

    def refused(self, refusal: Refusal, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(refusal.as_dict(), ensure_ascii=False))
            return
        language = get_language() or "zh"
        self.stdout.write(f"{refusal.code}\t{refusal.message(language)}\n\t{refusal.next_step(language)}")
