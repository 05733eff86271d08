"""What all pages share: the library, its models, the live index and the viewer's language.

Models and open indexes are held once a process and never changed; a new index version is noticed at the next click.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app_pages import texts
from app_pages.texts import Language, text
from app_pages.words import ALL
from casting import Engine, Library, pictures
from castoon.errors import CastoonError, NotReadyError
from castoon.images import read
from castoon.words import Words

if TYPE_CHECKING:
    from casting.types import FlatIndex

DEFAULT_LIBRARY = "library/demo"


def library_folder() -> Path:
    """The library that this dashboard serves."""
    return Path(os.environ.get("CASTOON_LIBRARY", DEFAULT_LIBRARY))


@st.cache_resource(show_spinner=False, max_entries=4)
def _open_library(folder: str, inode: int) -> Library:
    del inode  # only part of the cache's key: another file is another library
    return Library.open(folder)


def library() -> Library:
    """The library, shared by all viewers; opened anew when its catalog was replaced, refused when it is gone."""
    folder = library_folder()
    try:
        inode = (folder / "catalog.sqlite").stat().st_ino
    except OSError:
        inode = 0
        _open_library.clear()
    return _open_library(str(folder), inode)


@st.cache_resource(show_spinner=False, max_entries=2)
def _engine(settings: str, manners: float, _library: Library) -> Engine:
    del settings, manners
    return Engine.of(_library)


def engine() -> Engine:
    """The models, loaded once a process, and anew when the library has learnt how its drawings are drawn."""
    opened = library()
    try:
        manners = opened.manners.stat().st_mtime
    except OSError:
        manners = 0.0
    return _engine(opened.settings.model_dump_json(), manners, opened)


@st.cache_resource(show_spinner=False, max_entries=3)
def _index(folder: str, version: str, _library: Library) -> FlatIndex:
    return _library.index.open(version)


def index(version: str) -> FlatIndex:
    """One index version, opened once a process."""
    opened = library()
    return _index(str(opened.folder), version, opened)


def live_index() -> FlatIndex:
    """The live index version; a newly published one is opened at the next call."""
    opened = library()
    live = opened.index.live
    if live is None:
        raise NotReadyError(
            Words("index of {folder}", folder=opened.folder), "it has not been built yet.", "Run `castoon rebuild`."
        )
    return index(live)


@st.cache_data(show_spinner=False, max_entries=1024)
def portrait(
    folder: str, file: str, box: tuple[float, float, float, float] | None, size: int, style: str
) -> bytes | None:
    """A photo of the library cut around its face, or its rendering in a style; None when the photo is gone."""
    try:
        pixels = read(Path(folder) / file).pixels
        if style:
            face = library().photo_face(file)
            if face is not None:
                return pictures.jpeg(engine().style(style, pixels, face), size)
        return pictures.jpeg(pictures.portrait(pixels, box), size)
    except CastoonError:
        return None


def actor_portrait(file: str, size: int) -> bytes | None:
    """A photo of the library cut around its actor's face; None when there is none."""
    face = library().photo_face(file) if file else None
    return portrait(str(library().folder), file, face.box if face else None, size, "") if file else None


@st.cache_data(show_spinner=False, max_entries=512)
def diptych(
    folder: str, file: str, box: tuple[float, float, float, float] | None, size: int, style: str
) -> bytes | None:
    """A photo beside its rendering in a style, as one picture twice as wide as high; None when the photo is gone."""
    try:
        pixels = read(Path(folder) / file).pixels
        face = library().photo_face(file) if style else None
        left = pictures.portrait(pixels, box)
        return pictures.jpeg(
            left if face is None else pictures.beside(left, engine().style(style, pixels, face), size), 2 * size
        )
    except CastoonError:
        return None


@st.cache_data(show_spinner=False, max_entries=64)
def _bytes(path: str, changed: float) -> bytes:
    del changed
    return Path(path).read_bytes()


def file_bytes(path: Path) -> bytes:
    """Content of a file of the library."""
    try:
        return _bytes(str(path), path.stat().st_mtime)
    except OSError as error:
        raise NotReadyError(str(path), "the picture is gone.", "Import it again.") from error


def choose_language(languages: dict[Language, str]) -> None:
    """Let the viewer choose the language; the address keeps it."""
    current = language()
    chosen = st.segmented_control(
        "Language / 언어", list(languages), default=current, required=True, format_func=lambda one: languages[one],
        key="language",
    )  # fmt: skip
    if chosen != current:
        st.query_params["lang"] = chosen
        st.rerun()


def language() -> Language:
    """The viewer's language: as chosen, as the address says, or as the browser prefers."""
    chosen = st.session_state.get("language") or st.query_params.get("lang") or getattr(st.context, "locale", None)
    return "ko" if str(chosen or "en").lower().startswith("ko") else "en"


def t(key: str, **values: object) -> str:
    """Words in the viewer's language."""
    return text(language(), key, **values)


def said(words: str) -> str:
    """What the engine says, such as an error's reason, in the viewer's language."""
    return texts.said(language(), words)


def has_words(key: str) -> bool:
    """Whether there are words of our own for a key."""
    return key in ALL


def plain(words: str) -> str:
    """Words typed by people, safe to put into Markdown: nothing in them is obeyed."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]()<>#+-.!|~$:^=&" else c for c in words).replace("\n", " ")


def show_error(error: CastoonError) -> None:
    """Say what is wrong and what to do next."""
    st.error(f"**{plain(said(error.thing))}**: {plain(said(error.reason))}", icon=":material/error:")
    if error.next_step:
        st.info(f"**{t('next')}** {plain(said(error.next_step))}", icon=":material/lightbulb:")


def show_no_library(error: CastoonError) -> None:
    """What stands on a page whose library is missing, empty or not indexed: what is wrong, and how to begin."""
    st.warning(t("library.missing"), icon=":material/folder_off:")
    show_error(error)
    st.write(t("library.how"))
    st.code("castoon import SOURCE --library DIR\ncastoon rebuild --library DIR", language="bash")


def say_what_was_done() -> None:
    """A word on what the last click has changed, once."""
    said = st.session_state.pop("said", None)
    if said:
        st.toast(said[0], icon=said[1])


def about_library() -> None:
    """What is searched with what, under which licence; says nothing where there is no library yet."""
    try:
        opened, live, pack = library(), live_index(), engine().pack
    except CastoonError:
        return
    owners = max((space.owners for space in live.spaces.values()), default=0)
    lines = [
        t("library.counts", library=opened.folder.name, actors=owners),
        t("index.version", version=live.version),
        t("models.line", pack=pack.name),
        t("licence.line", licence=pack.licence),
        *([t("licence.noncommercial")] if pack.commercial_use is False else []),
        t("local"),
    ]
    st.caption("  \n".join(plain(line) for line in lines))
