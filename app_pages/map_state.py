"""What the Map page reads: the map of the live index, computed once a version, with actors and characters on it."""

from __future__ import annotations

import streamlit as st

from app_pages import library_state, state
from casting import mapping
from casting.mapping import CastMap, Placed
from casting.progress import Progress

HOVER_PX = 96
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


def job(space: str) -> object:
    """What has to be computed for a map and the characters on it, to be run beside the page."""
    library, models, index = state.library(), state.engine(), state.live_index()

    def compute(progress: Progress) -> tuple[CastMap, list[Placed]]:
        drawn = mapping.cast_map(library, space, progress, index)
        return drawn, mapping.place_characters(library, models, drawn, index, progress)

    return compute


def hover_picture(one: Placed) -> str:
    """A small picture of a point as a data address."""
    return library_state.thumb(one.picture, one.box, HOVER_PX)
