"""Ranked actors as cards with pictures, and as a table that can be sorted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

from app_pages import access, facts, state
from app_pages.state import plain, t
from casting import RankedActor, Ranking

CARD_PX = 215
PICTURE_PX = 300
FIRST = 3
SAID_ELSEWHERE = ("photo_gone", "close_to_next")
What = Literal["why", "shortlist", "aside", "compare"]


@dataclass(frozen=True)
class Click:
    """What was asked on which card."""

    what: What
    row: RankedActor


def show_cards(ranking: Ranking, style: str) -> Click | None:
    """A grid of cards, best first; what was clicked on one of them."""
    folder = str(state.library().folder)
    compared: list[int] = st.session_state.get("compare", [])
    clicked: Click | None = None
    with st.grid("auto", min_column_width=CARD_PX, gap="small", key="cards"):
        for place, row in enumerate(ranking.results):
            following = ranking.results[place + 1] if place + 1 < len(ranking.results) else None
            with st.container(border=True, height="stretch", key=f"card-{row.rank}", gap="xsmall"):
                clicked = _card(row, following, ranking, folder, style, row.actor_id in compared) or clicked
    return clicked


def _card(
    row: RankedActor, following: RankedActor | None, ranking: Ranking, folder: str, style: str, compared: bool
) -> Click | None:
    picture = state.diptych(folder, row.photo, row.photo_box, PICTURE_PX, style) if row.photo else None
    if picture is None:
        with st.container(key=f"gone-{row.rank}", horizontal_alignment="center"):
            st.caption(f":material/hide_image: {t('photo.gone')}")
    else:
        st.image(picture, width="stretch", alt=row.actor)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", wrap=False,
                      gap="small", key=f"head-{row.rank}"):  # fmt: skip
        st.markdown(f"**{row.rank}. {plain(row.actor)}**")
        st.markdown(score_words(row.score, ranking.calibrated), width="content")
    st.progress(bar_share(row.score, ranking.calibrated))
    lines = [facts.line(row.facts, columns) for columns in facts.ON_CARD]
    if following is not None:
        lines.append(_lead(row, following, ranking.calibrated))
    st.caption("  \n".join(line for line in lines if line))
    flags = [flag for flag in row.flags if flag not in SAID_ELSEWHERE]
    if compared or flags:
        with st.container(horizontal=True, gap="xsmall"):
            if compared:
                st.badge(t("compare.chosen"), color="primary", icon=":material/compare:")
            for flag in flags:
                st.badge(t(f"flag.{flag}"), color="orange")
    return _buttons(row, compared)


def _lead(row: RankedActor, following: RankedActor, calibrated: bool) -> str:
    """How far ahead of the next; that there is no clear distance is said where it matters, among the first."""
    if "close_to_next" in row.flags:
        return t("lead.close") if row.rank <= FIRST else ""
    return t("lead", points=points_text(row.score - following.score, calibrated))


def _buttons(row: RankedActor, compared: bool) -> Click | None:
    editor = access.may_edit()
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom", gap="xsmall",
                      wrap=False, key=f"do-{row.rank}"):  # fmt: skip
        why = st.button(t("why"), icon=":material/search_insights:", key=f"why {row.actor_id}", type="tertiary")
        listed = st.button(
            t("shortlist"), icon=":material/playlist_add:", key=f"list {row.actor_id}", type="tertiary",
            disabled=not editor,
        )  # fmt: skip
        options: list[What] = ["compare", "aside"] if editor else ["compare"]
        words = {"compare": t("compare.drop") if compared else t("compare.add"), "aside": t("aside.do")}
        chosen = st.menu_button(
            "", options, key=f"more {row.actor_id}", type="tertiary", icon=":material/more_horiz:",
            format_func=lambda one: words[one], help=t("more"),
        )  # fmt: skip
    what: What | None = "why" if why else "shortlist" if listed else chosen
    return Click(what, row) if what else None


def score_text(score: float, calibrated: bool) -> str:
    """A score as people read it."""
    return f"{score:.0f}" if calibrated else f"{score:.3f}"


def score_words(score: float, calibrated: bool) -> str:
    """A score large, with its meaning small beside it, as Markdown."""
    meaning = t("score.calibrated" if calibrated else "score")
    return f":primary[**{score_text(score, calibrated)}**] :gray[:small[{meaning}]]"


def points_text(points: float, calibrated: bool) -> str:
    """A difference of scores."""
    return f"{points:.1f}" if calibrated else f"{points:.3f}"


def bar_share(score: float, calibrated: bool) -> float:
    """How much of a bar a score fills."""
    return min(max(score / 100 if calibrated else score, 0.0), 1.0)


def show_table(ranking: Ranking) -> None:
    """Everything in a table; numbers sort as numbers."""
    frame = ranking.frame()
    frame["flags"] = [", ".join(t(f"flag.{flag}") for flag in row.flags) for row in ranking.results]
    top = 100.0 if ranking.calibrated else 1.0
    number = st.column_config.NumberColumn
    columns: dict[str, Any] = {
        "rank": number(t("table.rank"), width="small", pinned=True),
        "actor": st.column_config.TextColumn(t("table.actor"), pinned=True),
        "score": st.column_config.ProgressColumn(
            t("score.calibrated") if ranking.calibrated else t("score"), min_value=0, max_value=top,
            format="%.0f" if ranking.calibrated else "%.3f",
        ),
        "similarity": number(t("score"), format="%.3f"),
        "margin": number(t("table.margin"), format="%.3f"),
        "photo": st.column_config.TextColumn(t("table.photo")),
        "flags": st.column_config.TextColumn(t("table.flags")),
    }  # fmt: skip
    columns |= {name: number(name, format="%.3f") for name in ranking.weights}
    known = {column for row in ranking.results for column in row.facts}
    columns |= {column: st.column_config.Column(facts.column_name(column)) for column in known}
    st.dataframe(frame, hide_index=True, width="stretch", height="content", column_config=columns, key="table")
