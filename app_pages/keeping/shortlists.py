"""Shortlists: one at a time, its entries by status, each with a note; downloadable as a table."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from app_pages import access, address, state
from app_pages.ranking.actions import done
from app_pages.state import plain, t
from casting import castings, exports
from casting.castings import Entry
from casting.castings.shortlists import Summary
from castoon.errors import CastoonError

PICTURE_PX = 160
COLOURS: dict[str, Literal["gray", "blue", "violet", "orange", "green", "red"]] = {
    "considered": "gray", "approached": "blue", "audition": "violet", "offered": "orange", "cast": "green",
    "declined": "red",
}  # fmt: skip


def show() -> None:
    """Choose a list, see and change its entries."""
    every = {one.name: one for one in castings.shortlists.every(state.library())}
    editor = access.may_edit()
    if not every:
        st.info(t("shortlists.empty"), icon=":material/playlist_add:")
        st.button(
            t("shortlists.begin"), icon=":material/add:", on_click=_create, disabled=not editor, type="primary"
        )  # fmt: skip
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = address.get("list")
        names = list(every)
        name = st.selectbox(
            t("shortlist"), names, index=names.index(wanted) if wanted in every else 0, key="list", width=420,
            format_func=lambda one: _titled(every[one]), label_visibility="collapsed", persist_state="session",
        )  # fmt: skip
        address.put("list", name)
        if st.button(t("shortlist.new"), icon=":material/add:", disabled=not editor):
            _create()
        st.download_button(
            t("export.csv"), lambda: exports.table_bytes(castings.shortlists.frame(state.library(), name)),
            f"{exports.file_stem(name)}.csv", "text/csv", on_click="ignore", icon=":material/download:",
        )  # fmt: skip
        with st.popover(t("delete"), icon=":material/delete:", disabled=not editor):
            st.caption(t("shortlists.delete"))
            if st.button(t("delete.yes"), icon=":material/delete_forever:"):
                done(t("deleted"), ":material/delete:", lambda: castings.shortlists.delete(state.library(), name))
    entries = castings.shortlists.entries(state.library(), name)
    if not entries:
        st.info(t("shortlists.nobody"), icon=":material/person_add:")
        return
    _counts(entries)
    for entry in entries:
        with st.container(border=True, key=f"entry-{entry.id}"):
            _entry(entry, editor)


def _titled(one: Summary) -> str:
    title = f"{one.name} · {one.production}" if one.production else one.name
    return f"{title} ({one.entries})"


def _counts(entries: list[Entry]) -> None:
    """How many stand where."""
    with st.container(horizontal=True, gap="small"):
        for status in castings.STATUSES:
            count = sum(entry.status == status for entry in entries)
            if count:
                st.badge(f"{t(f'status.{status}')} {count}", color=COLOURS[status])


def _entry(entry: Entry, editor: bool) -> None:
    picture, words, status, note, off = st.columns([0.7, 2, 1.5, 3, 0.5], vertical_alignment="center", gap="medium")
    shown = state.actor_portrait(entry.photo, PICTURE_PX)
    if shown is not None:
        picture.image(shown, width=84, alt=entry.actor)
    words.markdown(f"**{plain(entry.actor)}**")
    for_whom = t("shortlists.for", character=plain(entry.character)) if entry.character else ""
    by = plain(entry.author) if entry.author else ""
    words.caption(" · ".join(part for part in (for_whom, by, f"{entry.added:%Y-%m-%d}") if part))
    seen = f"{entry.id} {entry.status} {hash(entry.note)}"
    new_status = status.selectbox(
        t("status"), castings.STATUSES, index=castings.STATUSES.index(entry.status), key=f"status {seen}",
        format_func=lambda one: t(f"status.{one}"), label_visibility="collapsed", disabled=not editor,
    )  # fmt: skip
    new_note = note.text_area(
        t("note"), value=entry.note, key=f"note {seen}", height=72, max_chars=1000, label_visibility="collapsed",
        placeholder=t("note.hint"), disabled=not editor,
    )  # fmt: skip
    if (new_status, new_note.strip()) != (entry.status, entry.note):
        try:
            access.require_editor()
            castings.shortlists.change(state.library(), entry, status=new_status, note=new_note)
        except CastoonError as error:
            state.show_error(error)
        else:
            st.rerun()
    if off.button(
        "", icon=":material/close:", key=f"off {entry.id}", type="tertiary", help=t("shortlists.off"),
        disabled=not editor,
    ):  # fmt: skip
        done(t("deleted"), ":material/close:", lambda: castings.shortlists.drop(state.library(), entry))


def _create() -> None:
    @st.dialog(t("shortlist.new"), icon=":material/add:")
    def ask() -> None:
        name = st.text_input(t("shortlist.name"), max_chars=120)
        production = st.text_input(t("save.production"), max_chars=120)
        if st.button(t("shortlists.create"), type="primary", disabled=not name.strip()):
            st.session_state.pop("list", None)
            address.put("list", " ".join(name.split()))
            done(
                t("changed"), ":material/check:", lambda: castings.shortlists.create(state.library(), name, production)
            )

    ask()
