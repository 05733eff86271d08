"""Ranked actors as cards with pictures, and as a table that can be sorted."""

from __future__ import annotations

import streamlit as st

from app_pages import state
from app_pages.state import plain, t
from casting import RankedActor, Ranking

COLUMNS = 4
PORTRAIT_PX = 360
FACTS_ON_CARD = ("birth_year", "agency", "availability")


def show_cards(ranking: Ranking, folder: str, webtoon: bool) -> None:
    """A grid of cards, best first."""
    rows = ranking.results
    for start in range(0, len(rows), COLUMNS):
        for column, row in zip(st.columns(COLUMNS), rows[start : start + COLUMNS], strict=False):
            with column, st.container(border=True, height="stretch"):
                _card(row, folder, webtoon)


def _card(row: RankedActor, folder: str, webtoon: bool) -> None:
    style = "cel" if webtoon else ""
    picture = state.portrait(folder, row.photo, row.photo_box, PORTRAIT_PX, style) if row.photo else None
    if picture is None:
        st.caption(t("photo.gone"))
    else:
        st.image(picture, width="stretch")
    st.markdown(f"**{row.rank}. {plain(row.actor)}**")
    st.progress(min(max(row.score, 0.0), 1.0), text=f"{t('score')} **{row.score:.3f}**")
    st.caption("  \n".join(plain(f"{name} {cosine:.3f}") for name, cosine in row.spaces.items()))
    if row.margin is not None:
        st.caption(plain(t("margin", margin=f"{row.margin:.3f}")))
    facts = [f"{t(f'fact.{name}')} {row.facts[name]}" for name in FACTS_ON_CARD if name in row.facts]
    if facts:
        st.caption(plain(" · ".join(facts)))
    if row.flags:
        with st.container(horizontal=True, gap="small"):
            for flag in row.flags:
                st.badge(t(f"flag.{flag}"), color="orange", icon=":material/warning:")


def show_table(ranking: Ranking) -> None:
    """Everything in a table; numbers sort as numbers."""
    frame = ranking.frame()
    frame["flags"] = [", ".join(t(f"flag.{flag}") for flag in row.flags) for row in ranking.results]
    st.dataframe(frame, hide_index=True, width="stretch", height="content")
