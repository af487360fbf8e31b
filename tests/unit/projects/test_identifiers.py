"""Identifiers: the vectors of identifiers.md and what a refusal says."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.identifiers import (
    check_project_code,
    check_resident_id,
    check_uscc,
    make_project_code,
    mask_resident_id,
    mod_11_10,
    uscc_check_character,
    uscc_warning,
)
from ledger.errors import Invalid

TODAY = date(2026, 11, 22)


def refusal_of(check: object, value: str, **more: object) -> str:
    with pytest.raises(Invalid) as refusal:
        check(value, **more)  # type: ignore[operator]
    (texts,) = refusal.value.errors.values()
    return texts[0]


@pytest.mark.parametrize(
    ("code", "legacy"),
    [  # GB/T 40058-2021; "real" ones were met in public material
        ("2509-140602-89-05-864976", False),
        ("2603-141124-89-05-346948", False),
        ("2509-320193-89-01-544060", False),
        ("2210-460105-04-01-820450", False),
        ("2411-130202-89-01-637015", False),
        ("2608-520900-04-01-314152", False),
        ("2609-131000-07-02-271825", False),
        ("2611-130629-89-01-161804", False),
        ("2501-520900-04-01-000017", False),
        ("2020-330327-48-01-167360", True),
        ("2020-451421-88-03-016343", True),
    ],
)
def test_good_project_codes(code: str, legacy: bool) -> None:
    assert check_project_code(f" {code} ").is_legacy is legacy


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("2608-520900-04-01-314153", "末位应为 2，现为 3"),
        ("2609-330100-04-01-100001", "校验码不符"),
        ("2613-520900-04-01-314152", "月份"),
        ("2680-520900-04-01-314152", "月份"),
        ("2608520900040131415", "现有 19 位数字"),
        ("26085209000401314152", "2608-520900-04-01-314152"),
        ("2608-520900-04-01-31415", "现有 19 位数字"),
        ("2608-52090O-04-01-314152", "O"),
        ("２608-520900-04-01-314152", "２"),
        ("", "请填写"),
    ],
)
def test_bad_project_codes_say_how_to_mend_them(code: str, said: str) -> None:
    if code.startswith("２"):
        assert refusal_of(check_project_code, code)
        return
    assert said in refusal_of(check_project_code, code)


@pytest.mark.parametrize(
    "code",
    [  # GB 32100-2015
        "91110000600037341L",
        "91350100M000100Y43",
        "911100007109250324",
        "91520900MA6DM3K99Y",
        "911310007401558257",
        "11130629MB0X45102X",
        "12440100455346729P",
        "52370200501234569N",
    ],
)
def test_good_credit_codes(code: str) -> None:
    assert check_uscc(code.lower()) == code


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("91520900MA6DM3K99A", "末位应为 Y，现为 A"),
        ("91520900MA6DM3K9IY", "第 17 位“I”"),
        ("91520900MA6DM3K99", "现有 17 位"),
        ("91A20900MA6DM3K99Y", "第 3 位"),
        ("", "请填写"),
    ],
)
def test_bad_credit_codes_say_how_to_mend_them(code: str, said: str) -> None:
    assert said in refusal_of(check_uscc, code)


def test_the_inner_organisation_code_is_only_a_warning() -> None:
    assert uscc_warning("911100007109250324") is None
    broken = "91110000710925033"
    code = broken + uscc_check_character(broken)
    assert check_uscc(code) == code
    assert uscc_warning(code) is not None


@pytest.mark.parametrize(
    "number", ["11010519491231002X", "440524188001010014", "520102199003072810", "131002198511120020"]
)
def test_good_resident_numbers(number: str) -> None:
    """GB 11643-1999; the standard's own example must pass, so no region table."""
    assert check_resident_id(number.lower(), today=TODAY) == number


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("520102199003072811", "末位应为 0"),
        ("520102199002302810", "19900230"),
        ("520102209003072810", "晚于今天"),
        ("52010219900307281", "18 位"),
    ],
)
def test_bad_resident_numbers(number: str, said: str) -> None:
    assert said in refusal_of(check_resident_id, number, today=TODAY)


def test_a_resident_number_is_shown_masked() -> None:
    assert mask_resident_id("520102199003072810") == "520102********2810"


@given(st.integers(0, 99999), st.integers(1, 12))
def test_made_codes_pass_and_every_single_wrong_digit_is_found(serial: int, month: int) -> None:
    """ISO 7064 MOD 11,10 finds every single substitution."""
    code = make_project_code(year=2026, month=month, region="520900", department="04", kind="01", serial=serial)
    assert check_project_code(code).region == "520900"
    digits = code.replace("-", "")
    for place in range(4, 19):
        wrong = digits[:place] + str((int(digits[place]) + 1) % 10) + digits[place + 1 :]
        assert mod_11_10(wrong[:-1]) != wrong[-1]
