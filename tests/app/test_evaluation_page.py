"""The Evaluation page: known answers uploaded, measured, read part by part, and what goes wrong."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from casting import Library
from casting.curation import Upload
from casting.truth_uploads import keep_truth, truth_sets
from casting.tuning import TUNING_FILE
from castoon.errors import InputError

Start = Callable[..., AppTest]
FIT_FIGURES = 3
"""Figures that a fit shows; an evaluation shows four."""


def words(app: AppTest) -> str:
    kinds = (app.title, app.subheader, app.markdown, app.caption, app.warning, app.error, app.info)
    return "\n".join(str(element.value) for kind in kinds for element in kind).replace("\\", "")


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if label in button.label).click().run()


def settle(app: AppTest, is_there: Callable[[], bool]) -> None:
    """Until work beside the page has ended."""
    for _ in range(100):
        if is_there():
            return
        time.sleep(0.3)
        app.run()


def answers(draw: Callable[..., bytes], **others: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for person in (1, 3, 4, 5):
            archive.writestr(f"known/Actor {person}/a.png", draw(person, 60))
        for name, content in others.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_known_answers_are_uploaded_measured_and_read(
    library_folder: Path, start: Start, draw: Callable[..., bytes]
) -> None:
    app = start(library_folder, page="evaluation")
    assert not app.exception
    assert "Upload known answers" in words(app)
    app.file_uploader(key="truth files 0").upload("drawings.zip", answers(draw), "application/zip").run()
    press(app, "Use 1 files")
    assert not app.exception
    press(app, "Evaluate")
    settle(app, lambda: bool(app.metric))
    assert not app.exception
    assert app.metric[0].value == "100.0%"
    assert "4 drawings" in words(app)
    for part in ("ablation", "groups", "worst"):
        app.segmented_control(key="evaluation part").set_value(part).run()
        assert not app.exception
    assert "rank 1" in words(app)
    assert len(app.get("download_button")) == 3


def several(draw: Callable[..., bytes]) -> bytes:
    """Two drawings of each of seven actors."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for person in (0, 1, 3, 4, 5, 6, 7):
            for take in (60, 61):
                archive.writestr(f"known/Actor {person}/{take}.png", draw(person, take))
    return buffer.getvalue()


@pytest.mark.parametrize("kept", [True, False])
def test_the_ranking_is_fitted_to_known_answers_and_kept_only_if_wanted(
    kept: bool, library_folder: Path, start: Start, draw: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("casting.tuning.fitting.MIN_ACTORS", 5)
    monkeypatch.setattr("casting.tuning.fitting.MIN_DRAWINGS", 10)
    app = start(library_folder, page="evaluation")
    app.file_uploader(key="truth files 0").upload("past.zip", several(draw), "application/zip").run()
    press(app, "Use 1 files")
    press(app, "Fit the ranking")
    settle(app, lambda: bool(app.metric))
    assert not app.exception
    assert app.subheader[0].value.endswith("past")
    assert "14 drawings of 7 actors" in words(app)
    assert [one.value for one in app.metric][:2] == ["100.0%", "100.0%"]
    assert not (library_folder / TUNING_FILE).exists(), "nothing is kept before it was wanted"
    press(app, "Evaluate")
    settle(app, lambda: len(app.metric) > FIT_FIGURES)
    assert "14 drawings of 7 actors" not in words(app), "what is asked for now takes the place of the fit"
    press(app, "Fit the ranking")
    settle(app, lambda: len(app.metric) == FIT_FIGURES)
    press(app, "Rank with it" if kept else "Leave it")
    assert not app.exception
    assert len(app.metric) > FIT_FIGURES, "the evaluation of before is back"
    assert (library_folder / TUNING_FILE).exists() == kept


def test_too_few_known_answers_are_refused_with_what_is_needed(
    library_folder: Path, start: Start, draw: Callable[..., bytes]
) -> None:
    app = start(library_folder, page="evaluation")
    app.file_uploader(key="truth files 0").upload("drawings.zip", answers(draw), "application/zip").run()
    press(app, "Use 1 files")
    press(app, "Fit the ranking")
    settle(app, lambda: bool("too few to fit on" in words(app)))
    assert "Gather at least 40 drawings" in words(app)
    assert next(button for button in app.button if button.label == "Evaluate")


def test_what_cannot_be_used_is_said(library_folder: Path, start: Start, draw: Callable[..., bytes]) -> None:
    app = start(library_folder, page="evaluation")
    app.file_uploader(key="truth files 0").upload("x.zip", b"MZ not a zip", "application/zip").run()
    press(app, "Use 1 files")
    assert not app.exception
    assert "neither drawings nor a table" in words(app)
    library = Library.open(library_folder, pack="fake")
    with pytest.raises(InputError):
        keep_truth(library, [])
    kept = keep_truth(library, [Upload("set.zip", answers(draw, **{"../../evil.png": b"x", "notes.txt": b"hi"}))])
    assert [row.actor for row in kept.read()] == ["Actor 1", "Actor 3", "Actor 4", "Actor 5"]
    assert [one.name for one in truth_sets(library)] == ["set"]
    assert not list(library_folder.parent.rglob("evil.png"))
    table = keep_truth(
        library, [Upload("t.csv", b"image,actor,group\n1.png,Actor 1,show\n"), Upload("1.png", draw(1, 61))]
    )
    assert [(row.actor, row.group) for row in table.read()] == [("Actor 1", "show")]


def test_no_index(empty_library: Path, start: Start) -> None:
    Library.create(empty_library, pack="fake").close()
    app = start(empty_library, page="evaluation")
    assert not app.exception
    assert "castoon rebuild" in words(app)
