"""The front door: listing and opening styles, without importing anything heavy."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import toonify
from castoon.errors import InputError
from toonify.contract import Stylizer
from toonify.fakes import FakeStylizer


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = (
        "import sys, toonify; toonify.stylizers; "
        "print([m for m in ('torch','cv2','onnxruntime','insightface','open_clip') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_listing_styles_does_not_import_torch() -> None:
    code = "import sys, toonify; toonify.stylizers(); print('torch' in sys.modules, 'onnxruntime' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False False"


def test_cel_is_installed_without_any_models_and_tells_its_parameters() -> None:
    cel = next(style for style in toonify.stylizers() if style.name == "cel")
    assert cel.installed and cel.commercial_use and not cel.how_to_get
    bands = next(p for p in cel.parameters if p.name == "bands")
    assert (bands.kind, bands.low, bands.high) == ("int", 3, 12)


def test_unknown_style_suggests_the_nearest() -> None:
    with pytest.raises(InputError, match="Did you mean `cel`"):
        toonify.load("cell")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"bands": 99}, "from 3 to 12"),
        ({"bands": 4.5}, "whole number"),
        ({"ink": "much"}, "not a number"),
        ({"ink": float("nan")}, "out of range"),
        ({"inkk": 1.0}, "no parameter `inkk`"),
    ],
)
def test_parameters_out_of_range_are_refused_with_their_range(values: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        toonify.load("cel", **values)


def test_fingerprint_follows_parameters() -> None:
    assert toonify.load("cel").fingerprint == toonify.load("cel").fingerprint
    assert toonify.load("cel").fingerprint != toonify.load("cel", bands=5).fingerprint


def test_fake_is_a_stylizer_and_its_name_decides_its_output() -> None:
    face = np.random.default_rng(0).integers(0, 256, (8, 9, 3), dtype=np.uint8)
    one, other = FakeStylizer("one"), FakeStylizer("other")
    assert isinstance(one, Stylizer)
    assert np.array_equal(one.stylize([face])[0], FakeStylizer("one").stylize([face])[0])
    assert not np.array_equal(one.stylize([face])[0], other.stylize([face])[0])
    assert one.fingerprint != other.fingerprint
    assert (one.calls, one.faces_seen) == (2, 2)
