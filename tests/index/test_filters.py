"""Filters mean what they say, are typed, and refuse what they do not understand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from castoon.errors import InputError
from index import filters
from index.contract import Facts

COLUMNS = {"gender", "birth_year", "tags", "agency", "availability"}
KIM: Facts = {
    "gender": "female",
    "birth_year": 1992,
    "tags": ("action", "Historical"),
    "agency": "B, C",
    "availability": "",
}


@pytest.mark.parametrize(
    ("where", "passes"),
    [
        ("", True),
        ("gender=female", True),
        ("gender = FEMALE", True),
        ("gender!=female", False),
        ("gender!=male", True),
        ("birth_year>=1992", True),
        ("birth_year>1992", False),
        ("birth_year=1992.0", True),
        ("tags=action", True),
        ("tags=act", False),
        ("tags~act", True),
        ("tags ~ histor", True),
        ('agency in (A, "B, C")', True),
        ("agency in (A, B)", False),
        ("agency in (A)", False),
        ("availability", False),
        ("agency", True),
        ("gender=female, birth_year<1990", False),
        ('agency="b, c",gender=female', True),
    ],
)
def test_meaning(where: str, passes: bool) -> None:
    assert filters.parse(where, COLUMNS).passes(KIM) is passes


def test_unknown_facts_pass_nothing() -> None:
    for where in ("gender=female", "gender!=female", "birth_year<3000", "tags ~ x"):
        assert not filters.parse(where, COLUMNS).passes({})


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ("age>3", "Columns are: agency"),
        ("birth_year>=young", "not a number"),
        ("gender=", "a value is missing"),
        ("=female", "a column was expected"),
        ("agency in (A, B", "not closed"),
        ("gender=female gender=male", "comma was expected"),
        ('gender="', "cannot be read"),
    ],
)
def test_what_is_not_understood_is_refused_with_help(where: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        filters.parse(where, COLUMNS)


@given(st.text(max_size=40))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        filters.parse(text, COLUMNS).passes(KIM)
    except InputError as error:
        assert error.next_step


@given(st.text(min_size=1, max_size=20).filter(lambda t: "\\" not in t and '"' not in t))
def test_a_quoted_value_is_taken_to_the_letter(value: str) -> None:
    parsed = filters.parse(f'agency="{value}"', COLUMNS)
    assert parsed.conditions[0].values == (value,)
