"""The Map page: drawn once a version with characters on it, and every state that is not happy."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from casting import Library

Start = Callable[..., AppTest]


def words(app: AppTest) -> str:
    kinds = (app.title, app.markdown, app.caption, app.warning, app.error, app.info)
    return "\n".join(str(element.value) for kind in kinds for element in kind).replace("\\", "")


def drawn(app: AppTest) -> AppTest:
    """Run until the map and its characters are there."""
    for _ in range(100):
        if app.get("download_button") and not any(button.label == "Stop" for button in app.button):
            return app
        time.sleep(0.3)
        app.run()
    raise AssertionError(words(app))


def test_the_cast_is_drawn_with_its_characters(library_folder: Path, start: Start) -> None:
    app = drawn(start(library_folder, page="map"))
    assert not app.exception
    assert list((library_folder / "cache" / "maps").glob("*.npz"))
    assert list((library_folder / "cache" / "maps" / "characters").glob("*.npy"))
    app.selectbox(key="map colour").set_value("birth_year").run()
    app.toggle(key="map faces").set_value(True).run()
    assert not app.exception
    assert app.query_params["colour"] == "birth_year"


def test_no_index_and_another_model(empty_library: Path, library_folder: Path, start: Start, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    from embeddings import fakes

    Library.create(empty_library, pack="fake").close()
    app = start(empty_library, page="map")
    assert "castoon rebuild" in words(app)
    assert not app.exception
    monkeypatch.setattr(fakes.FakeEncoder, "contract", property(lambda self: "another-model"))
    app = drawn(start(library_folder, page="map"))
    assert not app.exception
    assert "another" in words(app)
    assert "castoon rebuild" in words(app)
