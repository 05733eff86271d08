"""What came out: a verdict in plain words, cards or a table, and ways to take it along."""

from __future__ import annotations

import streamlit as st

from app_pages import access, address, asked, state
from app_pages.asked import Options, Question
from app_pages.cards import show_cards, show_table
from app_pages.ranking.actions import act, keep_ranking, save_character
from app_pages.state import plain, t
from casting import Ranking, exports
from casting.results import in_100
from castoon.images import RGB

FIRST_FEW = 3
ONE_MORE = 1.5
"""Pictures by different hands, or what others are worth, from which one more is no longer asked for."""
_VERDICTS = {
    "good": ("success", ":material/check_circle:"),
    "ahead": ("info", ":material/visibility:"),
    "unsure": ("info", ":material/help:"),
    "none": ("warning", ":material/search_off:"),
}


def show_result(ranking: Ranking, question: Question, options: Options) -> None:
    """The verdict, then everything else."""
    _toolbar(ranking, question)
    if not ranking.results:
        st.info(t("result.none"), icon=":material/filter_alt_off:")
        _aside(question)
        return
    _verdict(ranking, question)
    view = st.session_state.get("view", "cards")
    if view == "table":
        show_table(ranking)
    else:
        act(show_cards(ranking, options.style), ranking, question, options)
    _aside(question)
    _small_print(ranking)


def _toolbar(ranking: Ranking, question: Question) -> None:
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="toolbar"
    ):  # fmt: skip
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            view = st.segmented_control(
                t("view"), list(_VIEW_ICONS), default=address.choice("view", list(_VIEW_ICONS), "cards"), required=True,
                key="view",
                format_func=lambda one: f"{_VIEW_ICONS[one]} {t(f'view.{one}')}", label_visibility="collapsed",
                persist_state="session",
            )  # fmt: skip
            address.put("view", view, "cards")
            st.caption(
                t("result.count", shown=len(ranking.results), all=ranking.gallery_actors), width="content"
            )  # fmt: skip
        with st.container(horizontal=True, width="content", horizontal_alignment="right"):
            _compare_link(question)
            editor = access.may_edit()
            if question.saved:
                if st.button(
                    t("keep"), icon=":material/history:", help=t("keep.help"), disabled=not editor, key="keep"
                ):  # fmt: skip
                    keep_ranking(ranking, question)
            elif question.shown and st.button(
                t("save"), icon=":material/bookmark_add:", help=t("save.help"), disabled=not editor, key="save"
            ):  # fmt: skip
                save_character(question)
            _export(ranking, question)


_VIEW_ICONS = {"cards": ":material/grid_view:", "table": ":material/table_rows:"}


def _compare_link(question: Question) -> None:
    chosen: list[int] = st.session_state.get("compare", [])
    if len(chosen) >= 2 and question.saved:
        actors = ",".join(str(one) for one in chosen)
        st.page_link(
            "app_pages/compare.py", label=t("compare.open", count=len(chosen)), icon=":material/compare:",
            query_params={"character": question.saved, "actors": actors},
        )  # fmt: skip
    elif chosen:
        st.caption(t("compare.save_first") if not question.saved else t("compare.more"), width="content")


def _export(ranking: Ranking, question: Question) -> None:
    stem = exports.file_stem(exports.without_ending(question.name))
    opened, language = state.library(), state.language()

    def drawings() -> list[RGB]:
        return [asked.picture(shown) for shown in question.shown]

    with st.popover(t("export"), icon=":material/ios_share:", key="export"):
        st.download_button(
            t("export.csv"), lambda: exports.csv_bytes(ranking), f"{stem}.csv", "text/csv", on_click="ignore",
            icon=":material/table:", width="stretch", type="tertiary",
        )  # fmt: skip
        st.download_button(
            t("export.html"), lambda: exports.html_page(ranking, opened, drawings(), language), f"{stem}.html",
            "text/html", on_click="ignore", icon=":material/description:", width="stretch", type="tertiary",
        )  # fmt: skip
        st.download_button(
            t("export.pdf"), lambda: exports.pdf_report(ranking, opened, drawings(), language), f"{stem}.pdf",
            "application/pdf", on_click="ignore", icon=":material/picture_as_pdf:", width="stretch", type="tertiary",
        )  # fmt: skip
        st.caption(t("export.help"))


def _verdict(ranking: Ranking, question: Question) -> None:
    """What the first places are worth, and where they are worth little, what to do next."""
    if ranking.fake:
        return
    if not ranking.calibrated:
        st.info(t("match.uncalibrated"), icon=_VERDICTS["unsure"][1])
        return
    kind, icon = _VERDICTS[ranking.verdict]
    words = t(f"match.{ranking.verdict}")
    if ranking.strangers is not None:
        words += f" {t('match.strangers', count=in_100(ranking.strangers))}"
    getattr(st, kind)(words, icon=icon)
    count = len(question.shown)
    worth = t("match.worth", count=count, worth=f"{ranking.pictures:.1f}") if count > 1 else ""
    if ranking.match == "good":
        if worth:
            st.caption(worth)
        return
    first = ranking.results[:FIRST_FEW]
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small", key="next"
    ):  # fmt: skip
        if ranking.match == "none":
            st.caption(t("match.none.next"), width="stretch")
            st.page_link(
                "app_pages/castings.py", label=t("match.learn"), icon=":material/brush:", query_params={"part": "style"}
            )  # fmt: skip
        elif worth or ranking.pictures < ONE_MORE:
            st.caption(worth or t("match.more"), width="stretch")
        if question.saved and len(first) > 1:
            st.page_link(
                "app_pages/compare.py", label=t("match.compare", count=len(first)), icon=":material/compare:",
                query_params={"character": question.saved, "actors": ",".join(str(row.actor_id) for row in first)},
            )  # fmt: skip


def _aside(question: Question) -> None:
    """Who is left out, and the way back."""
    words = asked.set_aside(question)
    if not words:
        return
    with st.expander(t("aside.title", count=len(words)), icon=":material/person_remove:", key="aside"):
        for word in words:
            with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
                note = f" · {plain(word.note)}" if word.note else ""
                st.markdown(f"{plain(word.actor)} — {t(f'reason.{word.reason}')}{note}", width="content")
                if st.button(
                    t("aside.back"), key=f"back {word.actor_id}", type="tertiary", icon=":material/undo:",
                    disabled=not access.may_edit(),
                ) and question.saved:  # fmt: skip
                    from casting import castings

                    access.require_editor()
                    castings.feedback.withdraw(state.library(), question.saved, word.actor)
                    st.rerun()


def _small_print(ranking: Ranking) -> None:
    st.caption(t("score.meaning.calibrated") if ranking.calibrated else t("score.meaning"))
    took = sum(ranking.took_ms.values())
    line = t(
        "result.made", version=ranking.index_version, pack=ranking.pack, licence=ranking.pack_licence, ms=f"{took:.0f}"
    )
    st.caption(plain(line))
