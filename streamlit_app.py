"""The dashboard's entry: page configuration, navigation and what every page shares. Run it with `castoon demo`."""

from pathlib import Path

import streamlit as st

from app_pages import access, state
from app_pages.state import t
from app_pages.texts import LANGUAGES

HOME = Path(state.__file__).parent
ICON = HOME / "icon.png"

st.set_page_config(page_title="Castoon", page_icon=str(ICON), layout="wide", initial_sidebar_state="auto")
st.logo(str(ICON), size="large")
st.html(HOME / "style.css")
access.sign_in()


def page(name: str, icon: str, *, url: str = "", default: bool = False) -> st.Page:
    """A page by the name of its module; its title is the word `nav.<name>`."""
    file, title = HOME / f"{name}.py", t(f"nav.{name}")
    return st.Page(file, title=title, icon=f":material/{icon}:", url_path=url or None, default=default)


navigation = st.navigation(
    {
        t("section.casting"): [
            page("rank", "leaderboard", default=True),
            page("compare", "compare"),
            page("castings", "bookmarks"),
        ],
        t("section.library"): [
            page("library", "groups"),
            page("cast_map", "scatter_plot", url="map"),
            page("index_page", "database", url="index"),
        ],
        t("section.research"): [
            page("style_lab", "palette", url="styles"),
            page("evaluation", "query_stats"),
        ],
    },
    expanded=True,
)

with st.sidebar:
    state.choose_language(LANGUAGES)
    state.about_library()
    access.show_person()

navigation.run()
