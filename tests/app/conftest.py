"""A small library on stand-in models, and the dashboard running on it."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from app_pages import state, texts
from casting import Engine, Library, import_cast, rebuild
from casting.catalog import Character

ROOT = Path(__file__).resolve().parents[2]
NASTY = "<script>alert(1)</script> **Kim**"


def face_like(seed: int, take: int = 0) -> bytes:
    base = np.random.default_rng(seed).integers(0, 255, (8, 8, 3)).astype(np.uint8)
    noise = np.random.default_rng((seed, take)).normal(0, 6, (96, 96, 3))
    pixels = np.asarray(Image.fromarray(base).resize((96, 96), Image.Resampling.BICUBIC), np.float32) + noise
    buffer = io.BytesIO()
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(scope="session")
def draw() -> Callable[..., bytes]:
    return face_like


@pytest.fixture
def empty_library(tmp_path: Path) -> Path:
    return tmp_path / "nothing here"


@pytest.fixture
def library_folder(built_library: Path, tmp_path: Path) -> Path:
    """A test's own copy of `built_library`."""
    shutil.copytree(built_library, tmp_path / "lib")
    return tmp_path / "lib"


@pytest.fixture(scope="session")
def built_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight actors, one with a name that must never be obeyed, and one saved character; made once."""
    home = tmp_path_factory.mktemp("built")
    source, folder = home / "cast", home / "lib"
    (source / "photos").mkdir(parents=True)
    rows = ["name,photo,gender,birth_year,tags"]
    for person in range(8):
        name = NASTY if person == 2 else f"Actor {person}"
        for take in range(2):
            (source / "photos" / f"{person}-{take}.png").write_bytes(face_like(person, take))
            rows.append(f"{name},photos/{person}-{take}.png,{'female' if person % 2 else 'male'},{1980 + person},drama")
    (source / "cast.csv").write_text("\n".join(rows), "utf-8")
    library = Library.create(folder, pack="fake")
    engine = Engine(library.settings)
    assert import_cast(library, source / "cast.csv", engine.finder).photos == 16
    (folder / "characters" / "hero.png").write_bytes(face_like(2, 50))
    with library.database.transaction() as session:
        session.add(Character(name="The Hero", images=["characters/hero.png"]))
    rebuild(library, engine)
    library.close()
    return folder


@pytest.fixture
def speak(monkeypatch: pytest.MonkeyPatch) -> Callable[[texts.Language], None]:
    """Fix the language of pages: the harness asks widgets for their labels outside of any session."""
    return lambda language: monkeypatch.setattr(state, "language", lambda: language)


@pytest.fixture
def korean(speak: Callable[[texts.Language], None]) -> None:
    """Pages in Korean."""
    speak("ko")


@pytest.fixture(name="language", params=texts.LANGUAGES)
def each_language(request: pytest.FixtureRequest, speak: Callable[[texts.Language], None]) -> texts.Language:
    """Each language in turn."""
    speak(request.param)
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., AppTest]]:
    """Open a page of the dashboard on a library, with query parameters; caches are empty before and after."""

    def _start(folder: Path, pack: str = "fake", page: str = "", **query: str) -> AppTest:
        st.cache_resource.clear()
        st.cache_data.clear()
        monkeypatch.setenv("CASTOON_LIBRARY", str(folder))
        monkeypatch.setenv("CASTOON_PACK", pack)
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
        if page:
            app.switch_page(f"app_pages/{page}.py")
        for name, value in query.items():
            app.query_params[name] = value
        return app.run()

    yield _start
    st.cache_resource.clear()
    st.cache_data.clear()
