"""The Index page: versions, verifying, going back, a rebuild watched and stopped, photos that failed."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from casting import Engine, Library, index_status, rebuild
from casting.catalog import Photo
from casting.curation import rename_actor
from casting.progress import Silent
from casting.runs import logged_run

Start = Callable[..., AppTest]


def words(app: AppTest) -> str:
    kinds = (app.title, app.subheader, app.markdown, app.caption, app.warning, app.error, app.info, app.success)
    return "\n".join(str(element.value) for kind in kinds for element in kind).replace("\\", "")


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if label in button.label).click().run()


def test_versions_are_shown_verified_and_gone_back_to(library_folder: Path, start: Start) -> None:
    library = Library.open(library_folder, pack="fake")
    first = library.index.live
    rename_actor(library, "Actor 1", "Renamed")
    assert rebuild(library, Engine(library.settings)).published
    app = start(library_folder, page="index")
    assert not app.exception
    assert "8" in [metric.value for metric in app.metric]
    assert "as in use" in app.dataframe[0].value.to_string()
    assert "Every photo could be embedded" in words(app)
    press(app, "Verify")
    for _ in range(100):
        if "files are sound" in words(app):
            break
        time.sleep(0.3)
        app.run()
    assert "files are sound" in words(app)
    press(app, "Go back")
    assert "Use this version" in [button.label for button in app.button]
    index_status.switch(library, str(first))
    app.run()
    assert f"Index {first}" in words(app)
    assert not app.exception


def test_a_damaged_version_is_named(library_folder: Path, start: Start) -> None:
    library = Library.open(library_folder, pack="fake")
    victim = next(path for path in library.index.path(str(library.index.live)).iterdir() if path.suffix == ".npy")
    victim.write_bytes(victim.read_bytes()[:-4])
    app = press(start(library_folder, page="index"), "Verify")
    for _ in range(100):
        if victim.name in words(app):
            break
        time.sleep(0.3)
        app.run()
    assert victim.name in words(app)
    assert not app.exception


def test_a_rebuild_is_started_watched_and_stopped(
    library_folder: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app_pages.looking_after import jobs

    asked: list[bool] = []
    monkeypatch.setattr(jobs, "start_rebuild", lambda library, full: asked.append(full) or SimpleNamespace())
    app = start(library_folder, page="index")
    press(app, "Rebuild")
    press(app, "Compute everything anew")
    assert asked == [False, True]
    library = Library.open(library_folder, pack="fake")
    with logged_run(library.database, "rebuild", Silent()) as log:
        log.begin("embed", 40)
        log.advance(10)
        log.begin("embed", 40)
        app.run()
        assert "Stop" in [button.label for button in app.button]
        press(app, "Stop")
        assert "Stopping after this step" in words(app)
    app.run()
    assert "Rebuild" in [button.label for button in app.button]
    assert not app.exception


def test_failed_photos_no_library_and_another_model(
    library_folder: Path, empty_library: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    from embeddings import fakes

    library = Library.open(library_folder, pack="fake")
    with library.database.transaction() as session:
        session.get_one(Photo, 3).failure = "the picture is <b>damaged</b>."
    monkeypatch.setattr(fakes.FakeEncoder, "contract", property(lambda self: "another-model"))
    app = start(library_folder, page="index")
    assert not app.exception
    assert "made by other models" in words(app)
    assert "damaged" in app.dataframe[-1].value.to_string()
    app = start(empty_library, page="index")
    assert not app.exception
    assert "no library here" in words(app) or "does not exist" in words(app)
    Library.create(empty_library, pack="fake").close()
    app = start(empty_library, page="index")
    assert "There is no index yet" in words(app)
    assert not app.exception
