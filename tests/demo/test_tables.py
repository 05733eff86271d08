"""The committed demo data is complete, consistent and small."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from casting.demo import DATA, tables
from casting.demo.build import tasks
from casting.demo.people import everybody
from casting.demo.roles import everyone


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_cast_has_sixty_people_with_four_to_six_portraits_and_one_set_of_facts_each() -> None:
    cast = rows("cast.csv")
    assert tuple(cast[0]) == tuple(tables.CAST_COLUMNS)
    counts = Counter(row["name"] for row in cast)
    assert len(counts) == 60
    assert set(counts.values()) <= {4, 5, 6}
    facts = {tuple(value for key, value in row.items() if key != "photo") for row in cast}
    assert len(facts) == 60
    assert all(row["consent"] == "fictional person" and row["licence"] and row["source"] for row in cast)
    assert all(row["aliases"] for row in cast if row["name"] in {one.name for one in everybody() if one.hangul})


def test_every_picture_named_in_a_table_exists_and_no_other_does() -> None:
    named = {row["photo"] for row in rows("cast.csv")} | {row["image"] for row in rows("characters.csv")}
    found = {path.relative_to(DATA).as_posix() for path in DATA.rglob("*.webp")}
    assert named | {path for path in tasks() if path.startswith("panels/")} == found
    assert named < set(tasks())


def test_forty_characters_eight_of_them_based_on_nobody() -> None:
    characters, truth = rows("characters.csv"), rows("truth.csv")
    assert len({row["character"] for row in characters}) == 40
    assert len(characters) == 80
    nobody = {row["character"] for row in characters if not row["actor"]}
    assert len(nobody) == 8
    names = {one.name for one in everybody()}
    assert {row["actor"] for row in truth} <= names
    expected = {(r["image"], r["actor"], r["character"]) for r in characters if r["actor"]}
    assert {(row["image"], row["actor"], row["group"]) for row in truth} == expected
    assert {row["production"] for row in characters} == {row["title"] for row in rows("productions.csv")}


def test_each_actor_plays_at_most_one_character() -> None:
    actors = [role.actor for role in everyone() if role.actor]
    assert len(actors) == len(set(actors)) == 32


def test_committed_tables_are_what_the_code_writes() -> None:
    assert (DATA / "cast.csv").read_bytes() == tables.cast_csv()
    assert (DATA / "characters.csv").read_bytes() == tables.characters_csv()
    assert (DATA / "truth.csv").read_bytes() == tables.truth_csv()
    assert (DATA / "productions.csv").read_bytes() == tables.productions_csv()


def test_data_stays_below_twelve_megabytes() -> None:
    assert sum(path.stat().st_size for path in DATA.rglob("*") if path.is_file()) <= 12_000_000


@pytest.mark.parametrize(
    ("folder", "size"), [("photos", (512, 512)), ("characters", (640, 800)), ("panels", (1600, 1000))]
)
def test_pictures_have_their_size(folder: str, size: tuple[int, int]) -> None:
    paths: list[Path] = sorted((DATA / folder).rglob("*.webp"))
    assert paths
    for path in paths:
        with Image.open(path) as image:
            assert image.size == size, path
