"""Saved characters as a grid; one opened to rank, to describe, to add pictures, or to delete."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app_pages import access, address, asked, state
from app_pages.asked import Shown
from app_pages.ranking.actions import done
from app_pages.ranking.character import SUFFIXES
from app_pages.state import plain, t
from casting import castings
from casting.castings import SavedCharacter
from castoon.errors import CastoonError

CARD_PX = 220
PICTURE_PX = 320
ALL = ""
PAGE = 48
"""Characters shown at a time."""


def show() -> None:
    """The grid, by production."""
    saved = castings.characters.every(state.library())
    if not saved:
        st.info(t("characters.empty"), icon=":material/face:")
        st.page_link("app_pages/rank.py", label=t("characters.begin"), icon=":material/leaderboard:")
        return
    productions = sorted({one.production or "" for one in saved})
    chosen = ALL
    if len(productions) > 1:
        chosen = st.pills(
            t("production"), [name for name in productions if name], key="characters production",
            format_func=lambda one: one, label_visibility="collapsed", persist_state="session",
        ) or ALL  # fmt: skip
    shown = [one for one in saved if not chosen or one.production == chosen]
    pages = -(-len(shown) // PAGE)
    at = min(address.number("page", 1, 1, pages), pages)
    with st.grid("auto", min_column_width=CARD_PX, gap="medium", key="characters"):
        for one in shown[(at - 1) * PAGE : at * PAGE]:
            with st.container(border=True, height="stretch", key=f"character-{one.id}", gap="xsmall"):
                _card(one)
    if pages > 1:
        turned = st.pagination(pages, default=at, key=f"characters page {pages} {chosen}", width="stretch")
        if turned != at:
            address.put("page", str(turned), "1")
            st.rerun()


def _card(one: SavedCharacter) -> None:
    picture = _picture(one)
    if picture is None:
        st.caption(f":material/broken_image: {t('photo.gone')}")
    else:
        st.image(picture, width="stretch", alt=one.name)
    st.markdown(f"**{plain(one.name)}**")
    told = [plain(line) for line in (one.production, one.synopsis) if line]
    if told:
        st.caption("  \n".join(told))
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", wrap=False, key=f"do-c{one.id}"
    ):  # fmt: skip
        st.page_link(
            "app_pages/rank.py", label=t("characters.rank"), icon=":material/leaderboard:",
            query_params={"character": one.name},
        )  # fmt: skip
        if st.button(
            t("edit"), key=f"edit {one.id}", type="tertiary", icon=":material/edit:", disabled=not access.may_edit()
        ):  # fmt: skip
            _edit(one)


def _picture(one: SavedCharacter) -> bytes | None:
    """The chosen face of the first picture, or the picture where the face is not found."""
    if not one.images:
        return None
    try:
        shown = Shown.of(state.file_bytes(state.library().folder / one.images[0]), Path(one.images[0]).name)
        if one.faces[0].box is not None:
            return asked.face_crop(shown, one.faces[0], PICTURE_PX)
        return asked.square(shown, PICTURE_PX)
    except CastoonError:
        return None


def _edit(one: SavedCharacter) -> None:
    @st.dialog(plain(one.name), icon=":material/edit:")
    def ask() -> None:
        production = st.text_input(t("save.production"), value=one.production or "", max_chars=120)
        synopsis = st.text_area(t("characters.synopsis"), value=one.synopsis or "", max_chars=1000)
        more = st.file_uploader(
            t("characters.add"), type=SUFFIXES, accept_multiple_files=True, key=f"more of {one.id}"
        )  # fmt: skip

        def change() -> None:
            library = state.library()
            castings.characters.describe(library, one.name, production=production, synopsis=synopsis)
            for upload in more:
                castings.characters.add_picture(library, one.name, upload.getvalue())

        with st.container(horizontal=True, horizontal_alignment="distribute"):
            if st.button(t("change"), type="primary", icon=":material/check:"):
                done(t("changed"), ":material/check:", change)
            if st.button(t("delete"), icon=":material/delete:", type="tertiary"):
                st.session_state[f"really {one.id}"] = True
        if st.session_state.get(f"really {one.id}"):
            st.warning(t("characters.delete"), icon=":material/delete:")
            if st.button(t("delete.yes"), icon=":material/delete_forever:"):
                st.session_state.pop(f"really {one.id}")
                done(t("deleted"), ":material/delete:", lambda: castings.characters.remove(state.library(), one.name))

    ask()
