"""`manage.py compare_drawings OLD NEW`: two drawings, or two folders of drawings, sheet by sheet (图纸比对)."""

from __future__ import annotations

import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from drawings.cad import sandbox
from drawings.cad.compare import compare, fingerprint
from drawings.cad.errors import Refusal
from drawings.cad.readings import read_sheet
from drawings.cad.tables import read_table
from drawings.management.commands.inspect_drawing import no_file
from drawings.rules.matching import SheetFacts, match
from drawings.rules.titles import titled
from drawings.rules.uploads import EXTENSIONS, extension_of


@dataclass(frozen=True)
class Made:
    """One prepared sheet and the file it came from."""

    facts: SheetFacts
    folder: Path
    file: str
    sha256: str


class Command(BaseCommand):
    help = "比对两份图纸或两个图纸文件夹 / compare two drawings or folders: exit 0 done, 2 refused, 1 internal error"
    requires_system_checks: list[str] = []  # needs no database

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("old", type=Path, help="DWG, DXF or PDF file, or a folder of them")
        parser.add_argument("new", type=Path)
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        single = options["old"].is_file() and options["new"].is_file()
        with tempfile.TemporaryDirectory(prefix="lianshen-compare-") as folder:
            try:
                old = prepared(options["old"], Path(folder) / "old", single=single)
                new = prepared(options["new"], Path(folder) / "new", single=single)
            except Refusal as refusal:
                self.refused(refusal, as_json=options["json"])
                raise SystemExit(1 if refusal.code == "E_INTERNAL" else 2) from None
            except OSError as error:
                self.refused(no_file(error), as_json=options["json"])
                raise SystemExit(2) from None
            read = time.monotonic()
            answer = compared(old, new)
        answer["seconds"] = {"read": round(read - began, 3), "compare": round(time.monotonic() - read, 3)}
        self.stdout.write(json.dumps(answer, ensure_ascii=False) if options["json"] else as_table(answer))

    def refused(self, refusal: Refusal, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(refusal.as_dict(), ensure_ascii=False))
            return
        language = get_language() or "zh"
        self.stdout.write(f"{refusal.code}\t{refusal.message(language)}\n\t{refusal.next_step(language)}")


def prepared(path: Path, out: Path, *, single: bool) -> list[Made]:
    """Every sheet of a file, or of the drawings below a folder; raises Refusal (with the file's name) and OSError."""
    files = sorted(f for f in path.rglob("*") if extension_of(f.name) in EXTENSIONS) if path.is_dir() else [path]
    if not files:
        raise Refusal("E_EMPTY", f"{path.name} 中没有图纸", f"no drawings in {path.name}")
    made: list[Made] = []
    for at, file in enumerate(files):
        try:
            result = sandbox.run("prepare", file, out / str(at))
        except Refusal as refusal:
            raise Refusal(
                refusal.code, f"{file.name} {refusal.detail_zh}".strip(), f"{file.name} {refusal.detail_en}".strip()
            ) from None
        metres = (result.get("units") or {}).get("metres_per_unit")
        alone = len(result["sheets"]) == 1
        for entry in result["sheets"]:
            folder = out / str(at) / entry["key"]
            readings = read_sheet(folder, model_metres=metres)
            number, name = titled(entry["name"], file.name, is_model=entry["kind"] == "model", alone=alone)
            titles = readings["titles"]
            if len(titles) == 1:
                number, name = titles[0].get("number", number), titles[0].get("name", name)
            facts = SheetFacts(
                id=uuid4(),
                number=number,
                name=entry["name"] if single else name,
                file_name="" if single else str(file.relative_to(path)) if path.is_dir() else file.name,
                key=entry["key"],
                fingerprint=fingerprint(folder),
                sketch=frozenset(readings["sketch"]),
                kind=entry["kind"],
            )
            made.append(Made(facts, folder, file.name, str(result["sha256"])))
    return made


def compared(old: list[Made], new: list[Made]) -> dict[str, Any]:
    """Sheets in the order of the new side, then what is gone; and the proof of those that are identical."""
    by_id: dict[UUID, Made] = {made.facts.id: made for made in (*old, *new)}
    pairs = match([made.facts for made in old], [made.facts for made in new])
    sheets, proof = [], []
    for pair in pairs:
        before = by_id[pair.old] if pair.old else None
        after = by_id[pair.new] if pair.new else None
        named = after or before
        if named is None:
            continue
        row: dict[str, Any] = {
            "name": named.facts.name,
            "number": named.facts.number,
            "change": pair.change,
            "old": told(before),
            "new": told(after),
        }
        if before and after:
            found = compare(read_table(before.folder), read_table(after.folder))
            row |= found.as_dict()
            if before.facts.fingerprint == after.facts.fingerprint:
                proof.append({"name": named.facts.name, "number": named.facts.number, "fingerprint": after.facts.fingerprint,
                              "old_file": before.file, "new_file": after.file, "old_sha256": before.sha256, "new_sha256": after.sha256})  # fmt: skip
        else:
            row |= {
                "added": [],
                "removed": [],
                "changed": [],
                "texts": [],
                "moved": [],
                "regions": [],
                "identical": False,
            }
        sheets.append(row)
    return {"sheets": sheets, "identical_sheets": proof, "identical": all(row["identical"] for row in sheets)}


def told(made: Made | None) -> dict[str, Any] | None:
    """Where a sheet came from."""
    if made is None:
        return None
    return {"file": made.file, "key": made.facts.key, "name": made.facts.name, "number": made.facts.number}


def as_table(answer: dict[str, Any]) -> str:
    """For people."""
    lines = []
    for row in answer["sheets"]:
        label = f"{row['number']} {row['name']}".strip()
        if row["change"] in {"new", "gone"}:
            lines.append(f"{label}\t{_('新增的图') if row['change'] == 'new' else _('不再包含的图')}")
        elif row["identical"]:
            lines.append(f"{label}\t{_('完全相同')}")
        else:
            said = _("新增 %(a)d，删除 %(r)d，修改 %(c)d（仅文字 %(t)d），集中在 %(n)d 处") % {
                "a": len(row["added"]), "r": len(row["removed"]), "c": len(row["changed"]), "t": len(row["texts"]),
                "n": len(row["regions"]),
            }  # fmt: skip
            lines.append(f"{label}\t{said}")
            lines += [f"\t{text['old']} → {text['new']}" for text in row["texts"]]
    lines += [f"{_('指纹')}\t{each['fingerprint']}\t{each['name']}" for each in answer["identical_sheets"]]
    return "\n".join(lines)
