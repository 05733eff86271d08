"""What people keep while they cast is there for everybody, is never mixed up, and goes with whom it is about."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from casting import Engine, Library, castings, forget, rebuild
from casting.castings import ChosenFace, feedback, history, shortlists
from casting.castings.history import KeptActor, compare
from casting.results import RankedActor
from castoon.errors import InputError
from embeddings.fakes import FakeEncoder

PictureMaker = Callable[..., bytes]


@pytest.fixture
def hero(ready: Library, draw: PictureMaker) -> Library:
    castings.characters.save(ready, "The  Hero ", [draw(2, 50), draw(2, 51)], production="Iron Tide")
    return ready


def test_a_character_keeps_pictures_and_chosen_faces(hero: Library, engine: Engine, draw: PictureMaker) -> None:
    saved = castings.characters.get(hero, "The Hero")
    assert len(saved.images) == 2
    assert saved.production == "Iron Tide"
    assert castings.rank_character(hero, engine, "The Hero").results[0].actor == "actor 2"
    box, points = (4.0, 5.0, 60.0, 61.0), ((20.0, 25.0), (42.0, 25.0), (31.0, 36.0), (22.0, 47.0), (40.0, 47.0))
    castings.characters.choose_face(hero, "The Hero", 1, ChosenFace(box, points))
    (_, second) = castings.characters.face_pictures(hero, engine, castings.characters.get(hero, "The Hero"))
    assert second.face.box == box
    assert second.face.points.tolist() == [list(point) for point in points]


def test_names_are_not_taken_twice_and_bad_pictures_are_refused(hero: Library, draw: PictureMaker) -> None:
    before = sorted((hero.folder / "characters").iterdir())
    with pytest.raises(InputError, match="one of this name already"):
        castings.characters.save(hero, "The Hero", [draw(4)])
    with pytest.raises(InputError, match="not a picture"):
        castings.characters.save(hero, "Other", [b"MZ not a picture"])
    with pytest.raises(InputError, match="has no name"):
        castings.characters.save(hero, "  ", [draw(4)])
    assert sorted((hero.folder / "characters").iterdir()) == before


def test_a_removed_character_leaves_no_picture_that_nobody_else_uses(hero: Library, draw: PictureMaker) -> None:
    castings.characters.save(hero, "Twin", [draw(2, 50)])
    castings.characters.remove(hero, "The Hero")
    (left,) = (hero.folder / "characters").iterdir()
    assert castings.characters.get(hero, "Twin").images == (f"characters/{left.name}",)


def test_two_people_at_one_entry_do_not_overwrite_each_other(hero: Library) -> None:
    shortlists.create(hero, "Leads", "Iron Tide")
    shortlists.add(hero, "Leads", "actor 1", character="The Hero", note="good eyes", author="a@studio.example")
    (seen,) = shortlists.entries(hero, "Leads")
    shortlists.change(hero, seen, status="audition")
    with pytest.raises(InputError, match="somebody else has changed"):
        shortlists.change(hero, seen, note="my own words")
    (entry,) = shortlists.entries(hero, "Leads")
    assert (entry.status, entry.note, entry.author, entry.character) == (
        "audition", "good eyes", "a@studio.example", "The Hero",
    )  # fmt: skip
    shortlists.add(hero, "Leads", "actor 1", character="The Hero", note="and a good voice")
    assert [one.note for one in shortlists.entries(hero, "Leads")] == ["good eyes\nand a good voice"]
    with pytest.raises(InputError, match="no such status"):
        shortlists.change(hero, entry, status="bought")
    with pytest.raises(InputError, match="Did you mean `actor 1`"):
        shortlists.add(hero, "Leads", "acto 1")


def test_those_set_aside_are_left_out_and_come_back(hero: Library, engine: Engine) -> None:
    feedback.give(hero, "The Hero", "actor 2", "wrong_person", note="another actor of this name")
    feedback.give(hero, "The Hero", "actor 2", "not_alike")
    (word,) = feedback.of_character(hero, "The Hero")
    assert word.reason == "not_alike"
    ranking = castings.rank_character(hero, engine, "The Hero", k=4)
    left = feedback.without(ranking, {word.actor_id}, 3)
    assert [row.rank for row in left.results] == [2, 3, 4]
    feedback.withdraw(hero, "The Hero", "actor 2")
    assert feedback.of_character(hero, "The Hero") == []


def test_a_kept_ranking_is_asked_again_of_todays_index(hero: Library, engine: Engine) -> None:
    ranking = castings.rank_character(hero, engine, "The Hero", k=3, where="name~actor")
    number = history.keep(hero, ranking, "The Hero", k=3)
    same = history.again(hero, engine, number)
    assert same.unchanged
    assert same.same_models
    gone = ranking.results[0].actor
    assert forget(hero, gone).proven
    rebuild(hero, engine)
    made = history.again(hero, engine, number)
    assert gone not in [row.actor for row in made.kept.results]
    assert made.today.index_version != made.kept.index_version
    assert [change.moved for change in made.changes] == [1, 1, None]
    assert made.changes[-1].was is None


def test_drawings_read_in_another_manner_are_not_compared_by_score(
    hero: Library, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = history.keep(hero, castings.rank_character(hero, engine, "The Hero", k=3), "The Hero", k=3)
    monkeypatch.setattr(FakeEncoder, "query_contract", "in a manner learnt since")
    again = history.again(hero, engine, number)
    assert again.unchanged
    assert not again.same_models


def test_differences_name_everybody_of_either_ranking() -> None:
    def row(rank: int, actor: int) -> RankedActor:
        return RankedActor(rank=rank, actor=f"a{actor}", actor_id=actor, score=1 / rank, similarity=1 / rank, spaces={},
                           contributions={}, photo="", photo_name="", photo_box=None, photo_cosine=0, margin=None,
                           flags=(), facts={})  # fmt: skip

    before = tuple(KeptActor(actor, f"a{actor}", rank, 1.0) for rank, actor in enumerate((1, 2, 3), 1))
    changes = compare(before, (row(1, 3), row(2, 1), row(3, 9)))
    assert [(one.actor_id, one.was, one.now, one.moved) for one in changes] == [
        (3, 3, 1, 2), (1, 1, 2, -1), (9, None, 3, None), (2, 2, None, None),
    ]  # fmt: skip


def test_an_older_catalog_opens_and_gets_the_new_tables(hero: Library) -> None:
    hero.close()
    connection = sqlite3.connect(hero.folder / "catalog.sqlite")
    for table in ("kept_results", "kept_rankings", "feedback"):
        connection.execute(f"DROP TABLE {table}")
    for table, column in (("characters", "faces"), ("shortlist_entries", "note"), ("shortlist_entries", "author")):
        connection.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    connection.execute("DROP INDEX ix_photos_file")
    connection.execute("UPDATE meta SET value = 2 WHERE key = 'schema'")
    connection.commit()
    connection.close()
    opened = Library.open(hero.folder)
    assert castings.characters.get(opened, "The Hero").faces == (ChosenFace(), ChosenFace())
    assert history.every(opened) == []
    assert feedback.of_character(opened, "The Hero") == []
    with sqlite3.connect(hero.folder / "catalog.sqlite") as again:
        assert again.execute("SELECT count(*) FROM sqlite_master WHERE name = 'ix_photos_file'").fetchone() == (1,)


def test_everything_has_a_command(ready: Library, draw: PictureMaker, tmp_path: Path) -> None:
    from casting.cli import app, keeping
    from casting.cli import castings as character_commands

    for group, name in (
        (character_commands.character, "character"), (character_commands.feedback, "feedback"),
        (keeping.shortlist, "shortlist"), (keeping.history, "history"),
    ):  # fmt: skip
        app.app.add_typer(group, name=name)
    picture = tmp_path / "hero.png"
    picture.write_bytes(draw(3, 9))

    def run(*words: str) -> object:
        result = CliRunner().invoke(app.app, [*words, "-l", str(ready.folder), "--json"])
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    run("character", "add", "Hero", str(picture), "--box", "2,2,60,62")
    assert run("character", "list")[0]["faces"][0]["box"] == [2.0, 2.0, 60.0, 62.0]  # type: ignore[index]
    pdf = tmp_path / "hero.pdf"
    ranked = run("character", "rank", "Hero", "-k", "2", "--pdf", str(pdf), "--language", "ko")
    first = ranked["results"][0]["actor"]  # type: ignore[index,call-overload]
    assert first == "actor 3"
    assert pdf.read_bytes().startswith(b"%PDF-1.7")
    run("shortlist", "add", "Leads", first, "--for", "Hero", "--note", "see again")
    (entry,) = run("shortlist", "show", "Leads")  # type: ignore[misc]
    assert run("shortlist", "set", "Leads", str(entry["id"]), "--status", "cast")["status"] == "cast"  # type: ignore[index,call-overload]
    number = run("history", "keep", "Hero")["number"]  # type: ignore[index,call-overload]
    assert run("history", "again", str(number))["unchanged"] is True  # type: ignore[index,call-overload]
    run("feedback", "give", "Hero", first, "--reason", "wrong_person")
    assert run("character", "rank", "Hero", "-k", "2")["results"][0]["rank"] == 2  # type: ignore[index,call-overload]
    run("feedback", "withdraw", "Hero", first)
    run("shortlist", "drop", "Leads", str(entry["id"]))
    run("history", "delete", str(number))
    run("character", "remove", "Hero")
