"""The dashboard's entry: page configuration, navigation and what every page shares. Run it with `castoon demo`."""

from pathlib import Path

import streamlit as st

from app_pages import access, address, state
from app_pages.state import t
from app_pages.texts import LANGUAGES

HOME = Path(state.__file__).parent
ICON = HOME / "icon.png"

st.set_page_config(page_title="Castoon", page_icon=str(ICON), layout="wide", initial_sidebar_state="auto")
st.logo(str(ICON), size="large")
st.html(HOME / "style.css")
access.sign_in()


def page(name: str, icon: str, *, default: bool = False) -> st.Page:
    """A page by the name of its module; its title is the word `nav.<name>`."""
    return st.Page(HOME / f"{name}.py", title=t(f"nav.{name}"), icon=f":material/{icon}:", default=default)


navigation = st.navigation(
    {
        t("section.casting"): [
            page("rank", "leaderboard", default=True),
            page("compare", "compare"),
            page("castings", "bookmarks"),
        ],
        t("section.library"): [
            page("library", "groups"),
            page("map", "scatter_plot"),
            page("index", "database"),
        ],
        t("section.research"): [
            page("styles", "palette"),
            page("evaluation", "query_stats"),
        ],
    },
    expanded=True,
)

with st.sidebar:
    state.choose_language(LANGUAGES)
    state.about_library()
    access.show_person()

address.turn_to(navigation.url_path)
navigation.run()
