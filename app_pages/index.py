"""The index: what is live, how old, whether it fits the models, the job that renews it, and photos that failed."""

from __future__ import annotations

import streamlit as st

from app_pages import address, state, work_state
from app_pages.looking_after import failures, jobs, versions
from app_pages.state import t
from castoon.errors import CastoonError


def page() -> None:
    """Lay the page out; everything that can go wrong ends in a message."""
    st.title(t("nav.index"))
    try:
        state.library()
    except CastoonError as error:
        st.warning(t("lib.missing"), icon=":material/folder_off:")
        state.show_error(error)
        return
    address.arrive("index")
    work_state.show_flash()
    try:
        versions.show_live()
        jobs.show_job()
        left, right = st.columns([1.6, 1], gap="large")
        with left:
            versions.show_versions()
        with right:
            jobs.show_history()
        failures.show()
    except CastoonError as error:
        state.show_error(error)
    address.leave("index")


page()
