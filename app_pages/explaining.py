"""An explanation on screen: what counted, part by part, and where drawing and photo agree."""

from __future__ import annotations

import streamlit as st

from app_pages.asked import Question
from app_pages.state import t
from casting import RankedActor, Ranking


def show_explanation(ranking: Ranking, question: Question, row: RankedActor) -> None:
    """Everything about one actor's place."""
    del question
    _spaces(ranking, row)


def _spaces(ranking: Ranking, row: RankedActor) -> None:
    st.markdown(f"**{t('why.spaces')}**")
    st.dataframe(
        [
            {"space": name, "cosine": row.spaces.get(name), "share": row.contributions.get(name)}
            for name in ranking.weights
        ],
        hide_index=True, width="stretch",
        column_config={
            "space": t("why.space"),
            "cosine": st.column_config.NumberColumn(t("why.cosine"), format="%.3f"),
            "share": st.column_config.NumberColumn(t("why.share"), format="%.3f"),
        },
    )  # fmt: skip
