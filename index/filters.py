"""Filters such as `gender=female, birth_year>=1990, tags~action`: parsed once, typed, and never evaluated as code.

Grammar: conditions joined by commas, all of which must hold.

    column = value      equal; text is compared without regard to case; on tags: one of the tags
    column != value     known and not equal
    column >= value     also >, <=, <; numbers only
    column ~ text       contains the text; on tags: one of the tags contains it
    column in (a, b)    equal to one of them
    column              known and not empty

Values with commas or brackets stand in double quotes. A fact that is unknown passes no condition.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from castoon.errors import InputError
from castoon.words import Words
from index.contract import Fact, Facts

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<quoted>"(?:[^"\\]|\\.)*")
      | (?P<op>>=|<=|!=|=|>|<|~)
      | (?P<punct>[(),])
      | (?P<word>[^\s"=<>!~(),][^"=<>!~(),]*)
    )""",
    re.VERBOSE,
)
_HELP = 'Write conditions such as `gender=female, birth_year>=1990, tags~action, agency in (A, "B, C")`.'


@dataclass(frozen=True)
class Condition:
    """One comparison of one column with one or more values."""

    column: str
    operator: str
    values: tuple[str, ...] = ()

    def holds(self, facts: Facts) -> bool:
        """Whether an owner with these facts passes."""
        fact = facts.get(self.column)
        if fact is None or fact in ("", ()):
            return False
        return _TESTS[self.operator](fact, self.values)


@dataclass(frozen=True)
class Filter:
    """A parsed filter; the empty one lets everybody pass."""

    conditions: tuple[Condition, ...] = ()

    def passes(self, facts: Facts) -> bool:
        """Whether every condition holds for an owner with these facts."""
        return all(condition.holds(facts) for condition in self.conditions)

    def owners(self, facts: Mapping[str, Facts]) -> list[str]:
        """The owners that pass, in the order of `facts`."""
        return [owner for owner, known in facts.items() if self.passes(known)]


def parse(text: str, columns: Collection[str]) -> Filter:
    """Parse a filter over the given columns, or raise `InputError` that says what is possible."""
    tokens = _tokens(text)
    conditions: list[Condition] = []
    while tokens:
        conditions.append(_condition(tokens, text, columns))
        if tokens and (separator := tokens.pop(0)) != ("punct", ","):
            raise InputError(
                Words("filter `{text}`", text=text),
                Words("a comma was expected before `{found}`.", found=separator[1]),
                _HELP,
            )
    return Filter(tuple(conditions))


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    position = 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise InputError(
                Words("filter `{text}`", text=text),
                Words("`{rest}` cannot be read.", rest=text[position:].strip()),
                _HELP,
            )
        found.append((match.lastgroup, match.group(match.lastgroup).strip()))
        position = match.end()
    return _split_in(found)


def _split_in(tokens: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """`agency in` arrives as one word; make it a column and an operator."""
    split: list[tuple[str, str]] = []
    for number, (kind, text) in enumerate(tokens):
        follows = tokens[number + 1] if number + 1 < len(tokens) else None
        if kind == "word" and text.lower().endswith(" in") and follows == ("punct", "("):
            split += [("word", text[:-3].strip()), ("op", "in")]
        else:
            split.append((kind, text))
    return split


def _condition(tokens: list[tuple[str, str]], text: str, columns: Collection[str]) -> Condition:
    kind, column = tokens.pop(0)
    if kind != "word":
        raise InputError(
            Words("filter `{text}`", text=text),
            Words("a column was expected where `{column}` stands.", column=column),
            _HELP,
        )
    if column not in columns:
        raise InputError(
            Words("filter `{text}`", text=text),
            Words("there is no column `{column}`.", column=column),
            Words("Columns are: {names}.", names=", ".join(sorted(columns))),
        )
    if not tokens or tokens[0][0] != "op":
        return Condition(column, "known")
    operator = tokens.pop(0)[1]
    values = _list(tokens, text) if operator == "in" else (_value(tokens, text),)
    if operator in _NUMERIC:
        for value in values:
            if _number(value) is None:
                raise InputError(
                    Words("filter `{text}`", text=text),
                    Words("`{value}` after `{operator}` is not a number.", value=value, operator=operator),
                    _HELP,
                )
    return Condition(column, operator, values)


def _value(tokens: list[tuple[str, str]], text: str) -> str:
    if not tokens or tokens[0][0] not in {"word", "quoted"}:
        raise InputError(Words("filter `{text}`", text=text), "a value is missing.", _HELP)
    kind, value = tokens.pop(0)
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if kind == "quoted" else value


def _list(tokens: list[tuple[str, str]], text: str) -> tuple[str, ...]:
    tokens.pop(0)
    values = [_value(tokens, text)]
    while tokens and tokens[0] == ("punct", ","):
        tokens.pop(0)
        values.append(_value(tokens, text))
    if not tokens or tokens.pop(0) != ("punct", ")"):
        raise InputError(Words("filter `{text}`", text=text), "the list after `in` is not closed.", _HELP)
    return tuple(values)


def _number(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None


def _texts(fact: Fact) -> tuple[str, ...]:
    return tuple(str(part).casefold() for part in (fact if isinstance(fact, tuple) else (fact,)))


def _equal(fact: Fact, values: tuple[str, ...]) -> bool:
    if isinstance(fact, int | float):
        return any(_number(value) == float(fact) for value in values)
    return any(value.casefold() in _texts(fact) for value in values)


def _contains(fact: Fact, values: tuple[str, ...]) -> bool:
    return any(values[0].casefold() in text for text in _texts(fact))


def _compare(test: Callable[[float, float], bool]) -> Callable[[Fact, tuple[str, ...]], bool]:
    def compared(fact: Fact, values: tuple[str, ...]) -> bool:
        known, wanted = _number(fact), _number(values[0])
        return known is not None and wanted is not None and test(known, wanted)

    return compared


_NUMERIC = {">=", "<=", ">", "<"}
_TESTS: dict[str, Callable[[Fact, tuple[str, ...]], bool]] = {
    "known": lambda _fact, _values: True,
    "=": _equal,
    "in": _equal,
    "!=": lambda fact, values: not _equal(fact, values),
    "~": _contains,
    ">=": _compare(lambda known, wanted: known >= wanted),
    "<=": _compare(lambda known, wanted: known <= wanted),
    ">": _compare(lambda known, wanted: known > wanted),
    "<": _compare(lambda known, wanted: known < wanted),
}
