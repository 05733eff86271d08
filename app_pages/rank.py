"""Rank actors: choose or upload a character, see the faces found, pick one, get ranked actors."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app_pages import state
from app_pages.cards import show_cards, show_table
from app_pages.state import plain, t
from casting import Ranking
from casting.exports import csv_bytes, html_page
from castoon.errors import CastoonError

SUFFIXES = ["jpg", "jpeg", "png", "webp", "avif", "gif", "heic", "heif"]
COUNTS = (8, 12, 20, 40)


def page() -> None:
    """Lay the page out; everything that can go wrong ends in a message."""
    try:
        state.live_index()
    except CastoonError as error:
        st.title(t("nav.rank"))
        st.warning(t("library.missing"), icon=":material/folder_off:")
        state.show_error(error)
        st.write(t("library.how"))
        st.code("castoon import SOURCE --library DIR\ncastoon rebuild --library DIR", language="bash")
        return
    st.title(t("nav.rank"))
    st.caption(t("tagline"))
    if state.engine().pack.fake:
        st.warning(t("fake.banner"), icon=":material/science:")
    left, right = st.columns([1, 2.6], gap="large")
    with left:
        chosen = _character()
    with right:
        if chosen is None:
            st.info(t("upload.empty"), icon=":material/imagesmode:")
            return
        content, label = chosen
        try:
            _ranked(content, label, left)
        except CastoonError as error:
            state.show_error(error)


def _character() -> tuple[bytes, str] | None:
    """The picture of the character, saved or uploaded."""
    st.subheader(t("character"))
    saved = state.characters()
    sources = ["saved", "upload"] if saved else ["upload"]
    source = st.segmented_control(
        t("character.source"), sources, default=sources[0], required=True, key="source",
        format_func=lambda one: t(f"character.{one}"), label_visibility="collapsed",
    )  # fmt: skip
    if source == "saved":
        names = list(saved)
        asked = st.query_params.get("character")
        name = st.selectbox(
            t("character.choose"), names, index=names.index(asked) if asked in names else 0, key="saved_character"
        )
        st.query_params["character"] = name
        image = saved[name][0]
        return state.file_bytes(image), image.name
    st.query_params.pop("character", None)
    upload = st.file_uploader(t("upload.label"), type=SUFFIXES, help=t("upload.help"), key="upload")
    return None if upload is None else (upload.getvalue(), upload.name)


def _ranked(content: bytes, label: str, left: st.delta_generator.DeltaGenerator) -> None:
    """Faces beside the picture, options above the result, then the result."""
    pixels = state.picture(content, label)
    with left, st.spinner(t("working.faces")):
        finding = state.faces(content, label)
    with left:
        if not finding.faces:
            st.image(pixels, width="stretch")
            st.error(t("faces.none"), icon=":material/face_retouching_off:")
            st.info(f"{plain(finding.reason)} {plain(finding.next_step)}", icon=":material/lightbulb:")
            return
        face = _pick(len(finding.faces))
        st.image(state.framed(content, label, face), width="stretch")
        where, k, weights = _options()
    with st.spinner(t("working.rank")):
        ranking = state.rank(state.live_index().version, content, face, k, where, weights, label)
    _result(ranking, content, label)


def _pick(count: int) -> int:
    if count == 1:
        st.caption(t("faces.one"))
        return 0
    st.caption(t("faces.found", count=count))
    asked = st.query_params.get("face", "1")
    default = int(asked) - 1 if asked.isdigit() and 1 <= int(asked) <= count else 0
    picked = st.pills(
        t("faces.pick"), range(count), default=default, required=True, format_func=lambda one: str(one + 1), key="face"
    )
    st.query_params["face"] = str(int(picked) + 1)
    return int(picked)


def _options() -> tuple[str, int, tuple[tuple[str, float], ...]]:
    where = st.text_input(
        t("filter.label"), value=st.query_params.get("where", ""), placeholder=t("filter.placeholder"), key="where",
        help=t("filter.help", columns=", ".join(state.filter_columns())),
    )  # fmt: skip
    if where:
        st.query_params["where"] = where
    else:
        st.query_params.pop("where", None)
    k = st.select_slider(t("count.label"), COUNTS, value=12, key="count")
    with st.expander(t("advanced"), icon=":material/tune:"):
        weights = tuple(
            (name, st.slider(t("weight.of", space=name), 0.0, 1.0, weight, 0.05, key=f"weight {name}"))
            for name, weight in state.library().settings.spaces.items()
        )
    return where, k, weights


def _result(ranking: Ranking, content: bytes, label: str) -> None:
    head, view, csv, report = st.columns([3, 2, 1, 1.6], vertical_alignment="bottom")
    head.subheader(t("result.title"))
    shown = view.segmented_control(
        t("view"), ["cards", "table"], default="cards", required=True, key="view",
        format_func=lambda one: t(f"view.{one}"), label_visibility="collapsed",
    )  # fmt: skip
    stem = Path(label).stem
    csv.download_button(
        t("export.csv"), csv_bytes(ranking), f"{stem}.csv", "text/csv", on_click="ignore", icon=":material/download:"
    )
    report.download_button(
        t("export.html"), lambda: html_page(ranking, state.library().folder, state.picture(content, label)),
        f"{stem}.html", "text/html", help=t("export.html.help"), on_click="ignore", icon=":material/description:",
    )  # fmt: skip
    st.caption(t("score.meaning"))
    if not ranking.results:
        st.info(t("result.none"), icon=":material/filter_alt_off:")
        return
    if shown == "table":
        show_table(ranking)
        return
    webtoon = st.toggle(t("webtoon"), key="webtoon")
    show_cards(ranking, str(state.library().folder), webtoon)


page()
