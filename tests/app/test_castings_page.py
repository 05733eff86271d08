"""Characters, shortlists and history as pages show them; empty, filled, and for people who may only look."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app_pages import access
from casting import Engine, Library, castings
from casting.roles import role_of
from casting.settings import Settings
from castoon.errors import InputError

Start = Callable[..., AppTest]


def words(app: AppTest) -> str:
    elements = [*app.markdown, *app.caption, *app.warning, *app.error, *app.info, *app.success, *app.title]
    return "\n".join(str(element.value) for element in elements).replace("\\", "")


@pytest.fixture
def filled(library_folder: Path) -> Path:
    library = Library.open(library_folder, pack="fake")
    castings.shortlists.create(library, "Leads <b>", "Iron Tide")
    castings.shortlists.add(library, "Leads <b>", "Actor 3", character="The Hero", note="<script>alert(1)</script>")
    ranking = castings.rank_character(library, Engine(library.settings), "The Hero", k=4)
    castings.history.keep(library, ranking, "The Hero", k=4, author="ana@studio.example")
    library.close()
    return library_folder


def test_every_part_is_shown(filled: Path, start: Start) -> None:
    app = start(filled, page="castings")
    assert "The Hero" in words(app)
    app.segmented_control(key="part").set_value("shortlists").run()
    assert "Actor 3" in words(app)
    assert not any("<script>" in element.value for element in [*app.markdown, *app.caption])
    (note,) = app.text_area
    assert note.value == "<script>alert(1)</script>"
    status = next(box for box in app.selectbox if box.label == "Status")
    status.set_value("audition").run()
    library = Library.open(filled, pack="fake")
    assert [one.status for one in castings.shortlists.entries(library, "Leads <b>")] == ["audition"]
    app.segmented_control(key="part").set_value("history").run()
    assert "ana@studio.example" in words(app)
    next(button for button in app.button if button.label == "Run again").click().run()
    assert "still the same one" in words(app)
    assert len(app.dataframe[0].value) == 4
    assert not app.exception


@pytest.mark.parametrize("part", ["characters", "shortlists", "history", "nonsense"])
def test_empty_parts_say_how_to_begin(library_folder: Path, start: Start, part: str) -> None:
    library = Library.open(library_folder, pack="fake")
    castings.characters.remove(library, "The Hero")
    app = start(library_folder, page="castings", part=part)
    assert len(app.info) == 1
    assert not app.exception


def test_no_library_is_met_with_a_message(empty_library: Path, start: Start) -> None:
    for page in ("castings", "compare"):
        app = start(empty_library, page=page)
        assert not app.exception
        assert "castoon import" in words(app)


def test_actors_stand_side_by_side_best_first(library_folder: Path, start: Start) -> None:
    app = start(library_folder, page="compare", character="The Hero", actors="1,3,5")
    assert not app.exception
    ranks = [int(one.value.split(".")[0].strip("*")) for one in app.markdown if ". " in one.value]
    assert ranks == sorted(ranks)
    assert len(ranks) == 3
    assert list(app.dataframe[0].value["part"]) == ["Eyes", "Brows", "Nose", "Mouth", "Jaw", "Hair"]
    app.multiselect[0].set_value([1]).run()
    assert "at least two" in words(app)


def test_compare_begins_with_the_likeliest(library_folder: Path, start: Start) -> None:
    app = start(library_folder, page="compare", actors="999999,abc", lang="ko")
    assert not app.exception
    assert app.title[0].value == "비교"
    assert len(app.multiselect[0].value) == 3


def test_viewers_look_and_cannot_change(filled: Path, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "role", lambda: "viewer")
    app = start(filled)
    assert all(button.disabled for button in app.button if button.label in {"Keep", "Shortlist"})
    assert not all(button.disabled for button in app.button if button.label == "Why?")
    with pytest.raises(InputError, match="viewers may look"):
        access.require_editor()


def test_strangers_see_the_sign_in_screen_only(filled: Path, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    class Nobody:
        is_logged_in = False

    monkeypatch.setattr(access, "configured", lambda: True)
    monkeypatch.setattr(access.st, "user", Nobody())
    app = start(filled)
    assert not app.exception
    assert "Actor" not in words(app)
    assert app.title[0].value == "Castoon"


@pytest.mark.parametrize(
    ("email", "settings", "role"),
    [
        ("ana@studio.example", {}, "editor"),
        ("Ana@Studio.example", {"editors": ["*@studio.example"]}, "editor"),
        ("guest@other.example", {"editors": ["*@studio.example"]}, "viewer"),
        ("guest@other.example", {"viewers": ["*@studio.example"]}, "stranger"),
        ("ana@studio.example", {"viewers": ["*@studio.example"], "editors": ["boss@studio.example"]}, "viewer"),
        ("boss@studio.example", {"viewers": ["x"], "editors": ["boss@studio.example"]}, "editor"),
        ("", {"editors": ["*"]}, "stranger"),
    ],
)
def test_roles_follow_the_settings(email: str, settings: dict[str, list[str]], role: str) -> None:
    assert role_of(email, Settings(**settings)) == role  # type: ignore[arg-type]


def test_an_unverified_address_is_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Claimed(dict[str, object]):
        is_logged_in = True

    monkeypatch.setenv("CASTOON_LIBRARY", str(tmp_path))
    monkeypatch.setenv("CASTOON_EDITORS", '["boss@studio.example"]')
    monkeypatch.setattr(access, "configured", lambda: True)
    monkeypatch.setattr(access.st, "user", Claimed(email="boss@studio.example", email_verified=False))
    assert access.role() == "stranger"
    monkeypatch.setattr(access.st, "user", Claimed(email="boss@studio.example", email_verified=True))
    assert access.role() == "editor"
