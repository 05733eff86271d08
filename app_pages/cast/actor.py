"""One actor: photos, facts, rights, the other record of the same person, and forgetting."""

from __future__ import annotations

from pathlib import PurePosixPath

import streamlit as st

from app_pages import access, address, library_state, state
from app_pages.cast import proof
from app_pages.cast.pending import show_pending
from app_pages.cast.rights import rights_table
from app_pages.state import plain, said, t
from casting import forget
from casting.curation import (
    ActorRecord,
    PhotoRecord,
    edit_actor,
    merge_actors,
    move_photos,
    remove_photos,
    rename_actor,
)
from casting.library import Library
from casting.runs import running
from castoon.errors import CastoonError

PHOTO_PX = 150
TEXTS = ("gender", "agency", "availability")
LISTS = ("aliases", "tags")


def show(number: int) -> None:
    """The page of one actor."""
    if st.button(t("lib.back"), icon=":material/arrow_back:", type="tertiary", key="back"):
        _leave()
    row = next((one for one in library_state.actors() if one.id == number), None)
    if row is None:
        st.info(t("lib.actor.gone"), icon=":material/person_off:")
        return
    st.title(plain(row.name))
    if row.aliases:
        st.caption(plain(", ".join(row.aliases)))
    show_pending(running(state.library()))
    mine = library_state.photos(row.id)
    left, right = st.columns([1.5, 1], gap="large")
    with left:
        st.subheader(t("lib.actor.photos"))
        _photos(row, mine)
        if mine:
            st.subheader(t("lib.actor.rights"))
            rights_table(mine, f"actor {row.id}")
    with right:
        st.subheader(t("lib.facts"))
        _facts(row)
        if access.may_edit():
            _merge(row)
            _forget(row)


def _leave() -> None:
    address.put("actor", "")
    address.leave("library")
    st.rerun()


def _photos(row: ActorRecord, mine: list[PhotoRecord]) -> None:
    if not mine:
        st.info(t("lib.nophoto"), icon=":material/no_photography:")
        return
    chosen: list[PhotoRecord] = []
    with st.grid(min_column_width=PHOTO_PX, gap="small", key="actor-photos"):
        for photo in mine:
            with st.container(gap="xsmall", key=f"actor-photo-{photo.id}"):
                picture = library_state.picture(photo.file, photo.box)
                if picture is None:
                    st.caption(t("photo.gone"))
                else:
                    st.image(picture, width="stretch", alt=photo.original)
                name = plain(PurePosixPath(photo.original).name)
                if not access.may_edit():
                    st.caption(name)
                elif st.checkbox(name, key=f"select {photo.id}", help=plain(photo.original)):
                    chosen.append(photo)
                for flag in photo.flags:
                    st.badge(t(f"flag.{flag}"), color="orange", icon=":material/warning:")
                if photo.failure:
                    st.caption(f":material/error: {plain(t('lib.failed', reason=said(photo.failure)))}")
    if chosen:
        with st.container(horizontal=True, vertical_alignment="center", border=True, key="selection"):
            st.markdown(f"**{plain(t('lib.selected', count=len(chosen)))}**", width="content")
            if st.button(t("lib.move"), icon=":material/drive_file_move:"):
                _move(row, chosen)
            if st.button(t("lib.remove"), icon=":material/delete:"):
                _remove(chosen)


def _move(row: ActorRecord, photos: list[PhotoRecord]) -> None:
    @st.dialog(t("lib.move.title"), icon=":material/drive_file_move:")
    def ask() -> None:
        others = [one.name for one in library_state.actors() if one.id != row.id]
        to = st.selectbox(
            t("lib.move.to"), others, index=None, accept_new_options=True, placeholder=t("lib.move.hint"),
            key="move to",
        )  # fmt: skip
        done = t("lib.move.do", count=len(photos))
        if st.button(done, type="primary", disabled=not to, width="stretch") and to:
            numbers = [photo.id for photo in photos]
            library_state.change(t("lib.moved", count=len(photos), name=to), move_photos, numbers, to)

    ask()


def _remove(photos: list[PhotoRecord]) -> None:
    @st.dialog(t("lib.remove.title"), icon=":material/delete:")
    def ask() -> None:
        st.write(t("lib.remove.what", count=len(photos)))
        if st.button(t("lib.remove.do", count=len(photos)), type="primary", width="stretch"):
            library_state.change(t("lib.removed", count=len(photos)), remove_photos, [photo.id for photo in photos])

    ask()


def _facts(row: ActorRecord) -> None:
    may = access.may_edit()
    with st.form(f"facts {row.id}", border=may):
        name = st.text_input(t("lib.col.name"), row.name, disabled=not may, max_chars=200)
        told: dict[str, str] = {}
        for column in ("aliases", *TEXTS[:1]):
            told[column] = _text(row, column, may)
        born, tall = st.columns(2)
        with born:
            told["birth_year"] = _text(row, "birth_year", may)
        with tall:
            told["height_cm"] = _text(row, "height_cm", may)
        for column in ("agency", "availability", "tags"):
            told[column] = _text(row, column, may)
        if st.form_submit_button(
            t("lib.facts.save"), type="primary", icon=":material/save:", disabled=not may, width="stretch"
        ):
            library_state.change(t("lib.facts.saved"), _save, row, name, told)


def _text(row: ActorRecord, column: str, may: bool) -> str:
    value = row.facts[column]
    shown = "; ".join(value) if isinstance(value, tuple) else f"{value:g}" if isinstance(value, float) else value
    return st.text_input(
        t(f"lib.col.{column}"), "" if shown is None else str(shown), disabled=not may,
        help=t("lib.facts.lists") if column in LISTS else None,
    )  # fmt: skip


def _save(library: Library, row: ActorRecord, name: str, told: dict[str, str]) -> None:
    edit_actor(library, row.id, told)
    rename_actor(library, row.id, name)


def _merge(row: ActorRecord) -> None:
    with st.expander(t("lib.merge"), icon=":material/merge:"):
        others = {one.name: one.id for one in library_state.actors() if one.id != row.id}
        other = st.selectbox(
            t("lib.merge.with"), list(others), index=None, placeholder=t("lib.search.hint"), key=f"merge {row.id}"
        )
        if other:
            st.caption(plain(t("lib.merge.what", name=row.name, other=other)))
            if st.button(plain(t("lib.merge.do", name=row.name)), type="primary", icon=":material/merge:"):
                library_state.change(t("lib.merged", name=row.name), merge_actors, row.id, others[other])


def _forget(row: ActorRecord) -> None:
    with st.expander(t("lib.forget"), icon=":material/delete_forever:"):
        st.warning(plain(t("lib.forget.what", name=row.name, photos=row.photos)), icon=":material/warning:")
        typed = st.text_input(t("lib.forget.type"), placeholder=row.name, key=f"forget {row.id}", autocomplete="off")
        sure = " ".join(typed.split()) == row.name
        if st.button(t("lib.forget.do"), type="primary", disabled=not sure, icon=":material/delete_forever:"):
            try:
                access.require_editor()
                with st.spinner(t("lib.forget.do")):
                    proof.keep(forget(state.library(), row.name))
            except CastoonError as error:
                state.show_error(error)
                return
            st.cache_data.clear()
            _leave()
