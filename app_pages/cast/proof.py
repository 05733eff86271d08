"""What forgetting an actor erased, and the proof that nothing is left: shown until somebody closes it."""

from __future__ import annotations

import streamlit as st

from app_pages.state import plain, t
from casting.forgetting import ForgetReport

KEY = "forgotten"


def keep(report: ForgetReport) -> None:
    """Show this report on the next run."""
    st.session_state[KEY] = report


def show() -> None:
    """The report of the last forgetting in this session."""
    report: ForgetReport | None = st.session_state.get(KEY)
    if report is None:
        return
    with st.container(border=True, key="forgotten-proof"):
        if report.proven:
            st.markdown(f":material/verified: **{plain(t('lib.forgotten', name=report.actor))}**")
            words = t("lib.forgotten.proof", photos=report.photos, vectors=report.vectors, files=report.files_searched)
            st.caption(plain(words))
        else:
            st.error(plain(t("lib.forgotten.left", files=", ".join(report.left))), icon=":material/error:")
        if st.button(t("lib.dismiss.proof"), key="close proof"):
            st.session_state.pop(KEY, None)
            st.rerun()
