"""What the Map page reads: the map of the live index, computed once a version, with actors and characters on it."""

from __future__ import annotations

import streamlit as st

from app_pages import library_state, state, work_state
from casting import castings, mapping
from casting.mapping import CastMap, Placed

HOVER_PX = 96
FEW = 150
"""Up to so many actors have room for a portrait each."""
MOST_PICTURES = 1500
"""Above this many points a page with all their pictures would take too long to load."""


def spaces() -> list[str]:
    """Spaces of the live index, the one that weighs most first."""
    return mapping.spaces_for_maps(state.library(), state.live_index())


def known(space: str) -> CastMap | None:
    """The map, where it was computed before."""
    return mapping.known_map(state.library(), state.live_index(), space)


@st.cache_resource(show_spinner=False, max_entries=4)
def _actors(folder: str, revision: int, version: str, space: str) -> list[Placed]:
    del folder, revision
    drawn = mapping.known_map(state.library(), state.index(version), space)
    return mapping.place_actors(state.library(), drawn) if drawn else []


def actors(drawn: CastMap) -> list[Placed]:
    """Actors on a map."""
    opened = state.library()
    if not drawn.complete:
        return mapping.place_actors(opened, drawn)
    return _actors(str(opened.folder), opened.database.revision(), drawn.version, drawn.space)


def lay_out(space: str, key: str) -> None:
    """Compute a map beside the page."""
    library, index = state.library(), state.live_index()
    work_state.start(key, lambda progress: mapping.cast_map(library, space, progress, index))


def place(drawn: CastMap, key: str) -> None:
    """Place characters on a map beside the page; the first time, their faces have to be found."""
    library, models, index = state.library(), state.engine(), state.live_index()
    work_state.start(key, lambda progress: mapping.place_characters(library, models, drawn, index, progress))


def characters_key(drawn: CastMap) -> str:
    """Under which the characters of a map are found again; other pictures are other characters."""
    known = [(one.name, one.images, one.faces) for one in castings.characters.every(state.library())]
    return f"map {drawn.version} {drawn.space} {hash(tuple(known))}"


def character_names() -> list[str]:
    """Saved characters, by production."""
    return [one.name for one in castings.characters.every(state.library())]


def hover_picture(one: Placed) -> str:
    """A small picture of a point as a data address."""
    return library_state.thumb(one.picture, one.box, HOVER_PX)
