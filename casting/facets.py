"""Filters built from a library's own columns: what each column offers, and filter lines made from choices and back.

A facet is a column as a person may filter it: few different texts are a choice, numbers a range, lists are tags, and
texts that nearly everybody has a different one of are searched. Conditions that no facet can show stay as text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from castoon.errors import CastoonError
from index.filters import Condition, parse

Kind = Literal["choice", "range", "tags", "text"]
Choice = tuple[str, ...] | tuple[float, float] | str
MOST_CHOICES = 60
_NOT_ASKED = frozenset({"name", "aliases"})


@dataclass(frozen=True)
class Facet:
    """One column and what can be asked of it."""

    column: str
    kind: Kind
    options: tuple[str, ...] = ()
    """Of choices and tags, the most frequent first."""
    low: float = 0.0
    high: float = 0.0
    whole: bool = False
    """Whether all numbers are whole."""
    known: int = 0
    """Actors of whom the fact is known."""


def facets(facts: Iterable[Mapping[str, Any]]) -> list[Facet]:
    """The columns of a library as people may filter them, the best known first."""
    values: dict[str, list[Any]] = {}
    for known in facts:
        for column, value in known.items():
            if column not in _NOT_ASKED and value not in (None, "", ()):
                values.setdefault(column, []).append(value)
    found = [facet for column, seen in values.items() if (facet := _facet(column, seen)) is not None]
    return sorted(found, key=lambda facet: (facet.kind == "text", -facet.known, facet.column))


def _facet(column: str, seen: Sequence[Any]) -> Facet | None:
    if any(isinstance(value, list | tuple) for value in seen):
        counted = Counter(
            str(part) for value in seen for part in (value if isinstance(value, list | tuple) else [value])
        )
        return Facet(column, "tags", _frequent(counted), known=len(seen))
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in seen):
        low, high = float(min(seen)), float(max(seen))
        whole = all(float(value).is_integer() for value in seen)
        return Facet(column, "range", low=low, high=high, whole=whole, known=len(seen)) if high > low else None
    counted = Counter(str(value) for value in seen)
    if len(counted) < 2:
        return None
    if len(counted) > MOST_CHOICES or len(counted) > max(12, 0.8 * len(seen)):
        return Facet(column, "text", known=len(seen))
    return Facet(column, "choice", _frequent(counted), known=len(seen))


def _frequent(counted: Counter[str]) -> tuple[str, ...]:
    return tuple(text for text, _ in sorted(counted.items(), key=lambda one: (-one[1], one[0])))


def line_of(found: Sequence[Facet], chosen: Mapping[str, Choice], rest: str = "") -> str:
    """The filter line that asks for these choices; what a facet leaves open is not asked."""
    parts = [part for facet in found if (part := _condition(facet, chosen.get(facet.column)))]
    return ", ".join([*parts, *([rest.strip()] if rest.strip() else [])])


def _condition(facet: Facet, choice: Choice | None) -> str:
    if choice is None or choice in ((), ""):
        return ""
    column = facet.column
    match choice:
        case str():
            return f"{column}~{_quoted(choice)}"
        case (float() | int() as low, float() | int() as high):
            bounds = [
                f"{column}>={low:g}" if low > facet.low else "",
                f"{column}<={high:g}" if high < facet.high else "",
            ]
            return ", ".join(filter(None, bounds))
        case (one,):
            return f"{column}={_quoted(str(one))}"
        case several:
            return f"{column} in ({', '.join(_quoted(str(one)) for one in several)})"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"' if set(text) & set(' "=<>!~(),\\') else text


def choices_of(found: Sequence[Facet], line: str) -> tuple[dict[str, Choice], str]:
    """Choices that a filter line means, and the rest of it that no facet can show; a line with faults is all rest."""
    by_column = {facet.column: facet for facet in found}
    try:
        conditions = parse(line, [*by_column, *_NOT_ASKED]).conditions
    except CastoonError:
        return {}, line
    chosen: dict[str, Choice] = {}
    rest: list[str] = []
    for condition in conditions:
        facet = by_column.get(condition.column)
        choice = _choice(facet, condition, chosen) if facet else None
        if facet is None or choice is None:
            rest.append(_written(condition))
        else:
            chosen[facet.column] = choice
    return chosen, ", ".join(rest)


def _choice(facet: Facet, condition: Condition, chosen: Mapping[str, Choice]) -> Choice | None:
    """What a condition means to a facet; None where the facet cannot show it."""
    if facet.kind == "range" and condition.operator in {">=", "<="}:
        before = chosen.get(facet.column, (facet.low, facet.high))
        low, high = float(before[0]), float(before[1])
        value = float(condition.values[0])
        low, high = (max(low, value), high) if condition.operator == ">=" else (low, min(high, value))
        inside = facet.low <= low <= high <= facet.high and (value.is_integer() or not facet.whole)
        return (low, high) if inside else None
    if facet.column in chosen:
        return None
    if facet.kind in {"choice", "tags"} and condition.operator in {"=", "in"}:
        known = {option.casefold(): option for option in facet.options}
        wanted = [known.get(value.casefold()) for value in condition.values]
        return None if None in wanted else tuple(option for option in wanted if option is not None)
    if facet.kind == "text" and condition.operator == "~":
        return condition.values[0]
    return None


def _written(condition: Condition) -> str:
    match condition.operator:
        case "known":
            return condition.column
        case "in":
            return f"{condition.column} in ({', '.join(map(_quoted, condition.values))})"
        case operator:
            return f"{condition.column}{operator}{_quoted(condition.values[0])}"
