"""What is live and what is kept: counts, contracts, sizes; verifying and going back."""

from __future__ import annotations

import streamlit as st

from app_pages import access, index_state, state, work_state
from app_pages.state import plain, said, t
from casting import index_status
from casting.index_status import VersionStatus
from casting.progress import Progress
from castoon.errors import CastoonError

WORK = "verify"


def show_live() -> None:
    """The live version in four figures, and its spaces."""
    live = next((one for one in index_state.versions() if one.live), None)
    if live is None:
        st.info(t("idx.none"), icon=":material/database_off:")
        return
    if live.problem:
        st.error(plain(f"{live.version}: {said(live.problem)}"), icon=":material/error:")
        return
    with st.container(horizontal=True, gap="large", key="index-figures"):
        age = t("idx.unknown") if live.created is None else work_state.ago(index_state.age_s(live.created))
        st.metric(t("idx.age"), age, width="content", help=plain(live.version))
        st.metric(t("idx.actors"), f"{live.actors:,}", width="content")
        st.metric(t("idx.vectors"), f"{live.vectors:,}", width="content")
        st.metric(t("idx.size"), _size(live.bytes), width="content")
    if any(space.fits is False and space.weight > 0 for space in live.spaces):
        st.warning(t("idx.mismatch"), icon=":material/sync_problem:")
    _spaces(live)


def _spaces(live: VersionStatus) -> None:
    import pandas as pd

    fits = {True: t("idx.fits.yes"), False: t("idx.fits.no"), None: t("idx.fits.unknown")}
    frame = pd.DataFrame(
        [
            {
                t("idx.space"): one.name, t("idx.fits"): fits[one.fits], t("idx.weight"): one.weight,
                t("idx.actors"): one.owners, t("idx.vectors"): one.vectors, t("idx.dim"): one.dim,
                t("idx.contract"): one.contract,
            }
            for one in live.spaces
        ]
    )  # fmt: skip
    st.dataframe(frame, hide_index=True, width="stretch", key="spaces")


def show_versions() -> None:
    """Every version kept, with verifying and going back."""
    kept = index_state.versions()
    st.subheader(t("idx.versions"))
    if not kept:
        st.caption(t("idx.versions.none"))
        return
    if not work_state.watch(WORK):
        _verified()
    for one in kept:
        with st.container(border=True, key=f"version-{one.version}"):
            _version(one)


def _version(one: VersionStatus) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(gap=None, width="content"):
            badge = f" :green-badge[{t('idx.live')}]" if one.live else ""
            st.markdown(f"`{one.version}`{badge}")
            if one.problem:
                st.caption(f":material/error: {plain(said(one.problem))}")
            else:
                age = "" if one.created is None else f"{work_state.ago(index_state.age_s(one.created))} · "
                told = t(
                    "idx.version.counts", actors=f"{one.actors:,}", vectors=f"{one.vectors:,}", size=_size(one.bytes)
                )
                st.caption(plain(f"{age}{told}"))
        with st.container(horizontal=True, width="content"):
            if not one.problem and st.button(t("idx.verify"), key=f"verify {one.version}", icon=":material/verified:"):
                _verify(one.version)
            go_back = not one.live and not one.problem and access.may_edit()
            if go_back and st.button(t("idx.back"), key=f"back {one.version}", icon=":material/history:"):
                _ask(one)


def _verify(version: str) -> None:
    library = state.library()

    def read(progress: Progress) -> tuple[str, int]:
        progress.begin("verify", None)
        return version, index_status.verify(library, version)

    work_state.start(WORK, read)
    st.rerun()


def _verified() -> None:
    work = work_state.current(WORK)
    if work is not None and work.result is not None:
        name, files = work.result
        st.success(plain(t("idx.sound", version=name, files=files)), icon=":material/verified:")


def _ask(one: VersionStatus) -> None:
    @st.dialog(t("idx.back.title"), icon=":material/history:")
    def ask() -> None:
        st.write(plain(t("idx.back.what", version=one.version)))
        if st.button(t("idx.back.do"), type="primary", width="stretch"):
            try:
                access.require_editor()
                index_status.switch(state.library(), one.version)
            except CastoonError as error:
                state.show_error(error)
                return
            work_state.flash(t("idx.back.done", version=one.version))
            st.rerun()

    ask()


def _size(count: int) -> str:
    for unit, size in (("GB", 1e9), ("MB", 1e6)):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return f"{count / 1e3:,.0f} KB"
