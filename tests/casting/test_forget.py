"""Forgetting: no byte of name, photo hash or vectors is left anywhere in the library."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from casting import Engine, Library, forget, import_cast, rank_image, rebuild
from casting.catalog import Actor, Note, Photo, Shortlist, ShortlistEntry
from castoon.errors import InputError
from castoon.images import decode


def all_bytes(folder: Path) -> bytes:
    return b"".join(path.name.encode() + path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_nothing_is_left(ready: Library, engine: Engine, draw) -> None:  # type: ignore[no-untyped-def]
    name = "actor 3"
    with ready.database.transaction() as session:
        actor = session.scalars(select(Actor).where(Actor.name == name)).one()
        actor.aliases = ["Zebedee Quince"]
        actor_id = actor.id
        shortlist = Shortlist(name="Leads")
        session.add(shortlist)
        session.flush()
        session.add(ShortlistEntry(shortlist_id=shortlist.id, actor_id=actor.id))
        session.add(Note(text="Zebedee Quince was splendid", actor_id=actor.id))
        photos = [(photo.sha256, photo.pixels) for photo in actor.photos]
    rebuild(ready, engine)
    live = ready.index.open()
    vectors = [live.space(space).vectors[live.space(space).rows(live.space(space).position[f"a{actor_id:08d}"])]
               for space in live.spaces]  # fmt: skip
    traces = [name.encode(), b"Zebedee", *(part.encode() for pair in photos for part in pair),
              *(row.tobytes() for block in vectors for row in block)]  # fmt: skip
    before = all_bytes(ready.folder)
    assert all(trace in before for trace in traces)
    assert len(ready.index.names()) == 2

    report = forget(ready, name)
    assert (report.photos, report.vectors, report.proven) == (3, 6, True)
    after = all_bytes(ready.folder)
    assert [trace for trace in traces if trace in after] == []
    answer = rank_image(ready, engine, decode(draw(3, 1)).pixels, k=10)
    assert len(answer.results) == 5
    assert rebuild(ready, engine).computed == 0
    with ready.database.session() as session:
        assert session.query(Photo).count() == 15


def test_an_unknown_name_is_not_guessed(ready: Library) -> None:
    with pytest.raises(InputError, match="Did you mean `actor 3`"):
        forget(ready, "actor3")
    assert ready.index.open().spaces["arcface:photo"].owners == 6


def test_a_trace_that_is_left_is_reported(ready: Library) -> None:
    (ready.folder / "characters" / "notes.txt").write_text("seen with actor 3")
    report = forget(ready, "actor 3")
    assert not report.proven
    assert report.left == ("characters/notes.txt",)


def test_the_last_actor_can_be_forgotten(library: Library, engine: Engine, tmp_path: Path, draw) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "cast" / "solo").mkdir(parents=True)
    (tmp_path / "cast" / "solo" / "1.png").write_bytes(draw(1))
    import_cast(library, tmp_path / "cast", engine.finder)
    rebuild(library, engine)
    assert forget(library, "solo").proven
    assert rank_image(library, engine, decode(draw(1)).pixels).results == ()
