"""Every page in the states that no page may forget: at work, without a library, with an empty one, a lost or damaged
catalog, an index of other models, names that are code. In Korean, so that no state is forgotten in one language."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app_pages import texts
from casting import Library
from embeddings import fakes

Start = Callable[..., AppTest]
PAGES = ("rank", "compare", "castings", "library", "map", "index", "styles", "evaluation")
NEEDS_MODELS = ("rank", "compare", "map")
"""Pages that compare pictures with the index as soon as they are opened."""
KOREAN = re.compile("[가-힣]")


def messages(app: AppTest) -> list[str]:
    return [str(element.value).replace("\\", "") for kind in (app.error, app.warning, app.info) for element in kind]


def said_in_korean(app: AppTest) -> bool:
    return all(KOREAN.search(message) for message in messages(app))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_at_work(page: str, language: texts.Language, library_folder: Path, start: Start) -> None:
    app = start(library_folder, page=page)
    assert not app.exception
    assert not app.error
    assert app.title[0].value == texts.text(language, f"nav.{page}")
    shown = [*app.markdown, *app.caption, *app.subheader, *app.info, *app.warning]
    assert not any("<script" in str(element.value).replace("\\<script\\>", "") for element in shown)
    assert not any("<script" in button.label.replace("\\<script\\>", "") for button in app.button)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.usefixtures("korean")
def test_no_library_says_how_to_begin(page: str, empty_library: Path, start: Start) -> None:
    app = start(empty_library, page=page)
    assert not app.exception
    assert messages(app)
    assert said_in_korean(app)
    assert "castoon import" in "\n".join([*messages(app), *(code.value for code in app.code)])


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.usefixtures("korean")
def test_an_empty_library_says_what_is_missing(page: str, empty_library: Path, start: Start) -> None:
    Library.create(empty_library, pack="fake").close()
    app = start(empty_library, page=page)
    assert not app.exception
    assert messages(app) or app.file_uploader
    assert said_in_korean(app)


@pytest.mark.parametrize("damage", ["gone", "garbage"])
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.usefixtures("korean")
def test_a_lost_or_damaged_catalog_is_named(page: str, damage: str, library_folder: Path, start: Start) -> None:
    app = start(library_folder, page=page)
    catalog = library_folder / "catalog.sqlite"
    for suffix in ("-wal", "-shm"):
        catalog.with_name(catalog.name + suffix).unlink(missing_ok=True)
    catalog.unlink()
    if damage == "garbage":
        catalog.write_bytes(b"not a database at all " * 500)
    app.run()
    assert not app.exception
    assert str(library_folder) in "\n".join(messages(app))
    assert said_in_korean(app)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.usefixtures("korean")
def test_an_index_of_other_models(
    page: str, library_folder: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fakes.FakeEncoder, "contract", property(lambda self: "another-model"))
    app = start(library_folder, page=page)
    for _ in range(20):
        if not any(button.label == texts.text("ko", "work.stop") for button in app.button):
            break
        app.run()
    assert not app.exception
    assert said_in_korean(app)
    told = "\n".join(messages(app))
    if page in NEEDS_MODELS:
        assert "another-model" in told
        assert "castoon rebuild" in told
    if page == "index":
        assert texts.text("ko", "idx.mismatch") in told
