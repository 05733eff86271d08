"""Forgetting: no byte of name, photo hash or vectors is left anywhere in the library."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from casting import Engine, Library, forget, import_cast, rank_image, rebuild
from casting.catalog import Actor, Note, Photo, Run, Shortlist, ShortlistEntry
from castoon.errors import InputError
from castoon.images import decode
from index import backends, drafts


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
    owner = f"a{actor_id:08d}"
    vectors = [rows for space in (live.space(name) for name in live.spaces) for place in [space.position[owner]]
               for rows in (space.vectors[space.rows(place)], space.centroids[place : place + 1])]  # fmt: skip
    traces = [name.encode(), b"Zebedee", *(part.encode() for pair in photos for part in pair),
              *(row.tobytes() for block in vectors for row in block)]  # fmt: skip
    before = all_bytes(ready.folder)
    assert all(trace in before for trace in traces)
    assert len(ready.index.names()) == 2

    report = forget(ready, name)
    assert (report.photos, report.vectors, report.proven) == (3, 3 * len(live.spaces), True)
    after = all_bytes(ready.folder)
    assert [trace for trace in traces if trace in after] == []
    answer = rank_image(ready, engine, decode(draw(3, 1)).pixels, k=10)
    assert len(answer.results) == 5
    assert rebuild(ready, engine).computed == 0
    with ready.database.session() as session:
        assert session.query(Photo).count() == 15


@pytest.mark.parametrize("kind", ["layers", "rounded", "hnsw", "ivfpq"])
def test_nothing_is_left_in_any_kind_of_index(ready: Library, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The actor stands in a base layer, in changes over it, and in approximate structures of kept versions."""
    monkeypatch.setattr(drafts, "LAYERED_FROM", 0)
    monkeypatch.setattr(drafts, "CHANGED_SHARE", 9.0)
    monkeypatch.setattr(backends, "APPROXIMATE_FROM", 4)
    folder = ready.folder
    if kind == "rounded":
        monkeypatch.setattr(backends, "ROUNDED_FROM", 1)
        publish_again(ready, Library.open(folder))
    elif kind != "layers":
        (folder / "castoon.toml").write_text(f'pack = "fake"\nindex_backend = "{kind}"\n')
        monkeypatch.setattr(backends, "RECALL_ASKED", 0.0)
        monkeypatch.setattr(backends, "build", build_anyhow)
        publish_again(ready, Library.open(folder))
    opened = Library.open(folder)
    with opened.database.transaction() as session:
        photo = session.scalars(select(Photo).join(Actor).where(Actor.name == "actor 3")).first()
        assert photo is not None
        photo.faces[-1].box = [value + 0.25 for value in photo.faces[-1].box]
        owner = f"a{photo.actor_id:08d}"
    rebuild(opened, Engine(opened.settings))
    live = opened.index.open()
    layers = live.layered["arcface:photo"].layers
    assert len(layers) == 2
    vectors = [row.tobytes() for layer in layers for row in
               layer.data.vectors[layer.data.rows(layer.data.position[owner])]]  # fmt: skip
    if kind == "rounded":
        rounded, data = layers[0].rows("centroid").rounded, layers[0].data
        assert rounded is not None
        place = data.position[owner]
        vectors += [rounded.stored(data.centroids[place : place + 1]).tobytes()]
    before = all_bytes(folder)
    assert all(vector in before for vector in vectors)
    assert forget(opened, "actor 3").proven
    after = all_bytes(folder)
    assert b"actor 3" not in after
    assert not any(vector in after for vector in vectors)
    assert kind == "rounded" or not list(folder.rglob("*.faiss"))
    assert opened.index.open().spaces["arcface:photo"].owners == 5


def publish_again(ready: Library, opened: Library) -> None:
    """The same content, written as the settings now say."""
    live = ready.index.open()
    opened.index.publish([live.space(name) for name in live.spaces], live.facts, 0)


def build_anyhow(rows, kind: str, threads: int = 1):  # type: ignore[no-untyped-def]
    """A structure over fewer rows than quantisers like."""
    import faiss

    if kind == "hnsw":
        made = faiss.IndexHNSWSQ(rows.shape[1], faiss.ScalarQuantizer.QT_8bit, 8, faiss.METRIC_INNER_PRODUCT)
    else:
        made = faiss.index_factory(rows.shape[1], "IVF1,PQ4x2", faiss.METRIC_INNER_PRODUCT)
    made.train(rows)
    made.add(rows)
    return made


def test_a_vector_that_is_left_is_found(ready: Library) -> None:
    """The proof reads numbers too: a copy of one vector in a forgotten corner is reported."""
    live = ready.index.open()
    space = live.space("arcface:photo")
    actor = next(owner for owner, known in live.facts.items() if known["name"] == "actor 3")
    np.save(ready.folder / "characters" / "export.npy", space.vectors[space.rows(space.position[actor])][1:2])
    assert forget(ready, "actor 3").left == ("characters/export.npy",)


def test_a_damaged_index_does_not_keep_anybody(ready: Library, engine: Engine) -> None:
    live = ready.index.live
    assert live is not None
    next(ready.index.path(live).glob("*.rows")).write_bytes(b"")
    fresh = Library.open(ready.folder)
    assert forget(fresh, "actor 3").proven
    assert fresh.index.live is None
    assert rebuild(fresh, engine).spaces["arcface:photo"]["owners"] == 5


def test_errors_of_old_jobs_are_cleared(ready: Library) -> None:
    with ready.database.transaction() as session:
        session.add(Run(kind="rebuild", state="failed", detail={"reason": "photos/actor 3.png broke", "computed": 4}))
    assert forget(ready, "actor 3").proven
    with ready.database.session() as session:
        assert session.scalars(select(Run).order_by(Run.id.desc())).first().detail == {"computed": 4}  # type: ignore[union-attr]


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
