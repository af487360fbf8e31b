"""The closed list of answers: complete, bilingual, and the same in the contract for the viewer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from drawings.cad.errors import ANSWERS, CODES, STEPS, Refusal

PROMISED = (
    "E_TYPE E_SIZE E_TRUNCATED E_DAMAGED E_LOSS E_ENCRYPTED E_ACTIVE E_POLYGLOT E_PAGES E_PAGE_SIZE E_IMAGE E_OBJECTS E_EMPTY "
    "E_LINE E_NUMBER E_COORD E_DASH E_EXPAND E_CYCLE E_DEPTH E_TIMEOUT E_MEMORY E_VIRUS E_INTERNAL"
)


def test_the_list_is_closed_and_complete() -> None:
    assert set(PROMISED.split()) == CODES


def test_the_contract_for_the_viewer_names_the_same_codes() -> None:
    contract = (Path(__file__).parents[2] / "docs/drawing-format.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\bE_[A-Z_]+", contract)) == CODES


@pytest.mark.parametrize("code", sorted(CODES))
def test_each_answer_says_what_and_what_to_do_in_both_languages(code: str) -> None:
    answer = ANSWERS[code]
    for chinese in (answer.zh, answer.do_zh):
        assert re.search(r"[\u4e00-\u9fff]", chinese)
    for english in (answer.en, answer.do_en):
        assert not re.search(r"[\u4e00-\u9fff]", english)
        assert len(english.split()) > 3


def test_a_refusal_carries_its_detail_over_the_process_border() -> None:
    sent = Refusal("E_LINE", "第 3 行", "line 3").as_dict()
    assert sent["verdict"] == "refused"
    assert sent["message"].endswith("（第 3 行）")
    assert sent["message_en"].endswith("(line 3)")
    again = Refusal(sent["code"], sent["detail"]["zh"], sent["detail"]["en"])
    assert again.as_dict() == sent


def test_an_unknown_code_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="E_WHATEVER"):
        Refusal("E_WHATEVER")


def test_each_step_has_both_names() -> None:
    assert all(zh and en for zh, en in STEPS.values())
