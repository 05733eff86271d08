"""Explanations point at what a likeness hangs on, add up, and stop when asked."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from casting import Engine, Library, explain, import_cast, rank_faces, rank_words, rebuild
from casting.demo import DATA
from casting.explaining import overlay
from casting.explaining.parts import PARTS, part_masks, patch_masks
from casting.progress import CancelledError, Silent
from casting.spaces import Space
from casting.tuning.active import plan
from castoon.errors import InputError, NotReadyError
from castoon.images import decode
from embeddings.hiding import only

Maker = Callable[..., bytes]


def face_of(engine: Engine, content: bytes):  # type: ignore[no-untyped-def]
    pixels = decode(content).pixels
    return engine.face_picture(pixels, engine.finder.find(pixels).faces[0])


def test_an_explanation_is_whole_and_adds_up(ready: Library, engine: Engine, draw: Maker) -> None:
    told = explain(ready, engine, face_of(engine, draw(2, 70)), 3)
    assert (told.actor, told.rank, told.gallery_actors) == ("actor 2", 1, 6)
    assert sum(share.contribution for share in told.spaces) == pytest.approx(told.similarity)
    assert sum(part.share for part in told.parts) == pytest.approx(1.0)
    assert {part.part for part in told.parts} == set(PARTS)
    assert told.drawing_crop.shape == told.photo_crop.shape == (*told.drawing_heat.shape, 3)
    assert np.abs(told.photo_heat).max() == pytest.approx(1.0)
    assert told.overlay("photo").shape == told.photo_crop.shape
    assert told.style is not None
    assert told.style.ranks
    assert (ready.folder / told.photo).is_file()
    assert "not_calibrated" in told.warnings
    assert not told.views, "stand-ins see whole faces only"


def test_of_several_pictures_the_place_is_that_of_their_mean_and_the_heat_that_of_one(
    ready: Library, engine: Engine, draw: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = [face_of(engine, draw(2, 70)), face_of(engine, draw(4, 71))]
    ranked = {row.actor_id: row for row in rank_faces(ready, engine, both).results}
    for shown, face in enumerate(both):
        for actor, row in ranked.items():
            told = explain(ready, engine, both, actor, shown=shown)
            assert (told.rank, told.similarity) == (row.rank, pytest.approx(row.similarity))
            assert told.photo == row.photo
            assert {share.space: share.cosine for share in told.spaces} == pytest.approx(dict(row.spaces))
            assert np.array_equal(told.drawing_crop, explain(ready, engine, face, actor).drawing_crop)
    known = {share.space: engine.encode_query(Space.parse(share.space), both) for share in told.spaces}
    monkeypatch.setattr(engine, "encode_query", None)
    assert rank_faces(ready, engine, both, vectors=known).results == tuple(ranked.values())
    with pytest.raises(InputError, match="the character has 2"):
        explain(ready, engine, both, 3, shown=2)


def test_it_says_where_the_actor_stands_by_each_view(tmp_path: Path) -> None:
    """Some actors of the demo, read by the models that ship; the whole ranks as vectors of whole faces alone do."""
    names = sorted(folder.name for folder in (DATA / "photos").iterdir())[:6]
    for name in names:
        shutil.copytree(DATA / "photos" / name, tmp_path / "cast" / name)
    library = Library.create(tmp_path / "library", spaces={"arcface:photo": 1.0})
    engine = Engine.of(library)
    import_cast(library, tmp_path / "cast", engine.finder)
    rebuild(library, engine)
    asked = face_of(engine, (DATA / "characters" / "moon-bit-na-1.webp").read_bytes())
    live, encoder = library.index.open(), engine.encoder("arcface")
    told = [explain(library, engine, asked, int(owner[1:])) for owner in live.owners]
    assert all({view.view for view in one.views} == {"face", "layers", "eyes", "nose_mouth"} for one in told)
    for view in ("face", "layers", "eyes", "nose_mouth"):
        ranks = [seen.rank for one in told for seen in one.views if seen.view == view]
        assert sorted(ranks) == list(range(1, len(names) + 1))
    one, other = (live.facts[owner]["name"] for owner in live.owners[:2])
    some = explain(library, engine, asked, int(live.owners[0][1:]), where=f'name in ("{one}", "{other}")')
    assert all(view.rank <= 2 for view in some.views), "only those who pass the filter are compared"
    bridge = plan(library, engine, {"arcface:photo": 1.0}).bridges.get("arcface:photo")
    vector = engine.encode_query(Space.parse("arcface:photo"), [asked])
    whole = only("face", encoder, bridge.carry(vector) if bridge else vector)
    first = live.search("arcface:photo", whole, 1)[0][0].owner
    best = next(one for one in told if ("face", 1) in [(seen.view, seen.rank) for seen in one.views])
    assert live.facts[first]["name"] == best.actor


def test_it_stops_between_batches(ready: Library, engine: Engine, draw: Maker) -> None:
    watcher = Silent()
    with pytest.raises(CancelledError):
        explain(ready, engine, face_of(engine, draw(2, 70)), 3, progress=watcher, cancelled=lambda: watcher.done >= 16)
    assert 16 <= watcher.done <= 32


def test_an_actor_who_is_not_compared(ready: Library, engine: Engine, draw: Maker) -> None:
    with pytest.raises(InputError, match="does not compare"):
        explain(ready, engine, face_of(engine, draw(2, 70)), 99)


@pytest.mark.parametrize("corner", [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_heat_follows_the_place_that_makes_the_likeness(
    corner: tuple[int, int], tmp_path: Path, engine: Engine, draw: Maker
) -> None:
    """A grey face with one pattern: wherever the pattern is moved, the heat is there."""
    import io

    from PIL import Image

    pattern = np.asarray(Image.open(io.BytesIO(draw(3))).convert("RGB").resize((28, 28)))

    def picture(seed: int) -> bytes:
        pixels = np.random.default_rng(seed).normal(127, 3, (128, 128, 3)).clip(0, 255).astype(np.uint8)
        top, left = (34 + 32 * corner[0], 34 + 32 * corner[1])
        pixels[top : top + 28, left : left + 28] = pattern
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "PNG")
        return buffer.getvalue()

    home = tmp_path / "cast"
    for number, name in enumerate(("marked", "plain")):
        (home / name).mkdir(parents=True)
        content = picture(1) if name == "marked" else draw(number + 7)
        (home / name / "1.png").write_bytes(content)
    library = Library.create(tmp_path / "lib", pack="fake", spaces={"arcface:photo": 1.0})
    import_cast(library, home, engine.finder)
    rebuild(library, Engine(library.settings))
    told = explain(library, Engine(library.settings), face_of(engine, picture(2)), 1)
    assert told.actor == "marked"
    for heat in (told.drawing_heat, told.photo_heat):
        side = len(heat)
        y, x = np.unravel_index(int(heat.argmax()), heat.shape)
        assert (y > side / 2, x > side / 2) == (bool(corner[0]), bool(corner[1]))


def test_parts_lie_where_a_face_has_them() -> None:
    points = np.array([[84, 106], [140, 106], [112, 138], [89, 165], [135, 165]], np.float32)
    masks = part_masks(points, 224)
    middles = {name: np.argwhere(mask > 0.5).mean(axis=0)[0] for name, mask in masks.items()}
    assert middles["brows"] < middles["eyes"] < middles["nose"] < middles["mouth"] < middles["jaw"]
    assert masks["hair"][:40].mean() > 0.9
    assert masks["hair"][100:170, 80:150].max() < 0.1
    covered = np.sum(patch_masks(224, 8), axis=0)
    assert covered.min() > 0.4


def test_an_overlay_is_warm_where_it_matters() -> None:
    crop = np.full((20, 20, 3), 128, np.uint8)
    heat = np.zeros((20, 20), np.float32)
    heat[:, 10:], heat[:, :5] = 1.0, -1.0
    shown = overlay(crop, heat).astype(int)
    assert (shown[:, 12, 0] > shown[:, 12, 2]).all()
    assert (shown[:, 2, 2] > shown[:, 2, 0]).all()
    assert (shown[:, 7] == 128).all()


@pytest.fixture(scope="module")
def tiny_clip(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Weights and architecture of a small CLIP that has learnt nothing."""
    import open_clip
    import torch

    architecture = {
        "embed_dim": 16,
        "vision_cfg": {"image_size": 32, "layers": 1, "width": 32, "patch_size": 16, "head_width": 16},
        "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1},
    }
    folder = tmp_path_factory.mktemp("clip")
    config, weights = folder / "words-clip.json", folder / "words.pt"
    config.write_text(json.dumps(architecture))
    open_clip.add_model_config(config)
    torch.manual_seed(0)
    torch.save(open_clip.create_model("words-clip").state_dict(), weights)
    return weights, config


class TestWords:
    def test_words_rank_in_the_space_that_reads_them(self, ready: Library, engine: Engine) -> None:
        with pytest.raises(NotReadyError, match="--only-space clip:photo"):
            rank_words(ready, engine, "long hair")
        rebuild(ready, engine, spaces=["clip:photo"])
        ranking = rank_words(ready, engine, "long hair", k=3)
        assert set(ranking.weights) == {"clip:photo"}
        assert len(ranking.results) == 3
        assert not ranking.calibrated
        assert ranking.title == "long hair"
        with pytest.raises(InputError, match="nothing was described"):
            rank_words(ready, engine, "  ")

    def test_a_real_clip_reads_words(self, ready: Library, tiny_clip: tuple[Path, Path]) -> None:
        from embeddings.clip import ClipEncoder, ClipSource
        from embeddings.fakes import FakeEncoder

        weights, config = tiny_clip
        engine = Engine(ready.settings.model_copy(update={"threads": 1}))
        clip = ClipEncoder(ClipSource(weights=weights, config=config), device="cpu")
        engine._encoders = {"arcface": FakeEncoder("arcface", 64, 0), "clip": clip}
        rebuild(ready, engine, spaces=["clip:photo"])
        ranking = rank_words(ready, engine, "short  black hair", k=6)
        data = ready.index.open().space("clip:photo")
        expected = sorted((data.centroids @ clip.encode_text(["short black hair"])[0]).tolist(), reverse=True)
        assert [row.similarity for row in ranking.results] == pytest.approx(expected, abs=1e-5)
        assert [row.spaces["clip:photo"] for row in ranking.results] == pytest.approx(expected, abs=1e-5)

    def test_a_pack_that_reads_no_words_says_so(self, ready: Library, engine: Engine, monkeypatch) -> None:  # type: ignore[no-untyped-def]
        monkeypatch.setattr(type(engine), "text_encoders", property(lambda _: ()))
        with pytest.raises(NotReadyError, match="reads words"):
            rank_words(ready, engine, "long hair")
