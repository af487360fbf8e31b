"""A text that is kept for readers of both languages: letters are written once and read in one of them."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import override


def in_both(say: Callable[[], str]) -> dict[str, str]:
    """What is said in each language, as {zh, en}."""
    found = {}
    for code, language in (("zh", "zh-hans"), ("en", "en")):
        with override(language):
            found[code] = say()
    return found
