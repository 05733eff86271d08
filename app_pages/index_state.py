"""What the Index page reads: versions and whether they fit the models in use."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from app_pages import state
from casting import index_status
from casting.index_status import VersionStatus
from castoon.errors import CastoonError


@st.cache_data(show_spinner=False, max_entries=8)
def _versions(folder: str, names: tuple[str, ...], live: str | None, settings: str) -> list[VersionStatus]:
    del folder, names, live, settings
    opened = state.library()
    try:
        engine = state.engine()
        _ = engine.pack
    except CastoonError:
        return index_status.versions(opened)
    return index_status.versions(opened, engine)


def versions() -> list[VersionStatus]:
    """Versions kept, newest first."""
    opened = state.library()
    index = opened.index
    return _versions(str(opened.folder), tuple(index.names()), index.live, opened.settings.model_dump_json())


def age_s(moment: datetime) -> float:
    """Seconds since a moment of UTC."""
    return max((datetime.now(UTC).replace(tzinfo=None) - moment).total_seconds(), 0.0)
