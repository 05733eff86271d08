"""The dashboard's entry: page configuration, navigation and what every page shares. Run it with `castoon demo`."""

import streamlit as st

from app_pages import state
from app_pages.texts import LANGUAGES

st.set_page_config(page_title="Castoon", page_icon=":material/theater_comedy:", layout="wide")

with st.sidebar:
    state.choose_language(LANGUAGES)

navigation = st.navigation(
    [st.Page("app_pages/rank.py", title=state.t("nav.rank"), icon=":material/leaderboard:", default=True)]
)
navigation.run()
