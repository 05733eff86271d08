"""Keeping a library in order: edits are judged like imports, merges lose nothing, the index knows its lag."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps
from sqlalchemy import select

from casting import Engine, Library, forget, import_cast, rank_image, rebuild
from casting.catalog import Actor, Decision, Note, Photo, Shortlist, ShortlistEntry
from casting.curation import (
    Pending,
    Upload,
    actor_records,
    add_photos,
    dismiss,
    edit_actor,
    merge_actors,
    move_photos,
    pending,
    photo_records,
    remove_photos,
    rename_actor,
    review,
    set_rights,
)
from casting.curation.review import _People, _same_person
from casting.progress import Silent
from castoon.errors import InputError, NotReadyError
from castoon.images import decode

Maker = Callable[..., bytes]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, draw: Maker) -> Path:
    """Six people with three photos each, imported and indexed once; tests work on copies."""
    home = tmp_path_factory.mktemp("curation")
    for person in range(6):
        (home / "cast" / f"actor {person}").mkdir(parents=True)
        for take in range(3):
            (home / "cast" / f"actor {person}" / f"{take}.png").write_bytes(draw(person, take))
    library = Library.create(home / "library", pack="fake")
    engine = Engine(library.settings)
    import_cast(library, home / "cast", engine.finder)
    rebuild(library, engine)
    library.close()
    return home / "library"


@pytest.fixture
def ready(template: Path, tmp_path: Path) -> Iterator[Library]:
    shutil.copytree(template, tmp_path / "library")
    library = Library.open(tmp_path / "library")
    yield library
    library.close()


@pytest.fixture
def engine(ready: Library) -> Engine:
    return Engine(ready.settings)


@pytest.fixture(scope="module")
def draw() -> Maker:
    """Pictures whose takes differ as photos do: a pattern of the person's own, and one of the moment."""

    def pattern(*seed: int) -> np.ndarray:
        return np.random.default_rng(seed).integers(0, 255, (8, 8, 3)).astype(np.float32)

    def drawn(person: int, take: int = 0) -> bytes:
        mixed = 0.52 * pattern(person) + 0.48 * pattern(person, take)
        image = Image.fromarray(mixed.astype(np.uint8)).resize((64, 64), Image.Resampling.BICUBIC)
        buffer = io.BytesIO()
        image.save(buffer, "PNG")
        return buffer.getvalue()

    return drawn


def packed(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_actors_are_searched_filtered_and_sorted(ready: Library) -> None:
    edit_actor(ready, "actor 2", {"tags": ["멜로", "drama"], "birth_year": 1990, "gender": "Female"})
    edit_actor(ready, "actor 4", {"birth_year": 2001})
    assert [row.name for row in actor_records(ready, search="멜로 ACTOR")] == ["actor 2"]
    assert [row.name for row in actor_records(ready, where="birth_year>=1990", order="birth_year")] == [
        "actor 4",
        "actor 2",
    ]
    assert next(row.name for row in actor_records(ready, order="newest")) == "actor 5"
    assert actor_records(ready, where="gender=female")[0].photos == 3
    with pytest.raises(InputError, match="Columns are"):
        actor_records(ready, where="shoe>3")


def test_facts_are_judged_like_those_of_a_table(ready: Library) -> None:
    assert edit_actor(ready, "actor 1", {"height_cm": "171.5", "aliases": "A; B", "agency": "  Blue  "})
    record = actor_records(ready, search="actor 1")[0]
    assert (record.height_cm, record.aliases, record.agency) == (171.5, ("A", "B"), "Blue")
    assert not edit_actor(ready, "actor 1", {"agency": "Blue"})
    assert edit_actor(ready, "actor 1", {"agency": None, "aliases": []})
    assert actor_records(ready, search="actor 1")[0].agency is None
    for facts, says in (({"birth_year": 1700}, "1850"), ({"shoe": 3}, "Columns are"), ({"agency": "x" * 600}, "600")):
        with pytest.raises(InputError, match=says):
            edit_actor(ready, "actor 1", facts)
    with pytest.raises(InputError, match="does not know"):
        edit_actor(ready, "nobody", {})


def test_a_name_belongs_to_one_actor(ready: Library) -> None:
    assert rename_actor(ready, "actor 1", "  김  하늘 ") == "김 하늘"
    with pytest.raises(InputError, match="another actor"):
        rename_actor(ready, "actor 2", "김 하늘")
    with pytest.raises(InputError, match="no name"):
        rename_actor(ready, "actor 2", " ")


def test_rights_of_photos_can_be_told_and_asked_for(ready: Library) -> None:
    mine = photo_records(ready, [actor_records(ready, search="actor 3")[0].id])
    assert len(mine) == 3
    assert set_rights(ready, [one.id for one in mine[:2]], {"consent": "signed 2024-05-01", "licence": "agency"}) == 2
    record = actor_records(ready, search="actor 3")[0]
    assert (record.without_consent, record.without_licence) == (1, 1)
    assert len(photo_records(ready, lacks="consent")) == 16
    assert len(actor_records(ready, lacks="consent")) == 6
    set_rights(ready, [mine[0].id], {"consent": None})
    assert photo_records(ready, [record.id])[0].consent is None
    with pytest.raises(InputError, match="does not hold"):
        set_rights(ready, [10**6], {"consent": "x"})


def test_the_index_knows_how_far_it_is_behind(ready: Library, engine: Engine) -> None:
    assert pending(ready) == Pending()
    rename_actor(ready, "actor 5", "new name")
    first = photo_records(ready, [actor_records(ready, search="actor 1")[0].id])
    move_photos(ready, [first[0].id], "actor 2")
    remove_photos(ready, [first[1].id])
    behind = pending(ready)
    assert (behind.moved_photos, behind.gone_photos, behind.changed_actors, behind.new_photos) == (1, 1, 1, 0)
    assert bool(behind)
    assert behind.total == 3
    assert rebuild(ready, engine).computed == 0
    assert not pending(ready)
    set_rights(ready, [first[0].id], {"consent": "x"})
    assert not pending(ready)


def test_a_removed_photo_is_gone_from_disk_and_rankings(ready: Library, engine: Engine, draw: Maker) -> None:
    victim = photo_records(ready)[4]
    assert remove_photos(ready, [victim.id]) == 1
    assert not (ready.folder / victim.file).exists()
    rebuild(ready, engine)
    live = ready.index.open()
    assert all(victim.sha256 not in live.space(name).sources for name in live.spaces)
    assert rank_image(ready, engine, decode(draw(1, 1)).pixels).results[0].actor == "actor 1"


def test_a_moved_photo_answers_for_its_new_owner(ready: Library, engine: Engine) -> None:
    photo = photo_records(ready)[0]
    assert move_photos(ready, [photo.id], "somebody new") == "somebody new"
    rebuild(ready, engine)
    pixels = decode((ready.folder / photo.file).read_bytes()).pixels
    assert rank_image(ready, engine, pixels).results[0].actor == "somebody new"


def test_a_merge_loses_nothing(ready: Library, engine: Engine) -> None:
    edit_actor(ready, "actor 1", {"agency": "Blue", "tags": ["drama"]})
    edit_actor(ready, "actor 0", {"agency": "Red", "birth_year": 1980})
    numbers = {row.name: row.id for row in actor_records(ready)}
    with ready.database.transaction() as session:
        shortlist = Shortlist(name="Leads")
        session.add(shortlist)
        session.flush()
        session.add(ShortlistEntry(shortlist_id=shortlist.id, actor_id=numbers["actor 0"]))
        session.add(Note(text="good", actor_id=numbers["actor 0"]))
    assert merge_actors(ready, "actor 1", "actor 0") == "actor 1"
    kept = actor_records(ready, search="actor 1")[0]
    assert (kept.photos, kept.agency, kept.birth_year, kept.aliases, kept.tags) == (
        6,
        "Blue",
        1980,
        ("actor 0",),
        ("drama",),
    )
    with ready.database.session() as session:
        assert session.scalar(select(Note.actor_id)) == kept.id
        assert session.scalar(select(ShortlistEntry.actor_id)) == kept.id
        assert len(list(session.scalars(select(Photo)))) == 18
        assert session.scalar(select(Actor.id).where(Actor.name == "actor 0")) is None
    assert rebuild(ready, engine).computed == 0
    with pytest.raises(InputError, match="itself"):
        merge_actors(ready, "actor 1", "actor 1")


def test_uploads_are_imported_for_one_actor_with_their_rights(ready: Library, engine: Engine, draw: Maker) -> None:
    uploads = [
        Upload("a.png", draw(40, 0)),
        Upload("renamed.jpg", b"MZ\x90\x00 this program cannot be run"),
        Upload("more.zip", packed({"x/b.png": draw(40, 1), "notes.txt": b"hello", "x/cast.csv": b"name,photo"})),
        Upload("../evil.png", draw(40, 2)),
    ]
    watcher = Silent()
    report = add_photos(
        ready, engine.finder, uploads, actor=" New  Face ", facts={"gender": "female"},
        rights={"consent": "written"}, progress=watcher,
    )  # fmt: skip
    assert (report.photos, report.actors) == (2, 1)
    assert {error.thing: error.reason.split()[0] for error in report.refused}.keys() == {
        "renamed.jpg", "notes.txt", "x/cast.csv", "../evil.png",
    }  # fmt: skip
    record = actor_records(ready, search="new face")[0]
    assert (record.gender, record.photos, record.without_consent) == ("female", 2, 0)
    assert pending(ready, ready.index.open()).new_photos == 2
    again = add_photos(ready, engine.finder, uploads[:1], actor="New Face")
    assert (again.photos, again.present) == (0, 1)


def test_folders_and_tables_in_uploads_say_whose_picture_it_is(ready: Library, engine: Engine, draw: Maker) -> None:
    folders = [Upload("cast/Ann/1.png", draw(50)), Upload("cast/Ben/1.png", draw(51)), Upload("stray.png", draw(52))]
    report = add_photos(ready, engine.finder, folders)
    assert report.photos == 0 or "no actor's folder" in report.refused[0].reason
    assert [row.name for row in actor_records(ready, search="cast")] in ([], ["cast"])
    table = b"name,photo,consent\nCho,1.png,signed\n"
    report = add_photos(
        ready, engine.finder, [Upload("cast.csv", table), Upload("1.png", draw(53))], rights={"consent": "other"}
    )
    assert (report.photos, report.refused) == (1, [])
    assert photo_records(ready, [actor_records(ready, search="Cho")[0].id])[0].consent == "signed"


def test_a_bomb_is_refused_alone(ready: Library, engine: Engine, draw: Maker) -> None:
    bomb = packed({"Bo/1.png": bytes(30_000_000), "Bo/2.png": draw(60)})
    report = add_photos(ready, engine.finder, [Upload("b.zip", bomb), Upload("c.zip", b"PK\x03\x04 broken")])
    assert report.photos == 1
    assert sorted(error.thing for error in report.refused) == ["Bo/1.png", "c.zip"]
    assert any("bombs" in error.reason for error in report.refused)


def copy_of(content: bytes) -> bytes:
    image = ImageOps.mirror(Image.open(io.BytesIO(content)).convert("RGB")).resize((48, 48))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=70)
    return buffer.getvalue()


def test_a_review_finds_what_is_wrong_and_takes_no_for_an_answer(ready: Library, engine: Engine, draw: Maker) -> None:
    assert len(review(ready)) == 0
    twins = [Upload(f"{take}.png", draw(4, take)) for take in (20, 21, 22)]
    add_photos(ready, engine.finder, twins, actor="actor 4 again")
    add_photos(ready, engine.finder, [Upload("mirror.jpg", copy_of(draw(1, 0)))], actor="actor 1")
    add_photos(ready, engine.finder, [Upload("wrong.png", draw(3, 30))], actor="actor 2")
    unseen = review(ready)
    assert unseen.not_indexed == 5
    assert [one.actor == one.copy_actor for one in unseen.duplicates] == [True]
    rebuild(ready, engine)
    numbers = {row.name: row.id for row in actor_records(ready)}
    found = review(ready)
    names = {one.id: one.original for one in photo_records(ready)}
    assert [names[one.copy] for one in found.duplicates] == ["mirror.jpg"]
    assert [names[one.photo] for one in found.somebody_else] == ["wrong.png"]
    assert found.somebody_else[0].resembles == numbers["actor 3"]
    for one in (*found.duplicates, *found.somebody_else, *found.same_person):
        dismiss(ready, one)
        dismiss(ready, one)
    again = review(ready)
    assert (len(again), again.dismissed) == (0, len(found))
    forget(ready, "actor 4 again")
    with ready.database.session() as session:
        left = [row.kind for row in session.scalars(select(Decision))]
    assert {"duplicate", "somebody_else"} <= set(left)


def test_a_person_recorded_twice_stands_out() -> None:
    rng = np.random.default_rng(5)
    label = np.repeat(np.arange(30), 4)
    rows = rng.normal(size=(30, 64))[label] + 0.8 * rng.normal(size=(120, 64))
    vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    owner = label.copy()
    owner[[28, 29]] = 30
    sums = np.zeros((31, 64), np.float32)
    np.add.at(sums, owner, vectors)
    people = _People(list(range(120)), owner, list(range(31)), vectors, sums)
    assert [(one.actor, one.other) for one in _same_person(people)] == [(7, 30)]
    whole = _People(list(range(120)), label, list(range(30)), vectors, np.add.reduceat(vectors, range(0, 120, 4)))
    assert list(_same_person(whole)) == []


def test_a_review_can_be_stopped(ready: Library) -> None:
    assert review(ready, Silent(stopped=True)).stopped


def test_nothing_moves_while_another_job_writes(ready: Library) -> None:
    photo = photo_records(ready)[0]
    with ready.writing("something long"), pytest.raises(NotReadyError, match="something long"):
        remove_photos(ready, [photo.id])
    assert (ready.folder / photo.file).exists()
