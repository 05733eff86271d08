"""Why an actor has this place: what counted, the photo that matched, part by part, and where the two agree."""

from __future__ import annotations

import streamlit as st

from app_pages import state
from app_pages.asked import Question
from app_pages.cards import score_text
from app_pages.explaining import show_explanation
from app_pages.state import plain, t
from casting import RankedActor, Ranking
from castoon.errors import CastoonError


def why(ranking: Ranking, question: Question, row: RankedActor) -> None:
    """Open the dialog."""

    @st.dialog(t("why.title", actor=plain(row.actor)), width="large", icon=":material/search_insights:")
    def show() -> None:
        label = t("score.calibrated" if ranking.calibrated else "score")
        st.markdown(f"**{row.rank}.** {label} **{score_text(row.score, ranking.calibrated)}**")
        if question.words:
            st.caption(t("why.words"))
            return
        try:
            show_explanation(ranking, question, row)
        except CastoonError as error:
            state.show_error(error)

    show()
