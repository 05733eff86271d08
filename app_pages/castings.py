"""Characters and shortlists: what people keep while they cast, and what became of it."""

from __future__ import annotations

import streamlit as st

from app_pages import address, state
from app_pages.keeping import characters, history, shortlists, style
from app_pages.state import t
from castoon.errors import CastoonError

PARTS = {"characters": characters.show, "shortlists": shortlists.show, "history": history.show, "style": style.show}


def page() -> None:
    """One part at a time; the address says which."""
    address.arrive("castings", ("part", "list"))
    st.title(t("nav.castings"))
    st.caption(t("castings.tagline"))
    state.say_what_was_done()
    try:
        state.library()
        wanted = address.get("part", "characters")
        part = st.segmented_control(
            t("castings.part"), list(PARTS), default=wanted if wanted in PARTS else "characters", required=True,
            key="part", format_func=lambda one: t(f"castings.{one}"), persist_state="session",
            label_visibility="collapsed",
        )  # fmt: skip
        address.put("part", part, "characters")
        PARTS[part]()
    except CastoonError as error:
        state.show_error(error)
    address.leave("castings")


page()
