"""Chinese first, English complete: every message is translated, and no page has text that cannot be."""

from __future__ import annotations

import re
from pathlib import Path

from config.translations.catalogue import CHINESE, faults, in_typescript, used
from tests.architecture.source import ROOT, name_of, templates, tracked

COMMENT = re.compile(r"\{#.*?#\}|\{%\s*comment.*?%\}.*?\{%\s*endcomment\s*%\}|<!--.*?-->", re.DOTALL)
TRANSLATED = re.compile(
    r"\{%\s*(?:blocktrans(?:late)?)\b.*?%\}.*?\{%\s*endblocktrans(?:late)?\s*%\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL
)
# What is Chinese in both languages: the product's name and the switch to Chinese.
SAME_IN_BOTH = re.compile(r"联审|中文")


def test_every_chinese_message_has_its_english() -> None:
    wrong = faults()
    assert not wrong, f"{len(wrong)} faults\n" + "\n".join(wrong)


def test_the_extraction_sees_code_and_templates() -> None:
    kinds = {place.partition(":")[0].rpartition(".")[2] for places in used().values() for place in places}
    assert {"py", "html"} <= kinds


def test_a_script_text_without_english_is_found(tmp_path: Path) -> None:
    script = tmp_path / "x.ts"
    script.write_text('a(t("图纸", "Drawing")); b(t("批注"));\nc(t(`共 ${n} 条`, `${n} in all`));', encoding="utf-8")
    assert list(in_typescript(script)) == [("图纸", "Drawing", 1), ("批注", None, 1), ("共 ${n} 条", "${n} in all", 2)]


def blank_out(match: re.Match[str]) -> str:
    """Keep the line numbers."""
    return re.sub(r"[^\n]", " ", match[0])


def test_no_chinese_stands_outside_a_translation_in_a_template() -> None:
    wrong = []
    for path in templates():
        text = COMMENT.sub(blank_out, path.read_text(encoding="utf-8"))
        # A literal inside {{ ... }} or {% include with x="..." %} is text, too, unless it goes through _().
        for tag in re.finditer(r"\{[{%](.*?)[}%]\}", text, re.DOTALL):
            inside = tag[1].strip()
            if not inside.startswith(("translate", "trans", "blocktrans", "comment")):
                bare = re.sub(r"_\((['\"]).*?\1\)", "", inside)
                if CHINESE.search(SAME_IN_BOTH.sub("", bare)):
                    wrong.append(f"{name_of(path)}:{text.count(chr(10), 0, tag.start()) + 1} {inside[:60]}")
        for number, line in enumerate(TRANSLATED.sub(blank_out, text).splitlines(), 1):
            if CHINESE.search(SAME_IN_BOTH.sub("", line)):
                wrong.append(f"{name_of(path)}:{number} {line.strip()[:60]}")
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong)


def test_no_chinese_stands_outside_a_translation_in_a_script() -> None:
    wrong = []
    for path in tracked():
        if path.suffix != ".ts" or not path.is_relative_to(ROOT / "frontend" / "src") or ".test." in path.name:
            continue
        text = re.sub(r"/\*.*?\*/", blank_out, path.read_text(encoding="utf-8"), flags=re.DOTALL)
        text = re.sub(r"(?<![:\"'`])//[^\n]*", "", text)
        text = re.sub(r"""\bt\(\s*("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)""", blank_out, text)
        if "i18n" in path.parts:
            continue  # the catalogue of the scripts itself
        for number, line in enumerate(text.splitlines(), 1):
            if CHINESE.search(SAME_IN_BOTH.sub("", line)):
                wrong.append(f"{name_of(path)}:{number} {line.strip()[:60]}")
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong)
