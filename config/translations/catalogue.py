#!/usr/bin/env python3
"""Compile the English catalogues, and check that every Chinese message has its English.

    python config/translations/catalogue.py           locale/*/en/LC_MESSAGES/*.po -> .mo
    python config/translations/catalogue.py --check   exit 1 with a list of what is missing

The source language is Chinese: a msgid is the Chinese text itself. Extraction is our own (Python by ast, templates by
Django's templatize), so that no GNU gettext need be installed. Scripts carry both languages themselves:
`t("中文", "English")`; here it is checked that they do. It is run as a script, because it must work before the settings do.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = {".venv", "node_modules", "var", "tests", "migrations", ".git", "dist", "docs"}
FIRST_ARGUMENT = {"gettext", "gettext_lazy", "gettext_noop", "_"}
TWO_ARGUMENTS = {"ngettext", "ngettext_lazy"}
AFTER_CONTEXT = {"pgettext", "pgettext_lazy"}
# Ideographs, and the full-width marks that betray a Chinese sentence joined together by hand.
CHINESE = re.compile(r"[\u3001-\u3011\u3400-\u9fff\uff01-\uff5e]")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
IN_TEMPLATE = re.compile(r"""\b(?:n?gettext|_)\((u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))""")
WITH_CONTEXT = re.compile(
    r"""\bpgettext\((u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")),\s*(u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))"""
)
IN_CONTEXT = "\x04"  # between context and message, as in a compiled catalogue
# `t("中文", "English")` brings its English along; only a call without it needs the catalogue.
TEXT = r"""("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)"""
IN_TYPESCRIPT = re.compile(r"\bt\(\s*" + TEXT + r"\s*(?:,\s*" + TEXT + r")?")


def files(pattern: str) -> Iterator[Path]:
    """Our own source files, in a stable order."""
    for path in sorted(ROOT.rglob(pattern)):
        if not SKIPPED & set(path.relative_to(ROOT).parts):
            yield path


def called_name(call: ast.Call) -> str:
    """The bare name of what is called."""
    if isinstance(call.func, ast.Name):
        return call.func.id
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def literal(node: ast.expr | None) -> str | None:
    """The text of a string literal."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def in_python(path: Path) -> Iterator[tuple[str, int]]:
    """Message and line of every gettext call with a literal."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = called_name(node)
        wanted: list[ast.expr] = []
        if name in FIRST_ARGUMENT | TWO_ARGUMENTS:
            wanted = node.args[:1]
        elif name in AFTER_CONTEXT and len(node.args) > 1:
            context, text = literal(node.args[0]), literal(node.args[1])
            if context and text:
                yield context + IN_CONTEXT + text, node.lineno
        for argument in wanted:
            text = literal(argument)
            if text:
                yield text, node.lineno


def in_template(path: Path) -> Iterator[tuple[str, int]]:
    """Message and line of every translate and blocktranslate tag."""
    from django.utils.translation.template import templatize

    source = path.read_text(encoding="utf-8")
    for number, line in enumerate(templatize(source, origin=str(path)).splitlines(), 1):
        for found in IN_TEMPLATE.finditer(line):
            yield ast.literal_eval(found[1]), number
        for found in WITH_CONTEXT.finditer(line):
            yield ast.literal_eval(found[1]) + IN_CONTEXT + ast.literal_eval(found[2]), number


def in_typescript(path: Path) -> Iterator[tuple[str, str | None, int]]:
    """Chinese, English and line of every `t("中文", "English")` of the front end."""
    source = path.read_text(encoding="utf-8")
    for found in IN_TYPESCRIPT.finditer(source):
        yield found[1][1:-1], found[2][1:-1] if found[2] else None, source.count("\n", 0, found.start()) + 1


def used() -> dict[str, list[str]]:
    """Every Chinese message that code and templates use -> where."""
    where: dict[str, list[str]] = defaultdict(list)
    readers = {"*.py": in_python, "*.html": in_template, "*.txt": in_template}
    for pattern, extract in readers.items():
        for path in files(pattern):
            if pattern == "*.txt" and "templates" not in path.parts:
                continue
            for text, line in extract(path):
                if CHINESE.search(text):
                    where[text].append(f"{path.relative_to(ROOT)}:{line}")
    return where


def catalogues() -> list[Path]:
    """Every English catalogue."""
    return sorted((ROOT / "locale").glob("*/en/LC_MESSAGES/*.po"))


def english() -> tuple[dict[str, dict[str, str]], list[str]]:
    """Chinese -> area -> English from the catalogues, and what is wrong inside them."""
    known: dict[str, dict[str, str]] = defaultdict(dict)
    found: list[str] = []
    for path in catalogues():
        area = path.relative_to(ROOT / "locale").parts[0]
        for entry in polib.pofile(str(path)):
            if entry.obsolete or entry.fuzzy:
                continue
            texts = list(entry.msgstr_plural.values()) or [entry.msgstr]
            for text in texts:
                if text and set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(entry.msgid)):
                    found.append(f"{area}: placeholders differ: {entry.msgid!r} -> {text!r}")
            if all(texts):
                known[(entry.msgctxt + IN_CONTEXT if entry.msgctxt else "") + entry.msgid][area] = texts[0]
    return known, found


def faults() -> list[str]:
    """What is wrong: no English, placeholders that differ, two different English texts for one message."""
    known, found = english()
    for text, places in sorted(used().items()):
        if text not in known:
            found.append(f"{places[0]}: no English for {text!r}")
    for path in files("*.ts"):
        if path.name.endswith(".test.ts"):
            continue
        for chinese, other, line in in_typescript(path):
            if CHINESE.search(chinese) and (not other or CHINESE.search(other)):
                found.append(f"{path.relative_to(ROOT)}:{line}: no English beside {chinese!r}")
    for text, by_area in sorted(known.items()):
        if len(set(by_area.values())) > 1:
            found.append(f"different English for {text!r}: {by_area}")
    return found


def compile_all() -> int:
    """Write the .mo beside each .po; returns how many."""
    count = 0
    for path in catalogues():
        target = path.with_suffix(".mo")
        half = target.with_suffix(".mo.part")
        polib.pofile(str(path)).save_as_mofile(str(half))
        half.replace(target)
        count += 1
    return count


def main(arguments: list[str]) -> int:
    """Compile, or check."""
    if "--check" not in arguments:
        print(f"{compile_all()} catalogues compiled")  # noqa: T201 - a script
        return 0
    wrong = faults()
    for line in wrong:
        print(line)  # noqa: T201 - a script
    print(f"{len(wrong)} faults")  # noqa: T201 - a script
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
