"""Where photos come from and what may be done with them: seen, corrected one by one, set for many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import streamlit as st

from app_pages import access, address, library_state, state, work_state
from app_pages.state import plain, t
from casting.curation import PhotoRecord, set_rights
from casting.curation.records import Lack
from castoon.errors import CastoonError

COLUMNS = ("source", "licence", "consent")
WHICH = ("all", "consent", "licence")
MOST_ROWS = 500


def show() -> None:
    """The part of the page on rights."""
    st.caption(t("lib.rights.what"))
    everything = library_state.photos()
    if not everything:
        st.info(t("lib.empty"), icon=":material/group_add:")
        return
    _shares(everything)
    asked = address.get("without", "all")
    which = st.segmented_control(
        t("lib.rights.which"), WHICH, default=asked if asked in WHICH else "all", required=True, key="rights which",
        format_func=lambda one: t("lib.rights.all") if one == "all" else t(f"lib.lacks.{one}"),
        label_visibility="collapsed",
    )  # fmt: skip
    address.put("without", which, "all")
    shown = everything if which == "all" else library_state.photos(lacks=cast(Lack, which))
    if not shown:
        st.success(t("lib.rights.none"), icon=":material/task_alt:")
        return
    if access.may_edit():
        _for_all(shown)
    rights_table(shown[:MOST_ROWS], which, actors=True)
    if len(shown) > MOST_ROWS:
        st.caption(plain(t("lib.check.more", count=f"{len(shown) - MOST_ROWS:,}")))


def _shares(photos: Sequence[PhotoRecord]) -> None:
    with st.container(horizontal=True, gap="large"):
        for column, words in (("consent", "complete"), ("licence", "licensed"), ("source", "sourced")):
            known = sum(getattr(photo, column) is not None for photo in photos)
            st.metric(t(f"lib.rights.{words}"), f"{known:,} / {len(photos):,}", width="content")


def _for_all(shown: Sequence[PhotoRecord]) -> None:
    with (
        st.expander(plain(t("lib.rights.for", count=f"{len(shown):,}")), icon=":material/edit_note:"),
        st.form("rights for all", border=False),
    ):
        left, middle, right = st.columns([1, 2, 1.2], vertical_alignment="bottom")
        column = left.selectbox(t("lib.rights.column"), COLUMNS, format_func=lambda one: t(f"lib.col.{one}"), index=2)
        value = middle.text_input(t("lib.rights.value"), placeholder=t("lib.add.consent.hint"))
        if right.form_submit_button(t("lib.rights.apply", count=f"{len(shown):,}"), width="stretch"):
            done = t("lib.rights.saved", count=f"{len(shown):,}")
            library_state.change(done, set_rights, [photo.id for photo in shown], {str(column): value})


def rights_table(photos: Sequence[PhotoRecord], key: str, *, actors: bool = False) -> None:
    """Photos with their rights; cells can be edited by those who may."""
    import pandas as pd

    frame = pd.DataFrame(
        [
            {
                "portrait": library_state.thumb(photo.file, photo.box), "actor": photo.actor, "file": photo.original,
                **{name: getattr(photo, name) for name in COLUMNS},
            }
            for photo in photos
        ],
        index=[photo.id for photo in photos],
    )  # fmt: skip
    frame[list(COLUMNS)] = frame[list(COLUMNS)].astype(object)
    columns: dict[str, Any] = {
        "portrait": st.column_config.ImageColumn(t("lib.col.portrait"), width="small", pinned=True),
        **{name: st.column_config.TextColumn(t(f"lib.col.{name}")) for name in ("actor", "file", *COLUMNS)},
    }
    order = ["portrait", *(["actor"] if actors else []), *COLUMNS, "file"]
    height = min(44 * len(photos) + 42, 640)
    if not access.may_edit():
        st.dataframe(
            frame, hide_index=True, column_config=columns, column_order=order, row_height=44, height=height,
            key=f"rights {key}",
        )  # fmt: skip
        return
    version = st.session_state.setdefault("rights version", 0)
    edited = st.data_editor(
        frame, hide_index=True, column_config=columns, column_order=order, row_height=44, height=height,
        width="stretch", disabled=["portrait", "actor", "file"], key=f"rights {key} {version}",
    )  # fmt: skip
    changes: dict[int, dict[str, str | None]] = {}
    for name in COLUMNS:
        for number, old, new in zip(frame.index, frame[name], edited[name], strict=True):
            if (old or None) != (new or None):
                changes.setdefault(int(number), {})[name] = new or None
    words = t("lib.table.save", count=sum(map(len, changes.values())))
    if changes and st.button(words, type="primary", icon=":material/save:", key=f"save rights {key}"):
        _save(changes)


def _save(changes: dict[int, dict[str, str | None]]) -> None:
    try:
        access.require_editor()
        for number, rights in changes.items():
            set_rights(state.library(), [number], rights)
    except CastoonError as error:
        state.show_error(error)
        return
    st.session_state["rights version"] += 1
    work_state.flash(t("lib.rights.saved", count=len(changes)))
    st.rerun()
