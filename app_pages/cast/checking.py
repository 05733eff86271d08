"""Suspicions to settle: the same picture twice, somebody else's photo, one person recorded as two."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from app_pages import access, library_state, state, work_state
from app_pages.state import plain, t
from casting.curation import (
    ActorRecord,
    Duplicate,
    Findings,
    PhotoRecord,
    SamePerson,
    SomebodyElse,
    dismiss,
    merge_actors,
    move_photos,
    remove_photos,
    review,
)
from casting.library import Library

WORK = "checking"
SHOWN = 10
OTHERS = 3


def show() -> None:
    """The button, the running check, or what it found."""
    st.caption(t("lib.check.what"))
    if work_state.watch(WORK):
        return
    work = work_state.current(WORK)
    found: Findings | None = work.result if work is not None and not work.error else None
    words = t("lib.check.do") if found is None else t("lib.check.again")
    if st.button(words, type="primary" if found is None else "secondary", icon=":material/fact_check:", key="check"):
        library = state.library()
        work_state.start(WORK, lambda progress: review(library, progress))
        st.rerun()
    if found is not None:
        _found(found)


def _found(found: Findings) -> None:
    told = [t("lib.check.looked", photos=f"{found.photos:,}")]
    told += [t("lib.check.unindexed", count=found.not_indexed)] if found.not_indexed else []
    told += [t("lib.check.dismissed", count=found.dismissed)] if found.dismissed else []
    st.caption(plain(" ".join(told)))
    actors = {row.id: row for row in library_state.actors()}
    photos = {photo.id: photo for photo in library_state.photos()}
    settled: set[Any] = st.session_state.setdefault("settled", set())
    copies = [one for one in found.duplicates if one.key not in settled and {one.photo, one.copy} <= photos.keys()]
    strange = [
        one for one in found.somebody_else
        if one.key not in settled and one.photo in photos and photos[one.photo].actor_id == one.actor
        and {one.actor, one.resembles} <= actors.keys()
    ]  # fmt: skip
    twins = [one for one in found.same_person if one.key not in settled and {one.actor, one.other} <= actors.keys()]
    if not (copies or strange or twins):
        st.success(t("lib.check.clean"), icon=":material/task_alt:")
        return
    for title, rows, draw in (
        ("lib.check.duplicate", copies, lambda one: _duplicate(one, photos)),
        ("lib.check.else", strange, lambda one: _somebody_else(one, actors, photos)),
        ("lib.check.same", twins, lambda one: _same_person(one, actors)),
    ):
        _group(t(title), rows, draw)


def _group(title: str, rows: Sequence[Any], draw: Callable[[Any], None]) -> None:
    if not rows:
        return
    st.subheader(f"{title} ({len(rows)})")
    for one in rows[:SHOWN]:
        with st.container(border=True):
            draw(one)
    if len(rows) > SHOWN:
        st.caption(plain(t("lib.check.more", count=len(rows) - SHOWN)))


def _duplicate(one: Duplicate, photos: dict[int, PhotoRecord]) -> None:
    pair = (photos[one.photo], photos[one.copy])
    if one.actor != one.copy_actor:
        st.markdown(f":material/warning: **{t('lib.check.duplicate.two')}**")
    for column, photo, other in zip(st.columns(2), pair, reversed(pair), strict=True):
        with column:
            _picture(photo)
            st.markdown(f"**{plain(photo.actor)}**")
            st.caption(plain(f"{photo.original} · {photo.width} x {photo.height}"))
            if access.may_edit() and st.button(
                t("lib.check.keep"), key=f"keep {photo.id} not {other.id}", width="stretch"
            ):
                library_state.change(t("lib.removed", count=1), remove_photos, [other.id])
    _dismissing(one, "lib.check.both")


def _somebody_else(one: SomebodyElse, actors: dict[int, ActorRecord], photos: dict[int, PhotoRecord]) -> None:
    photo, mine, theirs = photos[one.photo], actors[one.actor], actors[one.resembles]
    first, second, third = st.columns(3)
    with first:
        _picture(photo)
        st.markdown(f"**{plain(t('lib.check.else.filed', name=mine.name))}**")
        st.caption(plain(photo.original))
    for column, row in ((second, mine), (third, theirs)):
        with column:
            shown = [other for other in library_state.photos(row.id) if other.id != photo.id][:OTHERS]
            _strip(shown)
            st.caption(plain(t("lib.check.else.others", name=row.name)))
    numbers = t("lib.check.else.numbers", own=f"{one.own:.2f}", other=f"{one.other:.2f}", name=theirs.name)
    st.caption(plain(numbers))
    if not access.may_edit():
        return
    with st.container(horizontal=True):
        if st.button(plain(t("lib.check.else.move", name=theirs.name)), key=f"move {photo.id}", type="primary"):
            library_state.change(t("lib.moved", count=1, name=theirs.name), move_photos, [photo.id], theirs.name)
        if st.button(t("lib.check.else.remove"), key=f"remove {photo.id}"):
            library_state.change(t("lib.removed", count=1), remove_photos, [photo.id])
        _dismissing(one, "lib.check.else.right")


def _same_person(one: SamePerson, actors: dict[int, ActorRecord]) -> None:
    pair = (actors[one.actor], actors[one.other])
    for column, row, other in zip(st.columns(2), pair, reversed(pair), strict=True):
        with column:
            _strip(library_state.photos(row.id)[:OTHERS])
            st.markdown(f"**{plain(row.name)}**")
            if access.may_edit() and st.button(
                plain(t("lib.check.same.merge", name=row.name)), key=f"merge {other.id} into {row.id}",
                width="stretch",
            ):  # fmt: skip
                library_state.change(t("lib.merged", name=row.name), merge_actors, row.id, other.id)
    _dismissing(one, "lib.check.same.two")


def _dismissing(one: Duplicate | SomebodyElse | SamePerson, words: str) -> None:
    if access.may_edit() and st.button(t(words), key=f"dismiss {one.key}", icon=":material/check:"):
        library_state.change(t(words), _settle, one)


def _settle(library: Library, one: Duplicate | SomebodyElse | SamePerson) -> None:
    dismiss(library, one)
    st.session_state.setdefault("settled", set()).add(one.key)


def _picture(photo: PhotoRecord) -> None:
    picture = library_state.picture(photo.file, photo.box)
    if picture is None:
        st.caption(t("photo.gone"))
    else:
        st.image(picture, width=200, alt=photo.original)


def _strip(photos: Sequence[PhotoRecord]) -> None:
    shown = [picture for photo in photos if (picture := library_state.picture(photo.file, photo.box, 160))]
    if shown:
        with st.container(horizontal=True, gap="xsmall"):
            for picture in shown:
                st.image(picture, width=92)
    else:
        st.caption(t("lib.nophoto"))
