"""What the Library page reads, cached by the catalog's revision, and how it changes things."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import streamlit as st

from app_pages import access, state, work_state
from casting import jobs, pictures
from casting.curation import ActorRecord, Pending, PhotoRecord, actor_records, pending, photo_records
from casting.curation.records import Lack, Order
from castoon.errors import CastoonError, NotReadyError
from castoon.images import read

THUMB_PX = 88
GRID_PX = 320


@st.cache_resource(show_spinner=False, max_entries=6)
def _actors(folder: str, revision: int, search: str, where: str, lacks: Lack | None, order: Order) -> list[ActorRecord]:
    del folder, revision
    return actor_records(state.library(), search=search, where=where, lacks=lacks, order=order)


def actors(search: str = "", where: str = "", lacks: Lack | None = None, order: Order = "name") -> list[ActorRecord]:
    """Actors as asked for; see `casting.curation.actor_records`."""
    opened = state.library()
    return _actors(str(opened.folder), opened.database.revision(), search, where, lacks, order)


@st.cache_resource(show_spinner=False, max_entries=6)
def _photos(folder: str, revision: int, actor: int | None, lacks: Lack | None) -> list[PhotoRecord]:
    del folder, revision
    return photo_records(state.library(), None if actor is None else [actor], lacks)


def photos(actor: int | None = None, lacks: Lack | None = None) -> list[PhotoRecord]:
    """Photos of one actor, or of all."""
    opened = state.library()
    return _photos(str(opened.folder), opened.database.revision(), actor, lacks)


@st.cache_data(show_spinner=False, max_entries=8)
def _pending(folder: str, revision: int, version: str | None) -> Pending:
    del folder, revision
    try:
        return pending(state.library(), state.index(version) if version else None)
    except NotReadyError:
        return Pending(no_index=True)


def behind() -> Pending:
    """How far the live index is behind the catalog."""
    opened = state.library()
    return _pending(str(opened.folder), opened.database.revision(), opened.index.live)


def picture(file: str, box: tuple[float, float, float, float] | None, size: int = GRID_PX) -> bytes | None:
    """A photo cut around its face; None when it is gone."""
    return state.portrait(str(state.library().folder), file, box, size, "") if file else None


@st.cache_data(show_spinner=False, max_entries=4096)
def thumbnail(folder: str, file: str, box: tuple[float, float, float, float] | None, size: int = THUMB_PX) -> str:
    """A small portrait as a data address, for tables and charts; empty when the photo is gone."""
    try:
        content = pictures.webp(pictures.portrait(read(state.library().folder / file).pixels, box), size, 60)
    except CastoonError:
        return ""
    del folder
    return f"data:image/webp;base64,{base64.b64encode(content).decode()}"


def thumb(file: str, box: tuple[float, float, float, float] | None, size: int = THUMB_PX) -> str:
    """See `thumbnail`."""
    return thumbnail(str(state.library().folder), file, box, size) if file else ""


def change(done: str, action: Callable[..., Any], *given: Any, **named: Any) -> None:
    """Change the library and draw the page anew, or say why it could not be changed."""
    try:
        access.require_editor()
        action(state.library(), *given, **named)
    except CastoonError as error:
        state.show_error(error)
        return
    work_state.flash(done)
    st.rerun()


def start_rebuild() -> None:
    """Bring the index up to date in a process of its own."""
    access.require_editor()
    jobs.start_rebuild(state.library())
