"""The renderers: the same bytes every time, different people for different names, the committed pictures."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from casting.demo import DATA
from casting.demo.build import picture
from casting.demo.identity import identity_of
from casting.demo.people import everybody, person
from casting.demo.portrait import render
from casting.demo.roles import everyone
from casting.demo.shots import shots_of

_SMALL = """
import hashlib
from casting.demo.identity import identity_of
from casting.demo.people import person
from casting.demo.portrait import render
from casting.demo.shots import shots_of
who = identity_of(person("Henrik Solvbaek"))
print(hashlib.sha256(render(who, shots_of(who, 6)[1], 96).tobytes()).hexdigest())
"""


def small(name: str, shot: int) -> np.ndarray:
    who = identity_of(person(name))
    return render(who, shots_of(who, 6)[shot], 96)


def test_a_portrait_has_the_same_bytes_in_another_process_with_another_hash_seed() -> None:
    here = hashlib.sha256(small("Henrik Solvbaek", 1).tobytes()).hexdigest()
    environment = {**os.environ, "PYTHONHASHSEED": "77", "PYTHONPATH": str(Path(__file__).parents[2])}
    there = subprocess.run([sys.executable, "-c", _SMALL], capture_output=True, text=True, check=True, env=environment)
    assert there.stdout.strip() == here


def test_people_and_shots_differ() -> None:
    first, other_shot, other_person = (small("Mai Fujisaka", 0), small("Mai Fujisaka", 1), small("Ok Da-rae", 0))
    assert np.abs(first.astype(int) - other_shot).mean() > 8
    assert np.abs(first.astype(int) - other_person).mean() > 8


def test_identity_is_fixed_by_the_name_and_words_are_heard() -> None:
    assert identity_of(person("Cha Mu-gang")) == identity_of(person("Cha Mu-gang"))
    assert identity_of(person("Cha Mu-gang")).beard == "beard"
    assert identity_of(person("Ho Jun-seom"))["cheek"] > identity_of(person("Dan Si-ru"))["cheek"]
    assert identity_of(person("Gal Yi-hyeon")).glasses
    skins = {one.name: float(np.mean(identity_of(one).skin)) for one in everybody()}
    assert skins["Amara Okonjwe"] < skins["Priya Nadarkar"] < skins["Seol A-jin"]


def test_exaggeration_amplifies_what_is_distinctive() -> None:
    who = identity_of(person("Henrik Solvbaek"))
    drawn = who.exaggerated(1.6)
    moderate = [key for key, value in who.shape.items() if 0.1 < abs(value) < 1.8]
    assert len(moderate) > 10
    assert all(abs(drawn[key]) > 1.1 * abs(who[key]) and drawn[key] * who[key] > 0 for key in moderate)
    assert max(abs(value) for value in drawn.shape.values()) < 3.4


def test_strangers_share_no_face_with_the_cast() -> None:
    cast = [np.array([identity_of(one)[key] for key in identity_of(one).shape]) for one in everybody()]
    for role in everyone():
        if role.stranger is not None:
            face = np.array([role.identity[key] for key in role.identity.shape])
            assert min(float(np.linalg.norm(face - other)) for other in cast) > 3.0


@pytest.mark.slow
@pytest.mark.parametrize("path", ["photos/henrik-solvbaek/01.webp", "characters/moon-bit-na-1.webp"])
def test_committed_picture_is_what_the_code_draws(path: str) -> None:
    drawn = picture(path)
    assert np.array_equal(drawn, picture(path))
    with Image.open(DATA / path) as image:
        kept = np.asarray(image.convert("RGB")).astype(int)
    assert np.abs(kept - drawn).mean() < 6.0
