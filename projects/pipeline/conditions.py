"""When an item applies (适用条件): a tiny safe grammar over the project's facts, with three answers.

    condition  := term ("or" term)*
    term       := factor ("and" factor)*
    factor     := "not" factor | "(" condition ")" | fact [comparison]
    comparison := (">=" | "<=" | ">" | "<" | "==" | "!=") value | ["not"] "in" "[" value ("," value)* "]"

A missing fact, or the answer "I do not know", gives None (undecided), never False: an item is not dropped because
nobody asked (domain.md section 1). Kleene's logic: `true or unknown` is true, `false and unknown` is false.
Nothing is ever evaluated as a program. Pure.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ledger.errors import Refused
from projects.words import _

Facts = Mapping[str, Any]
Verdict = bool | None

LONGEST = 2000
DEEPEST = 40
_TOKEN = re.compile(
    r"\s*(?:(?P<number>-?\d+(?:\.\d+)?)|(?P<text>'[^']*'|\"[^\"]*\")|(?P<op>>=|<=|==|!=|>|<)"
    r"|(?P<mark>[()\[\],])|(?P<name>[A-Za-z_][A-Za-z0-9_]*))"
)
_KEYWORDS = frozenset({"and", "or", "not", "in", "true", "false", "True", "False"})
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
    "!=": operator.ne,
}


@dataclass(frozen=True)
class Fact:
    """The fact itself is true."""

    code: str

    def decide(self, facts: Facts) -> Verdict:
        value = facts.get(self.code)
        return value if isinstance(value, bool) else None


@dataclass(frozen=True)
class Compare:
    """The fact compared with a value."""

    code: str
    op: str
    value: Any

    def decide(self, facts: Facts) -> Verdict:
        found = facts.get(self.code)
        if found is None or not comparable(found, self.value):
            return None
        return _COMPARE[self.op](found, self.value)


@dataclass(frozen=True)
class OneOf:
    """The fact is one of the values."""

    code: str
    values: tuple[Any, ...]

    def decide(self, facts: Facts) -> Verdict:
        found = facts.get(self.code)
        if found is None or not all(comparable(found, value) for value in self.values):
            return None
        return found in self.values


@dataclass(frozen=True)
class Not:
    """The opposite; unknown stays unknown."""

    inner: Condition

    def decide(self, facts: Facts) -> Verdict:
        verdict = self.inner.decide(facts)
        return None if verdict is None else not verdict


@dataclass(frozen=True)
class Every:
    """All hold: one false decides, else one unknown leaves it open."""

    parts: tuple[Condition, ...]

    def decide(self, facts: Facts) -> Verdict:
        verdicts = [part.decide(facts) for part in self.parts]
        if any(verdict is False for verdict in verdicts):
            return False
        return None if None in verdicts else True


@dataclass(frozen=True)
class AnyOf:
    """One holds: one true decides, else one unknown leaves it open."""

    parts: tuple[Condition, ...]

    def decide(self, facts: Facts) -> Verdict:
        verdicts = [part.decide(facts) for part in self.parts]
        if any(verdict is True for verdict in verdicts):
            return True
        return None if None in verdicts else False


Condition = Fact | Compare | OneOf | Not | Every | AnyOf


def comparable(found: Any, value: Any) -> bool:
    """Same kind of thing: a number with a number, text with text, yes/no with yes/no."""
    if isinstance(found, bool) or isinstance(value, bool):
        return isinstance(found, bool) and isinstance(value, bool)
    if isinstance(found, int | float) or isinstance(value, int | float):
        return isinstance(found, int | float) and isinstance(value, int | float)
    return isinstance(found, str) and isinstance(value, str)


@lru_cache(maxsize=1024)
def parse(text: str) -> Condition:
    """Read a condition; Refused (bad_condition) names the place that could not be understood."""
    if len(text) > LONGEST:
        raise Refused("bad_condition", _("适用条件过长（最多 %(longest)s 个字符）。") % {"longest": LONGEST})
    reader = _Reader(text)
    condition = reader.condition(0)
    if reader.peek() is not None:
        raise reader.trouble()
    return condition


def decide(text: str | None, facts: Facts) -> Verdict:
    """Does the condition hold for these facts? True, False, or None when a needed fact is missing; no text: True."""
    return True if text is None or not text.strip() else parse(text).decide(facts)


def facts_named(condition: Condition) -> frozenset[str]:
    """The codes of the facts a condition asks for."""
    if isinstance(condition, Fact | Compare | OneOf):
        return frozenset({condition.code})
    if isinstance(condition, Not):
        return facts_named(condition.inner)
    return frozenset().union(*(facts_named(part) for part in condition.parts))


def facts_missing(text: str | None, facts: Facts) -> list[str]:
    """The facts that would have to be known to decide, by code."""
    if decide(text, facts) is not None or text is None:
        return []
    return sorted(code for code in facts_named(parse(text)) if facts.get(code) is None)


class _Reader:
    """Recursive descent over the tokens; depth is bounded."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, str, int]] = []
        self.at = 0
        position = 0
        while position < len(text.rstrip()):
            found = _TOKEN.match(text, position)
            if found is None or found.lastgroup is None:
                raise self.trouble(position)
            self.tokens.append((found.lastgroup, found[found.lastgroup], found.start(found.lastgroup)))
            position = found.end()

    def trouble(self, position: int | None = None) -> Refused:
        if position is None:
            position = self.tokens[self.at][2] if self.at < len(self.tokens) else len(self.text)
        return Refused(
            "bad_condition",
            _("适用条件“%(text)s”在第 %(place)s 个字符处无法理解。") % {"text": self.text, "place": position + 1},
            next_step=_("可用写法：事实名、比较（>= <= > < == !=）、in ['甲','乙']、and、or、not 和括号。"),
        )

    def peek(self) -> tuple[str, str] | None:
        return self.tokens[self.at][:2] if self.at < len(self.tokens) else None

    def take(self, kind: str, value: str | None = None) -> str:
        token = self.peek()
        if token is None or token[0] != kind or (value is not None and token[1] != value):
            raise self.trouble()
        self.at += 1
        return token[1]

    def condition(self, depth: int) -> Condition:
        return self.chain("or", self.term, AnyOf, depth)

    def term(self, depth: int) -> Condition:
        return self.chain("and", self.factor, Every, depth)

    def chain(
        self,
        word: str,
        part: Callable[[int], Condition],
        joined: Callable[[tuple[Condition, ...]], Condition],
        depth: int,
    ) -> Condition:
        if depth > DEEPEST:
            raise self.trouble()
        parts = [part(depth + 1)]
        while self.peek() == ("name", word):
            self.at += 1
            parts.append(part(depth + 1))
        return parts[0] if len(parts) == 1 else joined(tuple(parts))

    def factor(self, depth: int) -> Condition:
        if depth > DEEPEST:
            raise self.trouble()
        if self.peek() == ("name", "not"):
            self.at += 1
            return Not(self.factor(depth + 1))
        if self.peek() == ("mark", "("):
            self.at += 1
            inner = self.condition(depth + 1)
            self.take("mark", ")")
            return inner
        code = self.take("name")
        if code in _KEYWORDS:
            self.at -= 1
            raise self.trouble()
        return self.comparison(code)

    def comparison(self, code: str) -> Condition:
        token = self.peek()
        if token is not None and token[0] == "op":
            self.at += 1
            return Compare(code, token[1], self.value())
        if token == ("name", "in"):
            self.at += 1
            return OneOf(code, self.values())
        if token == ("name", "not") and self.tokens[self.at + 1 : self.at + 2] and self.tokens[self.at + 1][1] == "in":
            self.at += 2
            return Not(OneOf(code, self.values()))
        return Fact(code)

    def values(self) -> tuple[Any, ...]:
        self.take("mark", "[")
        found = [self.value()]
        while self.peek() == ("mark", ","):
            self.at += 1
            found.append(self.value())
        self.take("mark", "]")
        return tuple(found)

    def value(self) -> Any:
        token = self.peek()
        if token is None:
            raise self.trouble()
        kind, text = token
        self.at += 1
        if kind == "number":
            return float(text) if "." in text else int(text)
        if kind == "text":
            return text[1:-1]
        if kind == "name" and text in {"true", "True", "false", "False"}:
            return text in {"true", "True"}
        self.at -= 1
        raise self.trouble()
