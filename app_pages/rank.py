"""Rank actors: choose a character, see the faces found, pick one, get ranked actors."""

from __future__ import annotations

import streamlit as st

from app_pages import address, asked, state
from app_pages.ranking.character import choose_character
from app_pages.ranking.options import choose_options
from app_pages.ranking.result import show_result
from app_pages.state import t
from castoon.errors import CastoonError

# Beginnings of the keys of widgets whose values stand in the address.
ADDRESSED = (
    "source",
    "saved_character",
    "words",
    "where",
    "count",
    "view",
    "style",
    "filter ",
    "weight ",
    "picture ",
    "face ",
    "by hand ",
)


def page() -> None:
    """Lay the page out; everything that can go wrong ends in a message."""
    address.arrive("rank", ADDRESSED)
    try:
        state.live_index()
    except CastoonError as error:
        st.title(t("nav.rank"))
        state.show_no_library(error)
        return
    st.title(t("nav.rank"))
    st.caption(t("tagline"))
    state.say_what_was_done()
    if state.engine().pack.fake:
        st.warning(t("fake.banner"), icon=":material/science:")
    left, right = st.columns([1, 2.7], gap="large")
    try:
        with left, st.container(key="panel"):
            question = choose_character()
            options = choose_options(by_words=bool(question and question.words)) if question else None
        with right:
            if question is None or options is None:
                _nothing_yet()
            else:
                with st.spinner(t("working.rank"), show_time=True):
                    ranking = asked.rank(question, options)
                show_result(ranking, question, options)
    except CastoonError as error:
        with right:
            state.show_error(error)
    address.leave("rank")


def _nothing_yet() -> None:
    by_words = st.session_state.get("source") == "words"
    icon = "edit_note" if by_words else "imagesmode"
    with st.container(key="nothing-yet", horizontal_alignment="center", vertical_alignment="center"):
        st.markdown(f"## :material/{icon}:", width="content")
        st.markdown(f"**{t('upload.empty.title')}**", width="content")
        st.caption(t("words.empty" if by_words else "upload.empty"), width="content")


page()
