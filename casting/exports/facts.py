"""Facts about actors in English and Korean; what a library calls its own way is shown as it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from casting.exports.words import Language, chosen

PHRASES: dict[str, tuple[str, str]] = {
    "birth_year": ("born {value}", "{value}년생"),
    "height_cm": ("{value}\u00a0cm", "{value}\u00a0cm"),
    "aliases": ("also {value}", "다른 이름 {value}"),
}
"""Of columns whose values say little alone: how one reads."""
VALUES: dict[str, tuple[str, str]] = {
    "male": ("male", "남성"),
    "female": ("female", "여성"),
    "available": ("available", "일정 가능"),
    "booked": ("booked", "일정 불가"),
    "action": ("action", "액션"),
    "comedy": ("comedy", "코미디"),
    "drama": ("drama", "드라마"),
    "family": ("family", "가족"),
    "fantasy": ("fantasy", "판타지"),
    "historical": ("historical", "사극"),
    "romance": ("romance", "로맨스"),
    "thriller": ("thriller", "스릴러"),
    "Independent": ("Independent", "무소속"),
}
FIRST = ("gender", "birth_year", "height_cm", "agency", "availability", "tags")
"""Who somebody is, and how to get them, before what else a library knows."""
_FROM = re.compile(r"from (\d{4}-\d{2})")
_FROM_WORDS = ("from {month}", "{month}부터 가능")


def value_name(language: Language, value: object) -> str:
    """A value, translated where it is a common one."""
    text = str(value)
    if text in VALUES:
        return chosen(language, VALUES[text])
    if month := _FROM.fullmatch(text):
        return chosen(language, _FROM_WORDS).format(month=month[1])
    return text


def value_in(language: Language, column: str, value: object) -> str:
    """A value as it reads on its own, such as `born 1998` or `164 cm`."""
    if isinstance(value, list | tuple):
        shown = ", ".join(value_name(language, part) for part in value)
    else:
        shown = f"{value:g}" if isinstance(value, float) else value_name(language, value)
    return chosen(language, PHRASES[column]).format(value=shown) if column in PHRASES else shown


def line(language: Language, facts: Mapping[str, Any]) -> str:
    """All facts in one line; a number that no phrase explains is named by its column."""
    parts = []
    for column in (*FIRST, *(one for one in facts if one not in FIRST)):
        value = facts.get(column)
        if value in (None, "", (), []):
            continue
        named = isinstance(value, int | float) and column not in PHRASES
        said = value_in(language, column, value)
        parts.append(f"{column.replace('_', ' ')} {said}" if named else said)
    return "\u00a0· ".join(parts)
