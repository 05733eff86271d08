"""Evaluation: how often the right actor comes first, for whom less often, and what helps."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app_pages import access, address, evaluation_state, state, work_state
from app_pages.measuring import fitting, results
from app_pages.state import plain, t
from casting.curation import Upload
from casting.truth_uploads import TruthSet, keep_truth
from castoon.errors import CastoonError

TYPES = ["zip", "csv", "jpg", "jpeg", "png", "webp", "avif", "gif"]
MOST_MB = 500


def page() -> None:
    """Lay the page out; everything that can go wrong ends in a message."""
    st.title(t("nav.evaluation"))
    st.caption(t("eval.what"))
    try:
        state.live_index()
    except CastoonError as error:
        st.warning(t("eval.missing"), icon=":material/folder_off:")
        state.show_error(error)
        return
    address.arrive("evaluation")
    work_state.show_flash()
    try:
        _show()
    except CastoonError as error:
        state.show_error(error)
    address.leave("evaluation")


def _show() -> None:
    chosen, ablation = _asked()
    evaluate_now, fit_now = (st.session_state.pop(key, False) for key in ("evaluate now", "fit now"))
    if work_state.watch(evaluation_state.WORK):
        return
    if chosen is not None and not fitting.is_running() and (evaluate_now or fit_now):
        work_state.forget(fitting.WORK)
        if evaluate_now:
            evaluation_state.start(chosen, ablation)
        else:
            fitting.start(chosen)
        st.rerun()
    if fitting.show():
        return
    found = evaluation_state.report()
    if found is not None:
        results.show(*found)
    else:
        if chosen is not None:
            st.info(t("eval.ready"), icon=":material/query_stats:")
        results.show_past()


def _asked() -> tuple[TruthSet | None, bool]:
    sets = evaluation_state.sets()
    with st.container(horizontal=True, vertical_alignment="bottom", key="evaluation-toolbar"):
        chosen = None
        if sets:
            asked = address.get("truth")
            place = next((number for number, one in enumerate(sets) if one.name == asked), 0)
            number = st.selectbox(
                t("eval.truth"), range(len(sets)), index=place, key=f"truth {len(sets)}", width=280,
                format_func=lambda one: t("eval.truth.demo") if sets[one].name == "demo" else sets[one].name,
            )  # fmt: skip
            chosen = sets[int(number)]
            address.put("truth", chosen.name, sets[0].name)
        with st.popover(t("eval.upload"), icon=":material/upload_file:"):
            _upload()
        ablation = st.toggle(t("eval.ablation"), value=True, key="ablation", help=t("eval.ablation.help"))
        if st.button(
            t("eval.run"), type="primary", icon=":material/play_arrow:", disabled=chosen is None, key="evaluate"
        ):
            st.session_state["evaluate now"] = True
        if st.button(
            t("fit.run"), icon=":material/tune:", help=t("fit.run.help"), key="fit",
            disabled=chosen is None or not access.may_edit(),
        ):  # fmt: skip
            st.session_state["fit now"] = True
    if chosen is None:
        st.info(t("eval.none"), icon=":material/rule:")
    return chosen, ablation


def _upload() -> None:
    st.caption(t("eval.upload.how"))
    turn = st.session_state.setdefault("truth round", 0)
    dropped: Any = st.file_uploader(
        t("eval.upload.files"), type=TYPES, accept_multiple_files=True, key=f"truth files {turn}",
        max_upload_size=MOST_MB,
    )  # fmt: skip
    if not dropped:
        return
    if st.button(t("eval.upload.do", count=len(dropped)), type="primary", width="stretch"):
        try:
            kept = keep_truth(state.library(), [Upload(one.name, one.getvalue()) for one in dropped])
        except CastoonError as error:
            state.show_error(error)
            return
        st.session_state["truth round"] += 1
        address.put("truth", kept.name)
        work_state.flash(plain(kept.name))
        st.rerun()


page()
