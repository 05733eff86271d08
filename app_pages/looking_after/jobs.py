"""The job that renews the index: started here, watched while it runs, asked to stop, remembered when it has ended."""

from __future__ import annotations

import streamlit as st

from app_pages import access, index_state, library_state, state, work_state
from app_pages.state import plain, said, t
from casting import runs
from casting.jobs import start_rebuild
from castoon.errors import CastoonError

LOOK_EVERY_S = 1.5
STATES = {"done": "green", "running": "blue", "stopped": "gray", "failed": "red", "lost": "orange"}


def show_job() -> None:
    """The running job, or the buttons that start one."""
    job = runs.running(state.library())
    if job is not None:
        _running()
        return
    behind = library_state.behind()
    with st.container(border=True, key="rebuild"):
        words, start = st.columns([3, 1.4], vertical_alignment="center")
        if behind:
            words.markdown(f":material/sync_problem: {plain(t('idx.behind', count=f'{behind.total:,}'))}")
        else:
            words.markdown(f":material/task_alt: {t('idx.uptodate')}")
        if not access.may_edit():
            return
        with start.container(horizontal=True, horizontal_alignment="right"):
            if st.button(
                t("idx.start"), type="primary" if behind else "secondary", icon=":material/sync:", key="start rebuild"
            ):
                _start(False)
            with st.popover(t("idx.full"), icon=":material/restart_alt:"):
                st.caption(t("idx.full.what"))
                if st.button(t("idx.full.do"), type="primary"):
                    _start(True)


def _start(full: bool) -> None:
    try:
        access.require_editor()
        start_rebuild(state.library(), full=full)
    except CastoonError as error:
        state.show_error(error)
        return
    work_state.flash(t("lib.update.started"))
    st.rerun()


@st.fragment(run_every=LOOK_EVERY_S)
def _running() -> None:
    job = runs.running(state.library())
    if job is None:
        st.rerun()
        return
    with st.container(border=True, key="job"):
        st.markdown(f"**{t(f'idx.job.{job.kind}')}** · {plain(work_state.ago(index_state.age_s(job.started)))}")
        work_state.show_progress(job.stage, job.done, job.total, job.per_second, job.seconds_left)
        counts = [t(f"idx.count.{name}", count=job.detail[name]) for name in ("computed", "failed", "photos", "refused")
                  if job.detail.get(name)]  # fmt: skip
        if counts:
            st.caption(plain(" · ".join(counts)))
        if job.stop_asked:
            st.caption(t("work.stopping"))
        elif access.may_edit():
            st.button(
                t("work.stop"), icon=":material/stop_circle:", key="stop job", on_click=_stop,
                args=(job.id,),
            )  # fmt: skip


def _stop(run: int) -> None:
    runs.ask_to_stop(state.library(), run)


def show_history() -> None:
    """How the latest jobs ended."""
    st.subheader(t("idx.history"))
    ended = [job for job in runs.latest(state.library(), count=9) if job.state != "running"]
    if not ended:
        st.caption(t("idx.history.none"))
        return
    for job in ended[:8]:
        moment = work_state.ago(index_state.age_s(job.started))
        took = "" if job.ended is None else work_state.duration((job.ended - job.started).total_seconds())
        badge = f":{STATES.get(job.state, 'gray')}-badge[{t(f'idx.state.{job.state}')}]"
        st.markdown(f"{badge} {t(f'idx.job.{job.kind}')} · {plain(moment)}{plain(f' · {took}' if took else '')}")
        if job.detail.get("reason"):
            st.caption(plain(f"{said(job.detail['reason'])} {said(job.detail.get('next_step', ''))}"))
