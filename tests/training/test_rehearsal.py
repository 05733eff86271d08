"""The second drawn cast that the demo's own tuning is fitted on."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np

from casting import Engine, Library
from casting.demo import DATA
from casting.demo.identity import identity_of
from casting.demo.people import everybody
from casting.demo.webtoon import STYLES
from casting.demo_library import give_tuning
from casting.spaces import Space
from casting.tuning import TUNING_FILE, Tuning
from casting.tuning.active import active_tuning, library_tuning
from casting.tuning.fitting import MIN_ACTORS, MIN_DRAWINGS
from training.rehearsal import DRAWINGS, STYLES_EACH, pictures, understudies

FACES = Space("arcface", "photo")


def test_nobody_of_the_demo_is_in_it() -> None:
    demo, others = everybody(), understudies()
    assert not {who.name for who in demo} & {who.name for who in others}
    for who, other in zip(demo, others, strict=True):
        assert (who.gender, who.birth_year, who.heritage, who.look) == (
            other.gender, other.birth_year, other.heritage, other.look,
        )  # fmt: skip
        one, two = identity_of(who), identity_of(other)
        assert np.mean([abs(one[key] - two[key]) for key in one.shape]) > 0.4, who.name


def test_everybody_is_drawn_and_photographed_in_every_manner() -> None:
    tasks = list(pictures().values())
    drawings, portraits = Counter(place for place, style, _ in tasks if style), Counter()
    portraits.update(place for place, style, _ in tasks if not style)
    assert set(drawings.values()) == {STYLES_EACH * DRAWINGS} and min(portraits.values()) >= 4
    assert {style for _, style, _ in tasks if style} == set(STYLES)
    assert len(drawings) >= MIN_ACTORS and sum(drawings.values()) >= MIN_DRAWINGS


def test_what_the_demo_ships_fits_the_models_that_ship(tmp_path: Path) -> None:
    library = Library.create(tmp_path / "library")
    try:
        give_tuning(library, anew=False)
        shipped = Tuning.load(library_tuning(library))
        tuning, why = active_tuning(library, Engine.of(library))
        assert tuning is not None, why
        assert tuning.facts == shipped.facts, "the pack's own tuning was used: run `python -m training.rehearsal`"
        assert tuning.calibration is not None

        library_tuning(library).write_bytes(b"fitted by its owner")
        give_tuning(library, anew=False)
        assert library_tuning(library).read_bytes() == b"fitted by its owner"
        give_tuning(library, anew=True)
        assert library_tuning(library).read_bytes() == (DATA / TUNING_FILE).read_bytes()
        assert Engine.of(library).reading(FACES) != Engine(library.settings).reading(FACES)
    finally:
        library.close()
