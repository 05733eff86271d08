"""Compare: the character beside two to four actors, each photo and style, part by part."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from app_pages import address, asked, facts, state
from app_pages.asked import Options, Question
from app_pages.cards import bar_share, score_words
from app_pages.explaining import CROP_PX, PARTS, explanation, show_warnings, which_picture
from app_pages.ranking.options import choose_style
from app_pages.state import plain, t
from casting import RankedActor, castings, pictures
from casting.castings import SavedCharacter
from castoon.errors import CastoonError
from castoon.images import RGB

if TYPE_CHECKING:
    from casting.explaining import Explanation

MOST = 4
# How far down the ranking is looked for those compared.
FAR = 500
LIKELIEST = 3


def page() -> None:
    """Choose a character and actors, then see them side by side."""
    address.arrive("compare", ("compared ", "style"))
    st.title(t("nav.compare"))
    st.caption(t("compare.tagline"))
    try:
        state.live_index()
    except CastoonError as error:
        state.show_no_library(error)
        return
    try:
        _chosen()
    except CastoonError as error:
        state.show_error(error)
    address.leave("compare")


def _chosen() -> None:
    saved = {one.name: one for one in castings.characters.every(state.library()) if one.images}
    if not saved:
        st.info(t("characters.empty"), icon=":material/face:")
        st.page_link("app_pages/rank.py", label=t("characters.begin"), icon=":material/leaderboard:")
        return
    left, middle, right = st.columns([1.2, 2.4, 0.9], vertical_alignment="bottom")
    wanted = address.get("character")
    names = list(saved)
    name = left.selectbox(
        t("character"), names, index=names.index(wanted) if wanted in saved else 0, key="compared character",
        persist_state="session",
    )  # fmt: skip
    address.put("character", name)
    question = asked.of_saved(saved[name])
    if not question.shown:
        st.error(t("character.gone"), icon=":material/broken_image:")
        return
    with right:
        style = choose_style()
    options = Options(LIKELIEST, "", (), style)
    with middle:
        actors = _actors(question, options)
    if len(actors) < 2:
        st.info(t("compare.choose"), icon=":material/compare:")
        return
    _side_by_side(question, options, actors, saved[name])


def _actors(question: Question, options: Options) -> list[int]:
    """Who is compared: those of the address, else the first of the ranking."""
    known = {int(owner[1:]): str(known["name"]) for owner, known in state.live_index().facts.items()}
    wanted = [int(part) for part in address.get("actors").split(",") if part.isascii() and part.isdigit()]
    wanted = [one for one in wanted if one in known][:MOST]
    if not wanted:
        wanted = [row.actor_id for row in asked.rank(question, options).results]
    key = f"compared {question.name}"
    if key not in st.session_state:
        st.session_state[key] = wanted
    chosen = st.multiselect(
        t("compare.actors"), sorted(known, key=lambda one: known[one]), key=key, max_selections=MOST,
        format_func=lambda one: known[one], placeholder=t("compare.actors.hint"), persist_state="session",
    )  # fmt: skip
    address.put("actors", ",".join(str(one) for one in chosen))
    return list(chosen)


def _side_by_side(question: Question, options: Options, actors: list[int], character: SavedCharacter) -> None:
    picture = which_picture(question, "compared picture")
    made: list[Explanation] = []
    for place, actor in enumerate(actors):
        words = t("compare.working", place=place + 1, count=len(actors))
        made.append(explanation(question, options, actor, words, picture))
    ranking = asked.rank(question, replace(options, k=FAR))
    placed = {row.actor_id: row for row in ranking.results}
    made.sort(key=lambda one: placed[one.actor_id].rank if one.actor_id in placed else FAR + one.rank)
    heat = st.toggle(t("why.heat"), value=False, help=t("why.heat.help"), key="compare heat", persist_state="session")
    with st.grid(len(made) + 1, min_column_width=150, gap="small", key="compared"):
        with st.container(border=True, height="stretch", key="compared-character", gap="small"):
            _image(made[0].overlay("drawing") if heat else made[0].drawing_crop, question.name)
            st.markdown(f"**{plain(question.name)}**")
            told = [plain(line) for line in (character.production, character.synopsis) if line]
            if told:
                st.caption("  \n".join(told))
            st.page_link(
                "app_pages/rank.py", label=t("compare.all"), icon=":material/leaderboard:",
                query_params={"character": question.name},
            )  # fmt: skip
        for one in made:
            with st.container(border=True, height="stretch", key=f"compared-{one.actor_id}", gap="small"):
                _actor(one, placed.get(one.actor_id), heat)
    _parts(made)
    st.caption(t("score.meaning.calibrated") if made[0].calibrated else t("score.meaning"))


def _image(pixels: RGB, alt: str) -> None:
    st.image(pictures.jpeg(pixels, CROP_PX), width="stretch", alt=alt)


def _actor(one: Explanation, row: RankedActor | None, heat: bool) -> None:
    """One actor; place and score are those of the ranking, as far down as it reaches."""
    _image(one.overlay("photo") if heat else one.photo_crop, one.actor)
    if one.style is not None:
        _image(one.style.picture, t("why.style", style=one.style.style))
    with st.container(horizontal=True, horizontal_alignment="distribute", wrap=False, key=f"head-c{one.actor_id}"):
        st.markdown(f"**{row.rank if row else one.rank}. {plain(one.actor)}**")
        score = row.score if row else one.score
        st.markdown(score_words(score, one.calibrated), width="content")
    st.progress(bar_share(score, one.calibrated))
    lines = [facts.line(row.facts, columns) for columns in facts.ON_CARD] if row else []
    if any(lines):
        st.caption("  \n".join(line for line in lines if line))
    show_warnings(one, but=("not_calibrated", "no_match", "close_to_next"))


def _parts(made: list[Explanation]) -> None:
    """One row a part, one column an actor."""
    st.subheader(t("why.parts"), help=t("why.parts.help"))
    shares = {str(one.actor_id): {str(part.part): 100 * part.share for part in one.parts} for one in made}
    rows = [
        {"part": t(f"part.{part}"), **{actor: known.get(part, 0.0) for actor, known in shares.items()}}
        for part in PARTS
    ]
    bar = st.column_config.ProgressColumn
    columns: dict[str, Any] = {"part": st.column_config.TextColumn(t("compare.part"), pinned=True)}
    columns |= {str(one.actor_id): bar(one.actor, min_value=0, max_value=100, format="%.0f %%") for one in made}
    st.dataframe(rows, hide_index=True, width="stretch", column_config=columns)


page()
