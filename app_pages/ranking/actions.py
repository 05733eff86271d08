"""What people do with a result: save the character, shortlist, set aside, keep, compare."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app_pages import access, state
from app_pages.asked import Options, Question
from app_pages.cards import Click
from app_pages.ranking.why import why
from app_pages.state import plain, t
from casting import RankedActor, Ranking, castings
from castoon.errors import CastoonError

MOST_COMPARED = 4
NEW = ""


def act(click: Click | None, ranking: Ranking, question: Question, options: Options) -> None:
    """Do what was asked on a card."""
    if click is None:
        return
    match click.what:
        case "why":
            why(ranking, question, options, click.row)
        case "shortlist":
            shortlist(question, click.row)
        case "aside":
            set_aside(question, click.row)
        case "compare":
            chosen = st.session_state.setdefault("compare", [])
            if click.row.actor_id in chosen:
                chosen.remove(click.row.actor_id)
            else:
                st.session_state["compare"] = [*chosen, click.row.actor_id][-MOST_COMPARED:]
            st.rerun()


def done(words: str, icon: str, change: Callable[[], object]) -> None:
    """Make a change that only editors may make; close the dialog and say so, or show what is wrong in it."""
    try:
        access.require_editor()
        change()
    except CastoonError as error:
        state.show_error(error)
        return
    st.session_state["said"] = (words, icon)
    st.rerun()


def keep_ranking(ranking: Ranking, question: Question) -> None:
    """Keep the ranking as it is, for later comparison."""
    assert question.saved is not None
    name = question.saved
    done(
        t("keep.done"), ":material/history:",
        lambda: castings.history.keep(state.library(), ranking, name, k=len(ranking.results), author=access.who()),
    )  # fmt: skip


def save_character(question: Question) -> None:
    """Ask for a name and save the pictures with the faces chosen on them."""
    _save_dialog(t("save.title"), question)


def _save_dialog(title: str, question: Question) -> None:
    @st.dialog(title, icon=":material/bookmark_add:")
    def ask() -> None:
        name, production = _name_fields(question)
        if st.button(t("save"), type="primary", disabled=not name.strip()):
            done(t("save.done"), ":material/bookmark_added:", lambda: _save(question, name, production))

    ask()


def _name_fields(question: Question) -> tuple[str, str]:
    name = st.text_input(t("save.name"), value=question.name, max_chars=120)
    productions = sorted({one.production for one in castings.characters.every(state.library()) if one.production})
    production = st.selectbox(
        t("save.production"), productions, index=None, accept_new_options=True, placeholder=t("save.production.hint")
    )
    return name, production or ""


def _save(question: Question, name: str, production: str) -> str:
    saved = castings.characters.save(
        state.library(), name, [shown.content for shown in question.shown], question.faces, production=production
    )
    st.session_state["show saved"] = saved.name
    return saved.name


def shortlist(question: Question, row: RankedActor) -> None:
    """Put an actor on a shortlist, with a note; a character that is not saved yet is saved on the way."""

    @st.dialog(t("shortlist.title"), icon=":material/playlist_add:")
    def ask() -> None:
        st.markdown(f"**{plain(row.actor)}**")
        lists = [one.name for one in castings.shortlists.every(state.library())]
        chosen = NEW
        if lists:
            chosen = st.selectbox(
                t("shortlist.which"), [*lists, NEW], format_func=lambda one: one or t("shortlist.new"),
                key="shortlist which",
            )  # fmt: skip
        new = st.text_input(t("shortlist.name"), value="", max_chars=120) if chosen == NEW else ""
        name, production = question.saved or "", ""
        unsaved = question.saved is None and bool(question.shown)
        if unsaved:
            st.caption(t("shortlist.saves"))
            name, production = _name_fields(question)
        note = st.text_area(t("note"), max_chars=1000, height=90, placeholder=t("note.hint"))
        ready = bool((chosen or new.strip()) and (name.strip() or not unsaved))

        def put() -> None:
            character = _save(question, name, production) if unsaved else question.saved
            if chosen == NEW:
                castings.shortlists.create(state.library(), new, production)
            castings.shortlists.add(
                state.library(), chosen or " ".join(new.split()), row.actor, character=character, note=note,
                author=access.who(),
            )  # fmt: skip

        if st.button(t("shortlist.add"), type="primary", disabled=not ready, icon=":material/playlist_add:"):
            done(t("shortlist.done", actor=plain(row.actor)), ":material/playlist_add_check:", put)

    ask()


def set_aside(question: Question, row: RankedActor) -> None:
    """Say that an actor is not right for the character, and why."""

    @st.dialog(t("aside.ask"), icon=":material/person_remove:")
    def ask() -> None:
        st.markdown(f"**{plain(row.actor)}**")
        if question.saved is None:
            st.info(t("aside.save_first"), icon=":material/bookmark_add:")
            return
        name = question.saved
        reason = st.radio(t("aside.reason"), castings.feedback.REASONS, format_func=lambda one: t(f"reason.{one}"))
        note = st.text_input(t("note"), max_chars=500)
        st.caption(t("aside.means"))
        if st.button(t("aside.do"), type="primary", icon=":material/person_remove:"):
            done(
                t("aside.done", actor=plain(row.actor)), ":material/person_remove:",
                lambda: castings.feedback.give(
                    state.library(), name, row.actor, reason, note=note, author=access.who()
                ),
            )  # fmt: skip

    ask()
