"""The Library page: seen, searched, edited, added to, checked, cleared, forgotten; every state that is not happy."""

from __future__ import annotations

import io
import shutil
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from streamlit.testing.v1 import AppTest

from casting import Library
from casting.curation import actor_records, photo_records, set_rights

Start = Callable[..., AppTest]


def words(app: AppTest) -> str:
    kinds = (app.title, app.markdown, app.caption, app.warning, app.error, app.info, app.success, app.subheader)
    return "\n".join(str(element.value) for kind in kinds for element in kind).replace("\\", "")


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if label in button.label.replace("\\", "")).click().run()


def finished(app: AppTest, until: str) -> AppTest:
    """Run again until work beside the page has ended."""
    for _ in range(100):
        if until in words(app):
            return app
        time.sleep(0.3)
        app.run()
    raise AssertionError(words(app))


def opened(folder: Path) -> Library:
    return Library.open(folder, pack="fake")


def test_actors_are_shown_and_searched(library_folder: Path, start: Start) -> None:
    app = start(library_folder, page="library")
    assert not app.exception
    assert "8 actors · 16 photos" in words(app)
    names = [button.label for button in app.button if button.key and str(button.key).startswith("open ")]
    assert len(names) == 8
    assert not [name for name in names if "<script>" in name or "**Kim**" in name]
    app.text_input(key="library search").set_value("actor 5").run()
    assert "1 of 8 actors" in words(app)
    app.text_input(key="library search").set_value("nobody like this").run()
    assert "Nobody matches" in words(app)
    press(app, "Clear search")
    app.text_input(key="library where").set_value("shoe_size>3").run()
    assert "Columns are" in words(app)
    assert not app.exception


def test_the_table_is_edited_and_facts_are_judged(library_folder: Path, start: Start) -> None:
    number = actor_records(opened(library_folder), search="actor 5")[0].id
    app = start(library_folder, page="library", actor=str(number))
    assert app.title[0].value == "Actor 5"
    app.text_input[3].set_value("1700")
    press(app, "Save")
    assert "1850" in words(app)
    next(box for box in app.text_input if box.label == "Born").set_value("1999")
    next(box for box in app.text_input if box.label == "Name").set_value("Renamed")
    press(app, "Save")
    assert not app.exception
    assert actor_records(opened(library_folder), search="renamed")[0].birth_year == 1999
    assert "changes are not in the index yet" in words(app)


def test_photos_are_added_and_refusals_explained(
    library_folder: Path, start: Start, draw: Callable[..., bytes]
) -> None:
    app = start(library_folder, page="library", part="add")
    huge = io.BytesIO()
    Image.fromarray(np.zeros((7100, 8600, 1), np.uint8)[..., 0]).save(huge, "PNG", compress_level=1)
    blank = io.BytesIO()
    Image.new("RGB", (80, 80), (90, 90, 90)).save(blank, "PNG")
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x/1.png", bytes(30_000_000))
    files = [
        ("new.png", draw(40), "image/png"), ("setup.jpg", b"MZ\x90\x00 program", "image/jpeg"),
        ("huge.png", huge.getvalue(), "image/png"), ("blank.png", blank.getvalue(), "image/png"),
        ("bomb.zip", bomb.getvalue(), "application/zip"),
    ]  # fmt: skip
    for file in files:
        app.file_uploader(key="add files 0").upload(*file)
    app.run()
    assert "Say whose photos" in words(app)
    app.selectbox(key="add name").set_value("Actor 0")
    app.text_input(key="add consent").set_value("signed").run()
    press(app, "Add 5 files")
    finished(app, "1 photos added")
    assert not app.exception
    refused = app.dataframe[0].value
    assert set(refused.iloc[:, 0]) == {"setup.jpg", "huge.png", "blank.png", "x/1.png"}
    assert refused.iloc[:, 2].str.len().min() > 0
    record = actor_records(opened(library_folder), search="actor 0")[0]
    assert (record.photos, record.without_consent) == (3, 2)


def test_suspicions_are_settled(library_folder: Path, start: Start) -> None:
    app = start(library_folder, page="library", part="check")
    press(app, "Check the library")
    finished(app, "photos looked at")
    assert "The same picture twice" in words(app)
    before = len(photo_records(opened(library_folder)))
    press(app, "Keep this one")
    assert len(photo_records(opened(library_folder))) == before - 1
    press(app, "Keep both")
    assert not app.exception


def test_rights_are_set_for_many(library_folder: Path, start: Start) -> None:
    library = opened(library_folder)
    set_rights(library, [photo_records(library)[0].id], {"consent": "signed"})
    app = start(library_folder, page="library", part="rights")
    assert "1 / 16" in [metric.value for metric in app.metric]
    app.segmented_control(key="rights which").set_value("consent").run()
    assert "15" in next(button.label for button in app.button if button.label.startswith("Set for"))
    next(box for box in app.text_input if box.label == "Value").set_value("all signed")
    press(app, "Set for 15")
    assert photo_records(library, lacks="consent") == []
    assert not app.exception


def test_forgetting_asks_for_the_name_and_shows_the_proof(library_folder: Path, start: Start) -> None:
    record = actor_records(opened(library_folder), search="actor 3")[0]
    app = start(library_folder, page="library", actor=str(record.id))
    button = next(one for one in app.button if one.label == "Forget for good")
    assert button.disabled
    app.text_input(key=f"forget {record.id}").set_value("actor 3").run()
    assert next(one for one in app.button if one.label == "Forget for good").disabled
    app.text_input(key=f"forget {record.id}").set_value("Actor 3").run()
    press(app, "Forget for good")
    assert not app.exception
    assert "Actor 3 is forgotten" in words(app)
    assert "nothing is left" in words(app)
    assert actor_records(opened(library_folder), search="actor 3") == []


def test_no_library_an_empty_one_and_a_lost_one(empty_library: Path, library_folder: Path, start: Start) -> None:
    app = start(empty_library, page="library")
    assert "castoon import" in app.code[0].value
    Library.create(empty_library, pack="fake").close()
    app = start(empty_library, page="library")
    assert "Drop files to begin" in words(app)
    app.segmented_control(key="library part").set_value("cast").run()
    assert "Nobody is in this library yet" in words(app)
    assert not app.exception
    app = start(library_folder, page="library")
    for name in ("catalog.sqlite", "catalog.sqlite-wal", "catalog.sqlite-shm"):
        (library_folder / name).unlink(missing_ok=True)
    app.run()
    assert not app.exception
    assert "there is no library here" in words(app)
    shutil.rmtree(library_folder)
    assert not app.run().exception


def test_viewers_look_and_do_not_touch(library_folder: Path, start: Start, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    from app_pages import access

    monkeypatch.setattr(access, "may_edit", lambda: False)
    number = actor_records(opened(library_folder), search="actor 5")[0].id
    app = start(library_folder, page="library", actor=str(number))
    assert not app.exception
    assert all(box.disabled for box in app.text_input)
    assert [button.label for button in app.button if "Forget" in button.label or "Merge" in button.label] == []
    assert app.checkbox.len == 0 if hasattr(app.checkbox, "len") else len(app.checkbox) == 0


def test_korean(library_folder: Path, start: Start) -> None:
    app = start(library_folder, page="library", lang="ko")
    assert app.title[0].value == "배우 라이브러리"
    assert "배우 8명 · 사진 16장" in words(app)
