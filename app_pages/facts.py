"""Facts about actors in the viewer's language; what a library calls its own way is shown as it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app_pages.state import has_words, plain, t

ON_CARD = (("gender", "birth_year", "height_cm"), ("agency", "availability"))
"""Two lines: who, and how to get them."""
_FROM = re.compile(r"from (\d{4}-\d{2})")


def column_name(column: str) -> str:
    """What a column is called, as a label."""
    name = t(f"fact.{column}")
    return name[:1].upper() + name[1:]


def value_name(value: object) -> str:
    """A value, translated where it is a common one; never markup."""
    text = str(value)
    if has_words(f"value.{text}"):
        return t(f"value.{text}")
    if month := _FROM.fullmatch(text):
        return t("value.from", month=month[1])
    return text


def value_in(column: str, value: object) -> str:
    """A value as it reads on its own, such as `born 1998` or `164 cm`."""
    if isinstance(value, list | tuple):
        return ", ".join(value_name(part) for part in value)
    shown = f"{value:g}" if isinstance(value, float) else value_name(value)
    return t(f"phrase.{column}", value=shown) if has_words(f"phrase.{column}") else shown


def line(facts: Mapping[str, Any], columns: tuple[str, ...] = (*ON_CARD[0], *ON_CARD[1])) -> str:
    """Facts in one line, safe for Markdown."""
    return plain(
        " · ".join(value_in(column, facts[column]) for column in columns if facts.get(column) not in (None, "", ()))
    )
