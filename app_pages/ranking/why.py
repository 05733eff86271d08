"""Why an actor has this place: what counted, the photo that matched, part by part, and where the two agree."""

from __future__ import annotations

import streamlit as st

from app_pages import state
from app_pages.asked import Options, Question
from app_pages.cards import score_text
from app_pages.explaining import explanation, show_parts, show_pictures, show_spaces, show_warnings, which_picture
from app_pages.state import plain, t
from casting import RankedActor, Ranking
from castoon.errors import CastoonError


def why(ranking: Ranking, question: Question, options: Options, row: RankedActor) -> None:
    """Open the dialog."""

    @st.dialog(t("why.title", actor=plain(row.actor)), width="large", icon=":material/search_insights:")
    def show() -> None:
        label = t("score.calibrated" if ranking.calibrated else "score")
        place = t("why.place", rank=row.rank, all=ranking.gallery_actors)
        st.markdown(f"{place} · {label} **{score_text(row.score, ranking.calibrated)}**")
        if question.words:
            st.caption(t("why.words"))
            st.dataframe(
                [{"space": name, "cosine": cosine} for name, cosine in row.spaces.items()], hide_index=True,
                column_config={
                    "space": t("why.space"),
                    "cosine": st.column_config.NumberColumn(t("why.cosine"), format="%.3f"),
                },
            )  # fmt: skip
            return
        try:
            picture = which_picture(question, "why picture")
            made = explanation(question, options, row.actor_id, t("working.why"), picture)
        except CastoonError as error:
            state.show_error(error)
            return
        show_pictures(made)
        show_warnings(made)
        left, right = st.columns(2, gap="large")
        with left:
            show_parts(made)
        with right:
            show_spaces(made)

    show()
