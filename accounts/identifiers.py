"""Identifiers with check digits: project code, unified social credit code, resident identity number.

Pure. Every refusal says what is wrong, where, and which character was expected. Vectors: tests/unit/accounts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from ledger.errors import Invalid

# GB/T 40058-2021: YYMM-RRRRRR-DD-TT-NNNNNC, 24 characters of which four are hyphens.
_CODE = re.compile(r"(\d{2})(\d{2})-(\d{6})-(\d{2})-(\d{2})-(\d{5})(\d)", re.ASCII)
# 2016 to 2020: YYYY-RRRRRR-II-TT-NNNNNN, no check digit.
_LEGACY_CODE = re.compile(r"20(1[5-9]|20)-\d{6}-\d{2}-\d{2}-\d{6}", re.ASCII)
_CODE_SHAPE = "2608-520900-04-01-314152"

# GB 32100-2015: no I, O, S, V, Z.
_USCC_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_MOD = len(_USCC_LETTERS)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECKS = "10X98765432"


@dataclass(frozen=True)
class ProjectCode:
    """A project code taken apart (投资项目统一代码)."""

    text: str
    is_legacy: bool
    region: str
    department: str
    kind: str


def check_project_code(text: str, *, field: str = "code") -> ProjectCode:
    """The project code, or Invalid: what is wrong and how to mend it (GB/T 40058-2021; old form accepted as legacy).

    The check digit is ISO 7064 MOD 11,10 over the first 19 digits. A region that no table knows still passes:
    codes of abolished and special areas stay valid for life.
    """
    code = text.strip()
    if not code:
        raise _invalid(field, _("请填写项目代码，形如 %(shape)s。") % {"shape": _CODE_SHAPE})
    if _LEGACY_CODE.fullmatch(code):
        _year, region, department, kind, _serial = code.split("-")
        return ProjectCode(code, is_legacy=True, region=region, department=department, kind=kind)
    match = _CODE.fullmatch(code)
    if match is None:
        raise _invalid(field, _shape_fault(code))
    if not 1 <= int(match[2]) <= 12:
        raise _invalid(
            field, _("项目代码第 3、4 位是月份，应为 01 至 12，现为 %(month)s。请核对赋码通知。") % {"month": match[2]}
        )
    expected = mod_11_10(code.replace("-", "")[:-1])
    if match[7] != expected:
        raise _invalid(
            field,
            _("项目代码的校验码不符：末位应为 %(expected)s，现为 %(found)s。请核对是否抄错了其中一位。")
            % {"expected": expected, "found": match[7]},
        )
    return ProjectCode(code, is_legacy=False, region=match[3], department=match[4], kind=match[5])


def _shape_fault(code: str) -> str:
    digits = code.replace("-", "").replace(" ", "")
    if digits.isdigit() and len(digits) == 20 and code.count("-") != 4:
        return _("项目代码缺少连字符，应写成 %(shape)s。") % {"shape": _grouped(digits)}
    strange = sorted({character for character in code if not (character.isdigit() or character == "-")})
    if strange:
        return _("项目代码只能有数字和连字符，不能有“%(strange)s”。形如 %(shape)s。") % {
            "strange": "".join(strange),
            "shape": _CODE_SHAPE,
        }
    return _("项目代码应为 20 位数字、4 个连字符（共 24 个字符），现有 %(digits)s 位数字。形如 %(shape)s。") % {
        "digits": len(digits),
        "shape": _CODE_SHAPE,
    }


def _grouped(digits: str) -> str:
    return "-".join((digits[:4], digits[4:10], digits[10:12], digits[12:14], digits[14:]))


def mod_11_10(digits: str) -> str:
    """The check digit of ISO 7064 MOD 11,10 (GB/T 17710 hybrid system) for `digits`."""
    product = 10
    for digit in digits:
        product = (product + int(digit)) % 10 or 10
        product = product * 2 % 11
    return str((11 - product) % 10)


def make_project_code(*, year: int, month: int, region: str, department: str, kind: str, serial: int) -> str:
    """A well-formed project code with its check digit, for tests and the demo; real ones are given by the platform."""
    body = f"{year % 100:02d}{month:02d}-{region}-{department}-{kind}-{serial:05d}"
    if not re.fullmatch(r"\d{2}(0[1-9]|1[0-2])-\d{6}-\d{2}-\d{2}-\d{5}", body):
        raise ValueError(f"not the parts of a project code: {body}")
    return body + mod_11_10(body.replace("-", ""))


def check_uscc(text: str, *, field: str = "uscc") -> str:
    """The unified social credit code in capitals, or Invalid with the place and the expected check character.

    GB 32100-2015: 18 characters, check modulo 31. The inner organisation code is only a warning (`uscc_warning`).
    """
    code = text.strip().upper()
    if not code:
        raise _invalid(field, _("请填写 18 位统一社会信用代码。"))
    for place, character in enumerate(code, start=1):
        if character not in _USCC_LETTERS:
            raise _invalid(
                field,
                _("统一社会信用代码第 %(place)s 位“%(character)s”不可用：只用数字和大写字母，不用 I、O、S、V、Z。")
                % {"place": place, "character": character},
            )
    if len(code) != 18:
        raise _invalid(field, _("统一社会信用代码应为 18 位，现有 %(count)s 位。") % {"count": len(code)})
    for place in range(3, 9):
        if not code[place - 1].isdigit():
            raise _invalid(
                field,
                _("统一社会信用代码第 3 至 8 位是登记机关行政区划，应为数字；第 %(place)s 位现为“%(character)s”。")
                % {"place": place, "character": code[place - 1]},
            )
    expected = uscc_check_character(code[:17])
    if code[17] != expected:
        raise _invalid(
            field,
            _("统一社会信用代码的校验码不符：末位应为 %(expected)s，现为 %(found)s。请对照营业执照核对。")
            % {"expected": expected, "found": code[17]},
        )
    return code


def uscc_check_character(first_17: str) -> str:
    """The eighteenth character: weights 3^i mod 31."""
    total = sum(_USCC_LETTERS.index(character) * pow(3, place, 31) for place, character in enumerate(first_17))
    return _USCC_LETTERS[-total % _USCC_MOD]


def uscc_warning(code: str) -> str | None:
    """A remark when the inner organisation code (GB 11714) does not fit: some old codes break it, so no refusal."""
    body = code[8:16]
    total = sum(int(character, 36) * weight for character, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    rest = 11 - total % 11
    expected = {10: "X", 11: "0"}.get(rest, str(rest))
    if code[16] == expected:
        return None
    return _("其中的组织机构代码校验位通常为 %(expected)s，现为 %(found)s；个别老代码如此，请留意核对。") % {
        "expected": expected,
        "found": code[16],
    }


def check_resident_id(text: str, *, today: date, field: str = "resident_id") -> str:
    """The resident identity number in capitals, or Invalid (GB 11643-1999: date and check digit).

    The region part is not looked up: numbers of abolished counties are held for life.
    """
    number = text.strip().upper()
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise _invalid(field, _("身份证号应为 18 位：17 位数字，末位为数字或 X。"))
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError as error:
        raise _invalid(field, _("身份证号中的出生日期 %(born)s 不存在。") % {"born": number[6:14]}) from error
    if born > today:
        raise _invalid(field, _("身份证号中的出生日期 %(born)s 晚于今天。") % {"born": born.isoformat()})
    weights = (pow(2, 17 - place, 11) for place in range(17))
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], weights, strict=True))
    expected = _RESIDENT_CHECKS[total % 11]
    if number[17] != expected:
        raise _invalid(
            field,
            _("身份证号的校验码不符：末位应为 %(expected)s，现为 %(found)s。")
            % {"expected": expected, "found": number[17]},
        )
    return number


def mask_resident_id(number: str) -> str:
    """First six and last four only."""
    return f"{number[:6]}{'*' * (len(number) - 10)}{number[-4:]}"


def _invalid(field: str, message: str) -> Invalid:
    return Invalid({field: [message]})
