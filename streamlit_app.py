"""The dashboard's entry: page configuration, navigation and what every page shares. Run it with `castoon demo`."""

from pathlib import Path

import streamlit as st

from app_pages import state
from app_pages.texts import LANGUAGES

ICON = Path(state.__file__).with_name("icon.png")

st.set_page_config(page_title="Castoon", page_icon=str(ICON), layout="wide", initial_sidebar_state="auto")
st.logo(str(ICON), size="large")

with st.sidebar:
    state.choose_language(LANGUAGES)
    state.about_library()

navigation = st.navigation(
    [st.Page("app_pages/rank.py", title=state.t("nav.rank"), icon=":material/leaderboard:", default=True)]
)
navigation.run()
