"""The cast library: who is in it, what is known of them, photos added, checked, cleared, forgotten."""

from __future__ import annotations

import streamlit as st

from app_pages import address, library_state, state, work_state
from app_pages.cast import actor, adding, browsing, checking, proof, rights
from app_pages.cast.pending import show_pending
from app_pages.state import plain, t
from casting.runs import running
from castoon.errors import CastoonError

SECTIONS = ("cast", "add", "check", "rights")


def page() -> None:
    """Lay the page out; everything that can go wrong ends in a message."""
    try:
        state.library()
    except CastoonError as error:
        st.title(t("nav.library"))
        st.warning(t("lib.missing"), icon=":material/folder_off:")
        state.show_error(error)
        st.write(t("lib.missing.how"))
        st.code("castoon import SOURCE --library DIR\ncastoon rebuild --library DIR", language="bash")
        return
    address.arrive("library")
    work_state.show_flash()
    try:
        _show()
    except CastoonError as error:
        state.show_error(error)
    address.leave("library")


def _show() -> None:
    chosen = address.number("actor", 0, 0, 10**9)
    if chosen:
        actor.show(chosen)
        return
    st.title(t("nav.library"))
    proof.show()
    everybody = library_state.actors()
    lacking = sum(row.without_consent for row in everybody)
    counts = [t("lib.counts", actors=f"{len(everybody):,}", photos=f"{sum(row.photos for row in everybody):,}")]
    counts += [t("lib.counts.consent", count=f"{lacking:,}")] if lacking else []
    st.caption(plain(" · ".join(counts)))
    show_pending(running(state.library()))
    default = address.get("part", "cast" if everybody else "add")
    section = st.segmented_control(
        t("lib.section"), SECTIONS, default=default if default in SECTIONS else "cast", required=True,
        key="library part", label_visibility="collapsed",
        format_func=lambda one: t(f"lib.section.{one}"),
    )  # fmt: skip
    address.put("part", section, "cast")
    match section:
        case "cast":
            browsing.show()
        case "add":
            adding.show()
        case "check":
            checking.show()
        case _:
            rights.show()


page()
