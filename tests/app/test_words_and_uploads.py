"""Ranking by a description, and bad uploads on every page that takes some."""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from app_pages import texts
from casting import Library, castings
from castoon.errors import InputError
from embeddings import fakes

Start = Callable[..., AppTest]
KOREAN = re.compile("[가-힣]")


def words(app: AppTest) -> str:
    kinds = (app.title, app.markdown, app.caption, app.warning, app.error, app.info, app.success)
    return "\n".join(str(element.value) for kind in kinds for element in kind).replace("\\", "")


def cards(app: AppTest) -> list[str]:
    return [element.value for element in app.markdown if re.match(r"\*\*\d+\. ", element.value)]


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


EXE = b"MZ\x90\x00 a program by another name"
BLANK = png(np.full((80, 80, 3), 90, np.uint8))
HUGE = png(np.zeros((7100, 9100), np.uint8))
"""65 megapixels, above the limit of 60; a picture of 50 is ranked, see `test_rank_page`."""
BOMB = zipped(**{"Actor 1/1.png": bytes(30_000_000)})
REFUSED = {
    "renamed EXE": (EXE, "this is not a picture that can be read."),
    "empty file": (b"", "the file is empty."),
    "enormous": (HUGE, "65메가픽셀"),
    "cut off": (BLANK[:60], "damaged"),
}


def test_words_are_ranked_and_stand_in_the_address(
    library_folder: Path, start: Start, language: texts.Language
) -> None:
    app = start(library_folder)
    app.segmented_control(key="source").set_value("words").run()
    assert texts.text(language, "words.empty") in words(app)
    assert cards(app) == []
    app.text_area(key="words").set_value("  round glasses,\n short hair ").run()
    assert not app.exception
    assert len(cards(app)) == 8
    assert app.query_params["words"] == "round glasses, short hair"
    assert "character" not in app.query_params
    other = cards(app)
    app.text_area(key="words").set_value("a long red beard").run()
    assert len(cards(app)) == 8
    assert cards(app) != other
    app.pills(key="filter gender").set_value(["female"]).run()
    assert len(cards(app)) == 4
    press(app, texts.text(language, "why"))
    assert texts.text(language, "why.words") in words(app)
    assert not app.exception


def test_a_colleague_sees_the_same_words(library_folder: Path, start: Start) -> None:
    first = start(library_folder, words="round glasses")
    assert first.segmented_control(key="source").value == "words"
    assert first.text_area(key="words").value == "round glasses"
    again = start(library_folder, words="round glasses", where="gender=female")
    filtered = [card.partition(". ")[2] for card in cards(again)]
    everybody = [card.partition(". ")[2] for card in cards(first)]
    assert len(filtered) == 4
    assert filtered == [one for one in everybody if one in filtered]


def test_words_that_are_code_are_never_obeyed(library_folder: Path, start: Start) -> None:
    app = start(library_folder, words="<script>alert(1)</script> **bold**")
    assert not app.exception
    assert len(cards(app)) == 8
    assert not any("<script>" in element.value for element in [*app.markdown, *app.caption])


@pytest.mark.usefixtures("korean")
def test_models_that_read_no_words_say_so(library_folder: Path, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(fakes.FakeEncoder, "encode_text")
    app = start(library_folder, words="round glasses")
    assert not app.exception
    assert "글을 읽는 모델이 없습니다." in words(app)
    assert cards(app) == []


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.usefixtures("korean")
def test_a_bad_picture_is_refused_in_korean_wherever_one_is_taken(
    name: str, library_folder: Path, start: Start
) -> None:
    content, pattern = REFUSED[name]
    said = {"damaged": "손상"}.get(pattern, texts.said("ko", pattern))
    app = start(library_folder)
    app.segmented_control(key="source").set_value("picture").run()
    app.file_uploader(key="upload").upload("hero.png", content, "image/png").run()
    assert said in words(app)
    assert cards(app) == []
    assert not app.exception
    app = start(library_folder, page="styles")
    app.segmented_control(key="lab source").set_value("upload").run()
    app.file_uploader(key="lab upload").upload("x.png", content, "image/png").run()
    assert said in words(app)
    assert not app.exception


@pytest.mark.usefixtures("korean")
def test_a_bad_picture_added_to_a_character_closes_nothing_and_changes_nothing(
    library_folder: Path, start: Start
) -> None:
    """The harness runs no fragments, so what the dialog does on pressing "Save changes" is done by hand."""
    app = start(library_folder, page="castings")
    press(app, texts.text("ko", "edit"))
    assert len(app.file_uploader) == 1
    library = Library.open(library_folder, pack="fake")
    with pytest.raises(InputError) as met:
        castings.characters.add_picture(library, "The Hero", EXE)
    assert texts.said("ko", met.value.reason) == "읽을 수 있는 그림이 아닙니다."
    assert len(castings.characters.every(library)[0].images) == 1


@pytest.mark.usefixtures("korean")
def test_a_bad_archive_is_refused_in_korean_wherever_one_is_taken(library_folder: Path, start: Start) -> None:
    app = start(library_folder, page="library", part="add")
    for name, content in (("bomb.zip", BOMB), ("setup.zip", EXE), ("blank.png", BLANK), ("empty.png", b"")):
        app.file_uploader(key="add files 0").upload(name, content, "application/octet-stream")
    app.run()
    app.selectbox(key="add name").set_value("Actor 0").run()
    press(app, texts.text("ko", "lib.add.do", count=4))
    for _ in range(100):
        if app.dataframe:
            break
        time.sleep(0.3)
        app.run()
    assert not app.exception
    refused = app.dataframe[0].value
    assert len(refused) == 4
    for column in (1, 2):
        assert all(KOREAN.search(text) for text in refused.iloc[:, column])
    for name, content in (("bomb.zip", BOMB), ("setup.zip", EXE)):
        app = start(library_folder, page="evaluation")
        app.file_uploader(key="truth files 0").upload(name, content, "application/zip").run()
        press(app, texts.text("ko", "eval.upload.do", count=1))
        assert not app.exception
        assert app.error
        assert all(KOREAN.search(element.value) for element in [*app.error, *app.info])


@pytest.mark.usefixtures("korean")
def test_a_drawing_without_a_face(library_folder: Path, start: Start) -> None:
    """Rank asks for a box, compare says so, the map leaves the character out, an evaluation counts a miss."""
    castings.characters.save(Library.open(library_folder, pack="fake"), "Nobody", [BLANK])
    app = start(library_folder, character="Nobody")
    assert texts.text("ko", "faces.none.next") in words(app)
    assert not app.exception
    app = start(library_folder, page="compare", character="Nobody")
    assert not app.exception
    assert app.error
    assert KOREAN.search(app.error[0].value)
    app = start(library_folder, page="castings")
    assert not app.exception
    assert "Nobody" in words(app)
    app = start(library_folder, page="map")
    for _ in range(100):
        if app.get("download_button") and not any(one.label == texts.text("ko", "work.stop") for one in app.button):
            break
        time.sleep(0.3)
        app.run()
    assert not app.exception
    assert app.get("download_button")
    app = start(library_folder, page="evaluation")
    answers = zipped(**{"Actor 1/a.png": BLANK})
    app.file_uploader(key="truth files 0").upload("blank.zip", answers, "application/zip").run()
    press(app, texts.text("ko", "eval.upload.do", count=1))
    press(app, texts.text("ko", "eval.run"))
    for _ in range(100):
        if app.error or app.metric:
            break
        time.sleep(0.3)
        app.run()
    assert not app.exception
    assert all(KOREAN.search(element.value) for element in app.error)
