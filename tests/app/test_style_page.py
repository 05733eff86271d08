"""Learning how a webtoon is drawn, on the page: from pages of it, without naming anybody, and back again."""

from __future__ import annotations

import csv
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app_pages import access
from casting import Engine, Library, import_cast, rebuild
from casting.demo import DATA
from casting.tuning import TUNING_FILE
from casting.tuning.manners import learnt_from

Start = Callable[..., AppTest]


def words(app: AppTest) -> str:
    elements = [*app.markdown, *app.caption, *app.warning, *app.error, *app.info, *app.success]
    return "\n".join(str(element.value) for element in elements).replace("\\", "")


@pytest.fixture(scope="module")
def small_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Five actors of the demo, read by the models that ship."""
    folder = tmp_path_factory.mktemp("style")
    with (DATA / "cast.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    kept = sorted({row["name"] for row in rows})[:5]
    shutil.copytree(DATA / "photos", folder / "photos")
    with (folder / "cast.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(row for row in rows if row["name"] in kept)
    library = Library.create(folder / "library", spaces={"arcface:photo": 1.0})
    engine = Engine.of(library)
    import_cast(library, folder / "cast.csv", engine.finder)
    rebuild(library, engine)
    library.close()
    return folder / "library"


def reading(folder: Path) -> int:
    library = Library.open(folder)
    return learnt_from(library, Engine.of(library))


def settle(app: AppTest, wanted: str) -> AppTest:
    """Until work beside the page has ended."""
    for _ in range(120):
        if wanted in words(app):
            return app
        time.sleep(0.3)
        app.run()
    raise AssertionError(words(app))


def test_a_style_is_learnt_from_pages_and_dropped_again(small_demo: Path, start: Start) -> None:
    app = start(small_demo, "lite", page="castings", part="style")
    assert not app.exception
    assert "reads drawings of any style" in words(app)
    assert "leaves that aside" not in words(app)
    (small_demo / TUNING_FILE).write_bytes((DATA / TUNING_FILE).read_bytes())
    assert "leaves that aside" in words(app.run())
    uploader = app.file_uploader(key="style pages 0")
    uploader.upload("iron-tide.webp", (DATA / "panels" / "iron-tide.webp").read_bytes(), "image/webp")
    for path in sorted((DATA / "characters").glob("*-1.webp"))[:8]:
        uploader.upload(path.name, path.read_bytes(), "image/webp")
    app.run()
    app.button(key="learn").click().run()
    settle(app, "Learnt from")
    assert not app.exception
    assert reading(small_demo) > 8, "every face of the page counts"
    app.run()
    assert f"learnt from {reading(small_demo)} drawn faces" in words(app)
    app.button(key="drop style").click().run()
    assert not app.exception
    assert reading(small_demo) == 0
    assert "reads drawings of any style" in words(app)


def test_too_few_faces_are_met_with_what_is_needed(small_demo: Path, start: Start) -> None:
    app = start(small_demo, "lite", page="castings", part="style")
    one = next((DATA / "characters").glob("*-1.webp"))
    app.file_uploader(key="style pages 0").upload(one.name, one.read_bytes(), "image/webp").run()
    app.button(key="learn").click().run()
    settle(app, "too few to learn from")
    assert app.button(key="learn"), "another try is one click away"
    assert reading(small_demo) == 0


def test_stand_in_models_and_viewers_cannot_learn(
    library_folder: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = start(library_folder, page="castings", part="style")
    app.button(key="learn").click().run()  # the saved character alone
    settle(app, "no face network")
    monkeypatch.setattr(access, "may_edit", lambda: False)
    app = start(library_folder, page="castings", part="style")
    assert not app.file_uploader
    assert "look" in words(app)
