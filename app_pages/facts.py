"""Facts about actors in the viewer's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app_pages import state
from app_pages.state import plain, t
from casting.exports import facts

ON_CARD = (("gender", "birth_year", "height_cm"), ("agency", "availability"))
"""Two lines: who, and how to get them."""


def column_name(column: str) -> str:
    """What a column is called, as a label."""
    name = t(f"fact.{column}")
    return name[:1].upper() + name[1:]


def value_name(value: object) -> str:
    """A value, translated where it is a common one; never markup."""
    return facts.value_name(state.language(), value)


def value_in(column: str, value: object) -> str:
    """A value as it reads on its own, such as `born 1998` or `164 cm`."""
    return facts.value_in(state.language(), column, value)


def line(known: Mapping[str, Any], columns: tuple[str, ...] = (*ON_CARD[0], *ON_CARD[1])) -> str:
    """Facts in one line, safe for Markdown."""
    return plain(
        " · ".join(value_in(column, known[column]) for column in columns if known.get(column) not in (None, "", ()))
    )
