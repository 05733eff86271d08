"""The cast map keeps neighbours together, is computed once a version, and places characters by those they resemble."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from casting import Engine, Library, rebuild
from casting.castings import characters
from casting.curation import rename_actor
from casting.mapping import cast_map, frame, known_map, layout, place_actors, place_characters
from casting.mapping.layout import between, lay_out
from casting.mapping.tsne import principal_axes
from casting.progress import Silent
from castoon.errors import ContractMismatchError, InputError


def groups(count: int, size: int, dim: int = 32, spread: float = 0.35) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors in groups, [count * size, dim], and the group of each."""
    rng = np.random.default_rng(7)
    label = np.repeat(np.arange(count), size)
    rows = rng.normal(size=(count, dim))[label] + spread * rng.normal(size=(count * size, dim))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), label


def own_kind(places: np.ndarray, label: np.ndarray) -> float:
    """Share of points whose nearest point on the map is of their own group."""
    gaps = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(gaps, np.inf)
    return float((label[gaps.argmin(axis=1)] == label).mean())


def test_groups_stay_together_where_two_axes_cannot_show_them() -> None:
    vectors, label = groups(12, 9)
    places = lay_out(vectors)
    assert own_kind(places, label) > 0.97 > own_kind(principal_axes(vectors), label)
    assert np.isclose(np.linalg.norm(places, axis=1).max(), 1)
    assert np.array_equal(places, lay_out(vectors))


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5])
def test_tiny_casts_have_a_map_too(count: int) -> None:
    places = lay_out(groups(max(count, 1), 1)[0][:count])
    assert places.shape == (count, 2)
    assert np.isfinite(places).all()


def test_equal_vectors_do_no_harm() -> None:
    assert np.isfinite(lay_out(np.repeat(groups(1, 1)[0], 20, axis=0))).all()


def test_a_large_cast_is_laid_out_between_landmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, label = groups(10, 30, spread=0.25)
    monkeypatch.setattr(layout, "LANDMARKS", 150)
    places = lay_out(vectors)
    assert own_kind(places, label) > 0.9


def test_later_points_lie_where_they_belong() -> None:
    vectors, label = groups(6, 8)
    places = lay_out(vectors)
    others = vectors[::8] + 0.05
    found = between(places, vectors, others / np.linalg.norm(others, axis=1, keepdims=True))
    nearest = np.linalg.norm(found[:, None] - places[None], axis=2).argmin(axis=1)
    assert (label[nearest] == np.arange(6)).all()


def test_a_map_is_computed_once_a_version(ready: Library, engine: Engine, draw: Callable[..., bytes]) -> None:
    index = ready.index.open()
    watcher = Silent()
    drawn = cast_map(ready, progress=watcher)
    assert watcher.done > 0
    again = Silent()
    known = cast_map(ready, progress=again)
    assert again.done == 0
    assert np.array_equal(known.places, drawn.places)
    assert [one.name for one in place_actors(ready, drawn)] == [f"actor {number}" for number in range(6)]

    characters.save(ready, "Hero", [draw(3, 40)], production="Show")
    characters.save(ready, "Blank", [draw(3, 41)])
    (ready.folder / characters.get(ready, "Blank").images[0]).unlink()
    (hero,) = place_characters(ready, engine, drawn, index)
    assert (hero.name, hero.kind, hero.facts) == ("Hero", "character", {"production": "Show"})
    assert hero.nearest[0] == "actor 3"
    at = {one.name: np.array([one.x, one.y]) for one in place_actors(ready, drawn)}
    gaps = {name: float(np.linalg.norm(place - [hero.x, hero.y])) for name, place in at.items()}
    assert min(gaps, key=lambda name: gaps[name]) == "actor 3"
    table = frame([*place_actors(ready, drawn), hero])
    assert list(table["kind"]) == ["actor"] * 6 + ["character"]
    assert table["nearest"].iloc[-1].startswith("actor 3")

    rename_actor(ready, "actor 1", "renamed")
    rebuild(ready, engine)
    assert "renamed" in {one.name for one in place_actors(ready, cast_map(ready))}
    with pytest.raises(InputError, match="It holds"):
        cast_map(ready, "clip:oil")


def test_a_stopped_map_is_not_kept(ready: Library) -> None:
    index = ready.index.open()
    drawn = cast_map(ready, progress=Silent(stopped=True), index=index)
    assert not drawn.complete
    assert known_map(ready, index, drawn.space) is None
    path = ready.cache / "maps"
    assert not list(path.glob("*.npz")) if path.exists() else True


def test_characters_of_another_model_are_refused(
    ready: Library, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from embeddings import fakes

    drawn, index = cast_map(ready), ready.index.open()
    monkeypatch.setattr(fakes.FakeEncoder, "contract", property(lambda self: "another-model"))
    with pytest.raises(ContractMismatchError):
        place_characters(ready, engine, drawn, index)
