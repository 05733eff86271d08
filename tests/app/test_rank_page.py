"""The rank page, run by Streamlit's own test harness: happy path, and every state that is not happy."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from app_pages import texts
from casting import Engine, Library, rebuild

ROOT = Path(__file__).resolve().parents[2]
Start = Callable[..., AppTest]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    def _start(folder: Path, pack: str = "fake", **query: str) -> AppTest:
        st.cache_resource.clear()
        st.cache_data.clear()
        monkeypatch.setenv("CASTOON_LIBRARY", str(folder))
        monkeypatch.setenv("CASTOON_PACK", pack)
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
        for name, value in query.items():
            app.query_params[name] = value
        return app.run()

    yield _start
    st.cache_resource.clear()
    st.cache_data.clear()


def words(app: AppTest) -> str:
    elements = [*app.markdown, *app.caption, *app.warning, *app.error, *app.info, *app.title, *app.subheader, *app.code]
    return "\n".join(str(element.value) for element in elements).replace("\\", "")


def cards(app: AppTest) -> list[str]:
    return [element.value for element in app.markdown if element.value.startswith("**") and ". " in element.value]


def test_a_saved_character_is_ranked_at_once(library_folder: Path, start: Start) -> None:
    app = start(library_folder)
    assert not app.exception
    assert len(cards(app)) == 8
    assert "stand-in models" in app.warning[0].value.lower()
    assert "not probabilities" in words(app)
    assert "Library lib: 8 actors" in words(app)
    assert len(app.get("download_button")) == 2


def test_a_name_typed_by_people_is_never_obeyed(library_folder: Path, start: Start) -> None:
    first = cards(start(library_folder))[0]
    assert "<script>" not in first
    assert "**Kim**" not in first
    assert first.startswith("**1. \\<script\\>")


def test_an_upload_is_ranked_and_a_filter_narrows_it(
    library_folder: Path, start: Start, draw: Callable[..., bytes]
) -> None:
    app = start(library_folder)
    app.segmented_control(key="source").set_value("upload").run()
    assert "Drop a picture" in words(app)
    app.file_uploader(key="upload").upload("hero.png", draw(5, 9), "image/png").run()
    assert cards(app)[0] == "**1. Actor 5**"
    app.text_input(key="where").set_value("gender=female, birth_year>=1985").run()
    assert [card.split(". ")[1] for card in cards(app)] == ["Actor 5**", "Actor 7**"]
    app.text_input(key="where").set_value("shoe_size>3").run()
    assert "Columns are" in words(app)
    assert not app.exception


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"MZ\x90 not a picture", "not a picture"), (b"", "empty"), (None, "No face was found")],
)
def test_a_bad_upload_is_met_with_a_message(
    content: bytes | None, says: str, library_folder: Path, start: Start
) -> None:
    if content is None:
        buffer = io.BytesIO()
        Image.new("RGB", (80, 80), (90, 90, 90)).save(buffer, "PNG")
        content = buffer.getvalue()
    app = start(library_folder)
    app.segmented_control(key="source").set_value("upload").run()
    app.file_uploader(key="upload").upload("x.png", content, "image/png").run()
    assert says in words(app)
    assert not app.exception


def test_no_library_says_how_to_make_one(empty_library: Path, start: Start) -> None:
    app = start(empty_library)
    assert not app.exception
    assert "castoon import" in words(app)


def test_an_index_made_by_another_model_is_refused(library_folder: Path, start: Start, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    from embeddings import fakes

    monkeypatch.setattr(fakes.FakeEncoder, "contract", property(lambda self: "another-model"))
    app = start(library_folder)
    assert not app.exception
    assert "castoon rebuild" in words(app)
    assert "another" in words(app)


def test_korean_when_the_address_says_so(library_folder: Path, start: Start) -> None:
    app = start(library_folder, lang="ko")
    assert app.title[0].value == "배우 순위"
    assert "확률이 아니며" in words(app)
    app.segmented_control(key="language").set_value("en").run()
    assert app.title[0].value == "Rank actors"


def test_a_new_index_version_is_noticed(library_folder: Path, start: Start) -> None:
    app = start(library_folder)
    before = Library.open(library_folder, pack="fake").index.live
    assert f"Index {before}" in words(app)
    library = Library.open(library_folder, pack="fake")
    with library.database.transaction() as session:
        from casting.catalog import Actor

        session.query(Actor).filter(Actor.name == "Actor 1").one().agency = "New"
    assert rebuild(library, Engine(library.settings)).published
    app.run()
    assert f"Index {library.index.live}" in words(app)


def test_the_table_holds_every_actor(library_folder: Path, start: Start) -> None:
    app = start(library_folder)
    app.segmented_control(key="view").set_value("table").run()
    frame = app.dataframe[0].value
    assert len(frame) == 8
    assert list(frame["rank"]) == list(range(1, 9))
    assert {"actor", "score", "arcface:photo", "margin", "birth_year"} <= set(frame.columns)


def test_every_text_exists_in_both_languages() -> None:
    for key in texts.all_keys():
        english, korean = texts.ALL[key]
        assert english.strip()
        assert korean.strip()
        fields = [{part.split("}")[0] for part in words.split("{")[1:]} for words in (english, korean)]
        assert fields[0] == fields[1], key
