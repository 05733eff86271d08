"""Kept rankings: what was asked of which versions; asked again of today's index, with the difference shown."""

from __future__ import annotations

import streamlit as st

from app_pages import access, address, state
from app_pages.cards import score_text
from app_pages.ranking.actions import done
from app_pages.state import plain, t
from casting import castings
from casting.castings import Difference, Kept
from casting.castings.history import Change
from castoon.errors import CastoonError

ALL = ""
MOST_SHOWN = 60


def show() -> None:
    """The list, the latest first; one of them beside today's answer."""
    every = castings.history.every(state.library())
    if not every:
        st.info(t("history.empty"), icon=":material/history:")
        st.page_link("app_pages/rank.py", label=t("characters.begin"), icon=":material/leaderboard:")
        return
    names = sorted({one.character for one in every})
    chosen = st.selectbox(
        t("character"), [ALL, *names], format_func=lambda one: one or t("history.all"), key="history of", width=320,
        label_visibility="collapsed", persist_state="session",
    )  # fmt: skip
    opened = address.number("ranking", 0, 0, 10**8)
    for kept in [one for one in every if not chosen or one.character == chosen][:MOST_SHOWN]:
        with st.container(border=True, key=f"kept-{kept.id}"):
            _line(kept, kept.id == opened)
            if kept.id == opened:
                _again(kept)


def _line(kept: Kept, opened: bool) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(width="stretch", gap="xsmall"):
            st.markdown(f"**{plain(kept.character)}** · {kept.kept:%Y-%m-%d %H:%M} UTC")
            first = ", ".join(f"{one.rank}. {one.actor}" for one in kept.results[:3])
            st.caption(plain(first))
            asked = t("history.asked", version=kept.index_version, pack=kept.pack, where=kept.where or "–")
            st.caption(plain(f"{asked} · {kept.author}" if kept.author else asked))
        if st.button(
            t("close") if opened else t("history.again"), key=f"again {kept.id}",
            icon=":material/expand_less:" if opened else ":material/difference:",
        ):  # fmt: skip
            address.put("ranking", "" if opened else str(kept.id))
            st.rerun()
        with st.popover("", icon=":material/delete:", disabled=not access.may_edit(), help=t("delete")):
            if st.button(t("delete.yes"), key=f"delete {kept.id}", icon=":material/delete_forever:"):
                done(t("deleted"), ":material/delete:", lambda: castings.history.delete(state.library(), kept.id))


def _again(kept: Kept) -> None:
    try:
        with st.spinner(t("working.rank"), show_time=True):
            made = castings.history.again(state.library(), state.engine(), kept.id, state.live_index())
    except CastoonError as error:
        state.show_error(error)
        return
    if kept.index_version == made.today.index_version:
        st.caption(t("history.same_index"))
    elif made.unchanged:
        st.success(t("history.unchanged"), icon=":material/check_circle:")
    if not made.same_models:
        st.warning(t("history.other_models"), icon=":material/swap_horiz:")
    _table(made)


def _table(made: Difference) -> None:
    calibrated = made.today.calibrated
    rows = [
        {
            "move": _moved(change),
            "was": change.was,
            "now": change.now,
            "actor": change.actor,
            "score was": _score(change.score_was, calibrated),
            "score now": _score(change.score_now, calibrated),
        }
        for change in made.changes
    ]
    st.dataframe(
        rows, hide_index=True, width="stretch", height="content",
        column_config={
            "move": st.column_config.TextColumn(t("history.move"), width="small"),
            "was": st.column_config.NumberColumn(t("history.was"), width="small"),
            "now": st.column_config.NumberColumn(t("history.now"), width="small"),
            "actor": st.column_config.TextColumn(t("table.actor")),
            "score was": st.column_config.TextColumn(t("history.score_was"), alignment="right"),
            "score now": st.column_config.TextColumn(t("history.score_now"), alignment="right"),
        },
    )  # fmt: skip


def _score(value: float | None, calibrated: bool) -> str:
    return "" if value is None else score_text(value, calibrated)


def _moved(change: Change) -> str:
    if change.was is None:
        return t("history.came")
    if change.now is None:
        return t("history.gone")
    places = change.moved or 0
    return "=" if places == 0 else f"▲ {places}" if places > 0 else f"▼ {-places}"
