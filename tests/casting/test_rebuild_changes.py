"""A rebuild computes what changed and nothing else, survives bad photos, and mends a damaged index."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import delete, select
from typer.testing import CliRunner

from casting import Engine, Library, import_cast, rebuild
from casting.catalog import Actor, Photo, PhotoFace
from casting.cli import libraries, rebuilding, versions
from casting.cli.app import app
from castoon.errors import InputError, NotReadyError
from embeddings.fakes import FakeEncoder
from index import drafts

assert libraries
assert rebuilding
SPACE = "arcface:photo"


def photos_of(library: Library, actor: str) -> set[str]:
    index = library.index.open()
    space = index.space(SPACE)
    owner = next(key for key, known in index.facts.items() if known["name"] == actor)
    return set(space.sources[space.rows(space.position[owner])]) if owner in space.position else set()


def test_nothing_to_do_publishes_nothing(ready: Library, engine: Engine) -> None:
    live = ready.index.live
    report = rebuild(ready, engine)
    assert (report.wanted, report.computed, report.published, report.version) == (0, 0, False, live)


def test_a_photo_that_changes_hands_changes_both_actors(
    ready: Library, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "LAYERED_FROM", 0)
    monkeypatch.setattr(drafts, "CHANGED_SHARE", 9.0)
    with ready.database.transaction() as session:
        photo = session.scalars(select(Photo).join(Actor).where(Actor.name == "actor 1")).first()
        assert photo is not None
        photo.actor = session.scalars(select(Actor).where(Actor.name == "actor 2")).one()
        moved = photo.sha256
    report = rebuild(ready, engine)
    assert (report.computed, report.published) == (0, True)
    assert moved in photos_of(ready, "actor 2")
    assert moved not in photos_of(ready, "actor 1")
    assert (len(photos_of(ready, "actor 2")), len(photos_of(ready, "actor 1"))) == (4, 2)
    assert ready.index.verify().layers[SPACE][0].gone == 2


def test_facts_alone_are_published_too(ready: Library, engine: Engine) -> None:
    with ready.database.transaction() as session:
        session.scalars(select(Actor).where(Actor.name == "actor 1")).one().gender = "female"
    assert rebuild(ready, engine).published
    index = ready.index.open()
    (hits,) = index.search(SPACE, index.space(SPACE).vectors[:1], 9, "gender=female")
    assert [index.facts[hit.owner]["name"] for hit in hits] == ["actor 1"]


def test_full_computes_anew_and_keeps_one_of_each(ready: Library, engine: Engine) -> None:
    before = ready.vectors.verify()
    report = rebuild(ready, engine, full=True)
    after = ready.vectors.verify()
    assert report.computed == before["vectors"] == after["vectors"]
    assert (after["damaged"], after["erased"]) == (0, before["vectors"])
    assert report.published


def test_a_photo_that_breaks_a_model_stops_no_other_and_is_tried_again(
    library: Library, engine: Engine, cast_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_cast(library, cast_folder, engine.finder)
    encode = FakeEncoder.encode_gallery
    with library.database.session() as session:
        bad = session.scalars(select(Photo).join(Actor).where(Actor.name == "actor 4")).first()
        assert bad is not None
    from castoon.images import read

    pixels = read(library.folder / bad.file).pixels

    def picky(self, faces):  # type: ignore[no-untyped-def]
        if any(np.array_equal(face.image, pixels) for face in faces):
            raise RuntimeError("the network choked")
        return encode(self, faces)

    with monkeypatch.context() as patch:
        patch.setattr(FakeEncoder, "encode_gallery", picky)
        report = rebuild(library, engine)
        assert [(one.thing, "the network choked" in one.reason) for one in report.failed] == [(bad.file, True)]
        assert report.published
        assert report.spaces[SPACE]["vectors"] == 17
        again = rebuild(library, engine)
        assert (len(again.failed), again.published) == (1, False)
    with library.database.session() as session:
        assert session.get_one(Photo, bad.id).failure
    mended = rebuild(library, engine)
    assert (mended.failed, mended.spaces[SPACE]["vectors"]) == ([], 18)
    with library.database.session() as session:
        assert session.get_one(Photo, bad.id).failure is None


def test_a_model_that_never_works_is_not_blamed_on_the_photos(
    library: Library, cast_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Library.open(library.folder, pack="fake", batch=4) if library else library
    engine = Engine(opened.settings)
    import_cast(opened, cast_folder, engine.finder)

    def broken(self, faces):  # type: ignore[no-untyped-def]
        raise RuntimeError("no such provider")

    monkeypatch.setattr(FakeEncoder, "encode_gallery", broken)
    with pytest.raises(RuntimeError, match="no such provider"):
        rebuild(opened, engine)
    assert opened.index.live is None


def test_a_file_that_is_gone_fails_alone(
    library: Library, engine: Engine, cast_folder: Path, draw: Callable[..., bytes]
) -> None:
    import_cast(library, cast_folder, engine.finder)
    with library.database.session() as session:
        gone = session.scalars(select(Photo.file)).first()
    assert gone is not None
    (library.folder / gone).unlink()
    report = rebuild(library, engine)
    assert [one.thing for one in report.failed] == [gone]
    assert isinstance(report.failed[0], InputError)
    assert report.spaces[SPACE]["vectors"] == 17


def test_a_photo_that_breaks_the_finder_stops_no_other(
    library: Library, engine: Engine, cast_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_cast(library, cast_folder, engine.finder)
    with library.database.transaction() as session:
        session.execute(delete(PhotoFace))
    find = type(engine.finder).find
    asked = itertools.count(1)

    def picky(self, image, hint="auto"):  # type: ignore[no-untyped-def]
        if next(asked) == 5:
            raise RuntimeError("out of its depth")
        return find(self, image, hint)

    monkeypatch.setattr(type(engine.finder), "find", picky)
    report = rebuild(library, engine)
    assert ["out of its depth" in one.reason for one in report.failed] == [True]
    assert report.spaces[SPACE]["vectors"] == 17
    assert rebuild(library, engine).spaces[SPACE]["vectors"] == 18


@pytest.mark.parametrize("damage", ["missing", "cut", "flipped"])
def test_a_damaged_index_is_named_by_verify_and_mended_by_a_rebuild(
    ready: Library, engine: Engine, damage: str
) -> None:
    live = ready.index.live
    assert live is not None
    victim = next(ready.index.path(live).glob("*.vectors.npy"))
    content = bytearray(victim.read_bytes())
    content[-5] ^= 4
    victim.unlink()
    if damage != "missing":
        victim.write_bytes(content if damage == "flipped" else content[:-9])
    said = CliRunner().invoke(app_with_index(), ["index", "verify", "--library", str(ready.folder), "--json"])
    assert said.exit_code == 4
    told = json.loads(said.stdout)["error"]
    assert told["thing"] == str(victim)
    assert "castoon rebuild" in told["next_step"]
    report = rebuild(ready, engine)
    assert (report.computed, report.published) == (0, True)
    assert victim.name in report.mended
    ready.index.verify()
    with pytest.raises(NotReadyError, match=victim.name):
        ready.index.roll_back()


def app_with_index():  # type: ignore[no-untyped-def]
    if not any(group.name == "index" for group in app.registered_groups):
        app.add_typer(versions.app, name="index")
    return app


def test_versions_on_the_command_line(ready: Library, engine: Engine) -> None:
    first = ready.index.live
    rebuild(ready, engine, full=True)

    def say(*words: str) -> object:
        said = CliRunner().invoke(app_with_index(), ["index", *words, "--library", str(ready.folder), "--json"])
        assert said.exit_code == 0, said.output
        return json.loads(said.stdout)

    listed = say("list")
    assert [one["live"] for one in listed] == [False, True]  # type: ignore[attr-defined]
    assert listed[0]["search"][SPACE] == "exact"  # type: ignore[index]
    assert "castoon rebuild, " in listed[0]["made_by"]  # type: ignore[index]
    checked = say("verify", "--all")
    assert len(checked["versions"]) == 2  # type: ignore[index]
    assert checked["stored"]["damaged"] == 0  # type: ignore[index]
    assert say("rollback", str(first)) == {"version": first}
    assert ready.index.live == first
