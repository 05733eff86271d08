"""The Style lab: a photo of the library or an upload through every style, sliders, and what goes wrong."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from casting import Engine, load_settings, style_lab
from castoon.errors import InputError
from castoon.images import decode

Start = Callable[..., AppTest]


def words(app: AppTest) -> str:
    kinds = (app.title, app.markdown, app.caption, app.warning, app.error, app.info)
    return "\n".join(str(element.value) for kind in kinds for element in kind).replace("\\", "")


def rendered(app: AppTest) -> AppTest:
    for _ in range(100):
        if len(app.metric) >= 2 and not any(button.label == "Stop" for button in app.button):
            return app
        time.sleep(0.3)
        app.run()
    raise AssertionError(words(app))


def test_a_photo_of_the_library_is_rendered_and_adjusted(library_folder: Path, start: Start) -> None:
    app = rendered(start(library_folder, page="styles"))
    assert not app.exception
    took, identity = (metric.value for metric in app.metric[:2])
    assert took.endswith("s")
    assert -1 <= float(identity) <= 1
    before = len(app.session_state["style trials"])
    slider = app.slider[0]
    slider.set_value(slider.max if slider.value != slider.max else slider.min).run()
    rendered(app)
    assert len(app.session_state["style trials"]) == before + 1
    next(button for button in app.button if button.label == "As it was").click().run()
    assert len(app.session_state["style trials"]) == before + 1
    assert "more styles can be installed" in "".join(expander.label for expander in app.expander)
    assert not app.exception


def big() -> bytes:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 255, (80, 100), dtype=np.uint8)
    Image.fromarray(pixels).resize((8200, 6100)).save(buffer, "JPEG", quality=40)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"MZ\x90 a program", "not a picture"), (None, "one colour"), (big, "")],
)
def test_uploads_are_met_with_a_message(content: object, says: str, library_folder: Path, start: Start) -> None:
    if content is None:
        buffer = io.BytesIO()
        Image.new("RGB", (80, 80), (90, 90, 90)).save(buffer, "PNG")
        content = buffer.getvalue()
    uploaded = content() if callable(content) else content
    app = start(library_folder, page="styles")
    app.segmented_control(key="lab source").set_value("upload").run()
    app.file_uploader(key="lab upload").upload("x.png", uploaded, "image/png").run()
    assert not app.exception
    assert says in words(app)
    if not says:
        rendered(app)


def test_no_library(empty_library: Path, start: Start) -> None:
    app = start(empty_library, page="styles")
    assert not app.exception
    assert "castoon import" in words(app)


def test_a_trial_from_python(draw: Callable[..., bytes]) -> None:
    engine = Engine(load_settings(pack="fake"))
    image = decode(draw(3)).pixels
    face = engine.finder.find(image).faces[0]
    trial = style_lab.try_style(engine, "cel", image, face)
    assert trial.picture.shape == style_lab.portrait(image, face).shape
    assert trial.identity is not None
    assert trial.identity > 0.5
    name = next(one for one in style_lab.installed_styles(engine) if one.name == "cel").parameters[0].name
    with pytest.raises(InputError):
        style_lab.try_style(engine, "cel", image, face, {name: 10**6})
