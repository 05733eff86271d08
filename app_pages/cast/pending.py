"""A line that says how far the index is behind the catalog, with the button that mends it."""

from __future__ import annotations

import streamlit as st

from app_pages import access, library_state, state, work_state
from app_pages.state import plain, t
from casting.runs import RunStatus, running
from castoon.errors import CastoonError


def show_pending(job: RunStatus | None) -> None:
    """Nothing where the index is up to date; the running job where there is one."""
    if job is not None and job.kind == "rebuild":
        _watch()
        return
    behind = library_state.behind()
    if not behind or not library_state.actors():
        return
    with st.container(border=True, key="index-behind"):
        words, button = st.columns([4, 1.4], vertical_alignment="center")
        told = t("lib.pending.none") if behind.no_index else t("lib.pending", count=f"{behind.total:,}")
        detail = t(
            "lib.pending.detail", new=behind.new_photos, gone=behind.gone_photos, moved=behind.moved_photos,
            actors=behind.changed_actors,
        )  # fmt: skip
        words.markdown(f":material/sync_problem: {plain(told)}", help=None if behind.no_index else detail)
        if access.may_edit() and button.button(t("lib.update"), icon=":material/sync:", width="stretch", key="update"):
            try:
                library_state.start_rebuild()
            except CastoonError as error:
                state.show_error(error)
                return
            work_state.flash(t("lib.update.started"))
            st.rerun()


@st.fragment(run_every=1.5)
def _watch() -> None:
    job = running(state.library(), "rebuild")
    if job is None:
        st.rerun()
        return
    with st.container(border=True, key="index-job"):
        work_state.show_progress(job.stage, job.done, job.total, job.per_second, job.seconds_left)
