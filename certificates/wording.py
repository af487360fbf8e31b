"""The words of a verdict (验签结论): every code in plain language, in the reader's tongue."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from certificates.verdict import Reason, Verdict

WORDS = {
    "genuine": _("印章有效，文件自盖章以来没有任何改动。"),
    "changed": _("盖章之后文件内容被改动过。"),
    "forged": _("签名与印章证书对不上，可能是伪造的。"),
    "added_after": _("盖章之后文件被追加或者覆盖了内容，显示的内容可能不是盖章时的内容。"),
    "signature_altered": _("签名数据本身被改动过。"),
    "expired": _("印章证书已于 %(detail)s 到期。"),
    "unknown_authority": _("印章证书不是本系统信任的机构签发的（签发者：%(detail)s）。"),
    "no_signature": _("文件上没有电子印章。打印、扫描或者另存后的文件也会这样，请使用下载的原文件。"),
    "several_signatures": _("文件上有 %(detail)s 个签名，本系统出具的文书只有一个。"),
    "encrypted": _("文件设置了密码，无法核验。本系统出具的文书不加密码。"),
    "no_file": _("文件不存在或者无法读取：%(detail)s"),
    "not_pdf": _("这不是 PDF 文件。"),
    "too_large": _("文件超过 50 MB，本系统出具的文书没有这么大。"),
    "too_costly": _("文件的结构异常复杂，已停止读取；本系统出具的文书不会这样。"),
    "damaged": _("文件已损坏或者结构不合规范，无法读取签名。"),
    "not_registered": _("印章可以验证，但本系统没有登记过这份文件。"),
    "revoked": _("这份文书已于 %(detail)s 撤销，不再有效。"),
    "another_paper": _("这是另一份文书（%(detail)s），不是您正在核验的这一份。"),
}
OTHERWISE = _("签名没有通过核验。")
COVERAGE = {
    "entire_file": _("整个文件"),
    "earlier_revision": _("只到文件的较早版本"),
    "part": _("只到文件的一部分"),
    "none": _("没有"),
}
UNCLEAR = _("不明")


def words_of(reason: Reason) -> str:
    """One reason as a sentence: what was found and what it means."""
    return str(WORDS.get(reason.code, OTHERWISE)) % {"detail": reason.detail or "—"}


def sentences(verdict: Verdict, language: str | None = None) -> list[str]:
    """Every reason of a verdict, in `language` or in the one that is active."""
    if language is None:
        return [words_of(reason) for reason in verdict.reasons]
    with override(language):
        return [words_of(reason) for reason in verdict.reasons]


def coverage_words(verdict: Verdict) -> str:
    """What the signature covers."""
    return str(COVERAGE.get(verdict.coverage, UNCLEAR))
