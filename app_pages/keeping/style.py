"""How drawings are read: as the model pack reads them, or in the style of this library, learnt from pages of it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app_pages import access, state, work_state
from app_pages.ranking.actions import done
from app_pages.state import t
from casting.curation import Upload
from casting.style_uploads import pictures_of
from casting.tuning.active import library_tuning
from casting.tuning.manners import ENOUGH, Learnt, characters_pictures, drop, learn, learnt_from

WORK = "style"
TYPES = ["jpg", "jpeg", "png", "webp", "avif", "gif", "zip"]
MOST_MB = 500
FACE_PX = 72


def show() -> None:
    """What is in use, then the way to learn a style."""
    st.markdown(t("style.what"))
    _in_use()
    if work_state.watch(WORK):
        return
    work = work_state.current(WORK)
    if work is not None and isinstance(work.result, Learnt) and work.result.manners:
        _learnt(work.result)
        return
    if access.may_edit():
        _form()
    else:
        st.info(t("viewer.only"), icon=":material/visibility:")


def _in_use() -> None:
    faces = learnt_from(state.library(), state.engine())
    with st.container(
        border=True, horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="style-in-use"
    ):  # fmt: skip
        st.markdown(t("style.own", count=faces) if faces else t("style.pack"), width="stretch")
        if faces:
            with st.popover(t("style.drop"), icon=":material/undo:", disabled=not access.may_edit()):
                st.caption(t("style.drop.what"))
                if st.button(t("style.drop.yes"), icon=":material/undo:", key="drop style"):
                    access.require_editor()
                    work_state.forget(WORK)
                    done(t("style.dropped"), ":material/undo:", _drop)


def _drop() -> None:
    library = state.library()
    with library.writing("castoon bridge drop"):
        drop(library)


def _form() -> None:
    library = state.library()
    saved = characters_pictures(library)
    if library_tuning(library).is_file():
        st.caption(t("style.fitted"))
    dropped: Any = st.file_uploader(
        t("style.pages"), type=TYPES, accept_multiple_files=True, help=t("style.pages.help", count=ENOUGH),
        key=f"style pages {st.session_state.setdefault('style round', 0)}", max_upload_size=MOST_MB,
    )  # fmt: skip
    with_saved = bool(saved) and st.checkbox(
        t("style.saved", count=len(saved)), value=True, key="style with saved"
    )  # fmt: skip
    if st.button(
        t("style.learn"), type="primary", icon=":material/brush:", disabled=not (dropped or with_saved), key="learn"
    ):  # fmt: skip
        access.require_editor()
        uploads = [Upload(one.name, one.getvalue()) for one in dropped or ()]
        models = state.engine()
        also = saved if with_saved else []
        work_state.start(WORK, lambda told: learn(library, models, [*pictures_of(uploads), *also], told))
        st.rerun()


def _learnt(found: Learnt) -> None:
    st.success(t("style.learnt", count=found.drawings), icon=":material/brush:")
    with st.container(horizontal=True, gap="small", key="style-faces"):
        for face in found.shown:
            st.image(face, width=FACE_PX)
    if len(found.shown) < found.drawings:
        st.caption(t("style.some", count=len(found.shown)))
    with st.container(horizontal=True):
        st.page_link("app_pages/rank.py", label=t("characters.begin"), icon=":material/leaderboard:")
        if st.button(t("style.again"), icon=":material/refresh:", type="tertiary"):
            work_state.forget(WORK)
            st.session_state["style round"] += 1
            st.rerun()
