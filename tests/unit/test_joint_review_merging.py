"""Near-duplicates, contradictions and the numbered list of the merged notice."""

from __future__ import annotations

from decimal import Decimal

import pytest

from joint_review.rules.contradictions import Demand, contradict, parse_demand
from joint_review.rules.merging import Draft, contradictions, duplicates_of, likeness, near_duplicates, notice_items

LANE = "消防车道净宽不足 4 米，应按规范加宽"
FIRE = Draft("fire", 7, "MANDATORY", "GB55037-2022#3.4.5", LANE, frozenset({("HUC", "FIRE")}), "s1", 1, (0, 0, 100, 40))


def draft(key: str, department: str = "NRP", **changes: object) -> Draft:
    fields: dict[str, object] = {
        "number": 8,
        "cls": "PLANNING",
        "clause": None,
        "text": LANE,
        "authors": frozenset({(department, None)}),
        "sheet": "s1",
        "sheet_order": 1,
        "region": (10, 5, 90, 45),
        "demand": None,
        **changes,
    }
    return Draft(key=key, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "other", "alike"),
    [
        ("same words, same place", draft("a"), True),
        ("nearly the same words", draft("a", text="消防车道净宽不足4米，请加宽"), True),
        ("other words, same clause", draft("a", text="登高面前道路过窄", clause="GB55037-2022#3.4.5"), True),
        ("other words, other clause", draft("a", text="绿地率不足 30%", clause="X"), False),
        ("other sheet", draft("a", sheet="s2"), False),
        ("other end of the sheet", draft("a", region=(500, 500, 600, 600)), False),
        ("no place", draft("a", region=None), False),
        ("same department", draft("a", authors=frozenset({("HUC", "FIRE")})), False),
        ("other task of the same department", draft("a", authors=frozenset({("HUC", "ARCH")})), True),
    ],
)
def test_near_duplicates(name: str, other: Draft, alike: bool) -> None:
    assert near_duplicates(FIRE, other) is alike
    assert near_duplicates(other, FIRE) is alike
    assert duplicates_of(FIRE, [FIRE, other]) == (("a",) if alike else ())


def test_likeness_ignores_punctuation_and_empty_texts() -> None:
    assert likeness("净宽 4 m！", "净宽4m") == 1
    assert likeness("", "") == 1
    assert likeness("", "净宽") == 0


@pytest.mark.parametrize(
    ("a", "b", "clash"),
    [
        ((">=", "4", "m"), ("<=", "3.5", "m"), True),
        ((">=", "4", "m"), ("<=", "3500", "mm"), True),
        ((">=", "4", "m"), ("<=", "4", "m"), False),
        ((">", "4", "m"), ("<=", "4", "m"), True),
        ((">=", "4", "m"), (">=", "6", "m"), False),
        (("=", "4", "m"), ("=", "4000", "mm"), False),
        (("=", "4", "m"), ("=", "5", "m"), True),
        ((">=", "30", "%"), ("<=", "25", "%"), True),
        # Units that cannot be compared are not judged.
        ((">=", "4", "m"), ("<=", "3", "%"), False),
        ((">=", "4", "尺"), ("<=", "3", "尺"), False),
    ],
)
def test_demands_without_a_common_solution(a: tuple[str, str, str], b: tuple[str, str, str], clash: bool) -> None:
    first, second = (Demand("净宽", operator, Decimal(value), unit) for operator, value, unit in (a, b))
    assert contradict(first, second) is clash
    assert contradict(second, first) is clash
    assert contradict(first, Demand("净高", second.operator, second.value, second.unit)) is False


def test_contradicting_opinions_are_found_and_never_merged() -> None:
    wide = draft("wide", "HUC", demand=Demand("车道净宽", ">=", Decimal(4), "m"))
    narrow = draft("narrow", "NRP", demand=Demand("车道净宽", "<=", Decimal(3), "m"))
    elsewhere = draft("far", "CAD", demand=Demand("车道净宽", "<=", Decimal(3), "m"), region=(500, 500, 600, 600))
    assert contradictions([wide, narrow, elsewhere]) == (("wide", "narrow"),)
    assert not near_duplicates(wide, narrow)


def test_the_notice_goes_by_sheet_and_puts_breaches_first() -> None:
    order = ("MANDATORY", "GENERAL", "PLANNING", "SUGGESTION")
    items = notice_items(
        [
            draft("general remark", sheet=None, region=None, number=1),
            draft("hint", cls="SUGGESTION", number=2, text="建议统一图例"),
            FIRE,
            draft("second sheet", sheet="s2", sheet_order=2, number=3, text="楼梯净宽不足"),
            draft(
                "joined", "NRP", number=9, authors=frozenset({("NRP", "PLAN"), ("CAD", "CADF")}), region=(5, 5, 80, 40)
            ),
        ],
        order,
    )
    assert [(item.number, item.opinion) for item in items] == [
        (1, "fire"),
        (2, "joined"),
        (3, "hint"),
        (4, "second sheet"),
        (5, "general remark"),
    ]
    assert items[1].departments == ("CAD", "NRP")
    assert items[0].near == (2,)
    assert items[1].near == (1,)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("消防车道净宽 ≥ 4 m", Demand("消防车道净宽", ">=", Decimal(4), "m")),
        ("绿地率不小于30%", Demand("绿地率", ">=", Decimal(30), "%")),
        ("车道净宽 <= 3.5m", Demand("车道净宽", "<=", Decimal("3.5"), "m")),
        ("疏散门数量 = 2", Demand("疏散门数量", "=", Decimal(2), "")),
        ("按规范加宽", None),
        ("4 m", None),
        ("净宽 ≥ 4 m，净高 ≥ 4 m", None),
        ("", None),
    ],
)
def test_a_demand_in_one_line_is_read_or_left_as_words(text: str, expected: Demand | None) -> None:
    assert parse_demand(text) == expected
