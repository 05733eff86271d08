"""Filters from a library's own columns: choices become a filter line, and the line becomes the choices again."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from casting.facets import Choice, choices_of, facets, line_of
from index.filters import parse

CAST: list[dict[str, Any]] = [
    {"name": f"A{n}", "gender": "female" if n % 2 else "male", "birth_year": 1980 + n, "height_cm": 160.5 + n,
     "agency": ("Moon, Star & Co", 'The "Nine"', "in (x)")[n % 3], "tags": ("drama", "액션")[: 1 + n % 2]}
    for n in range(12)
]  # fmt: skip
FOUND = facets(CAST)
BY_COLUMN = {facet.column: facet for facet in FOUND}


def test_columns_are_offered_by_what_they_hold() -> None:
    assert {facet.column: facet.kind for facet in FOUND} == {
        "gender": "choice", "birth_year": "range", "height_cm": "range", "agency": "choice", "tags": "tags",
    }  # fmt: skip
    assert BY_COLUMN["tags"].options == ("drama", "액션")
    assert BY_COLUMN["birth_year"].whole
    assert not BY_COLUMN["height_cm"].whole


def _subset(column: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(BY_COLUMN[column].options), min_size=1, unique=True).map(tuple)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "gender": _subset("gender"),
            "agency": _subset("agency"),
            "tags": _subset("tags"),
            "birth_year": st.tuples(st.integers(1981, 1985).map(float), st.integers(1986, 1990).map(float)),
        },
    )
)
def test_choices_survive_the_way_through_the_address(chosen: dict[str, Choice]) -> None:
    line = line_of(FOUND, chosen)
    again, rest = choices_of(FOUND, line)
    assert rest == ""
    assert {column: set(one) for column, one in again.items()} == {column: set(one) for column, one in chosen.items()}
    passing = [facts["name"] for facts in CAST if parse(line, list(CAST[0])).passes(facts)]
    wanted = [
        facts["name"] for facts in CAST
        if all(_holds(facts[column], one, column == "birth_year") for column, one in chosen.items())
    ]  # fmt: skip
    assert passing == wanted


def _holds(fact: Any, choice: Any, between: bool) -> bool:
    if between:
        return bool(choice[0] <= fact <= choice[1])
    return bool(set(fact if isinstance(fact, tuple) else (fact,)) & set(choice))


def test_what_no_facet_can_show_stays_as_text() -> None:
    chosen, rest = choices_of(FOUND, "gender=female, height_cm>170, name~A1, tags!=drama")
    assert chosen == {"gender": ("female",)}
    assert rest == "height_cm>170, name~A1, tags!=drama"
    assert choices_of(FOUND, "shoe_size=") == ({}, "shoe_size=")
