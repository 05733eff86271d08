"""Explanations: computed with progress in sight, kept for everybody, laid out for the Why dialog and for Compare."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from app_pages import asked, state
from app_pages.asked import Options, Question
from app_pages.state import t
from casting import pictures

if TYPE_CHECKING:
    from casting.explaining import Explanation

MOST_KEPT = 96
CROP_PX = 320
PARTS = ("eyes", "brows", "nose", "mouth", "jaw", "hair")


class _Shelf:
    """Explanations of this process, the latest used ones; shared by all viewers and never changed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[object, ...], Explanation] = OrderedDict()

    def get(self, key: tuple[object, ...]) -> Explanation | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: tuple[object, ...], made: Explanation) -> None:
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)


@st.cache_resource(show_spinner=False)
def _shelf() -> _Shelf:
    return _Shelf()


class _Bar:
    """A job's progress as a bar; see `casting.progress.Progress`."""

    stopped = False

    def __init__(self, words: str) -> None:
        self._words = words
        self._place = st.empty()
        self._done, self._total = 0, 1

    def begin(self, what: str, total: int | None) -> None:
        del what
        self._done, self._total = 0, total or 1
        self._place.progress(0.0, text=self._words)

    def advance(self, steps: int = 1) -> None:
        self._done += steps
        self._place.progress(min(1.0, self._done / self._total), text=self._words)

    def end(self) -> None:
        self._place.empty()


def which_picture(question: Question, key: str) -> int:
    """The picture that heat maps and parts are of; asked for where there are several."""
    if len(question.shown) < 2:
        return 0
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        chosen = st.pills(
            t("why.which"), range(len(question.shown)), default=0, required=True,
            key=" ".join([key, *(shown.key[:8] for shown in question.shown)]),
            format_func=lambda at: f"{at + 1}", label_visibility="collapsed", width="content",
        )  # fmt: skip
        st.caption(t("why.which.help"), width="stretch")
    return int(chosen or 0)


def explanation(question: Question, options: Options, actor_id: int, words: str, picture: int = 0) -> Explanation:
    """Why an actor has their place, with heat maps of one of the pictures; a bar shows how far it is."""
    from casting import explain

    live = state.live_index()
    key = (
        live.version,
        state.library().database.revision(),
        replace(question, saved=None),
        picture,
        options.where,
        options.weights,
        options.style,
        actor_id,
    )
    made = _shelf().get(key)
    if made is None:
        bar = _Bar(words)
        try:
            made = explain(
                state.library(), state.engine(), asked.face_pictures(question), actor_id, shown=picture, index=live,
                vectors=asked.vectors(question, options), weights=dict(options.weights) or None,
                where=options.where, style=options.style, progress=bar,
            )  # fmt: skip
        finally:
            bar.end()
        _shelf().put(key, made)
    return made


def show_pictures(made: Explanation) -> None:
    """Drawing and photo under their heat maps, and what the style makes of the photo."""
    heat = st.toggle(t("why.heat"), value=True, help=t("why.heat.help"), key=f"heat {made.actor_id}")
    shown = [
        (made.overlay("drawing") if heat else made.drawing_crop, t("why.drawing")),
        (made.overlay("photo") if heat else made.photo_crop, t("why.photo")),
    ]
    if made.style is not None:
        shown.append((made.style.picture, t("why.style", style=made.style.style)))
    for column, (pixels, caption) in zip(st.columns(len(shown), gap="small", wrap=False), shown, strict=True):
        column.image(pictures.jpeg(pixels, CROP_PX), caption=caption, width="stretch", alt=caption)


def show_parts(made: Explanation) -> None:
    """How much of the likeness hangs on each part of the face."""
    st.markdown(f"**{t('why.parts')}**", help=t("why.parts.help"))
    for part in made.parts:
        st.progress(
            min(max(part.share, 0.0), 1.0), text=f"{t(f'part.{part.part}')} **{100 * part.share:.0f} %**"
        )  # fmt: skip
    if made.views:
        places = (t("why.seen.place", seen=t(f"why.seen.{one.view}"), rank=one.rank) for one in made.views)
        st.caption(" · ".join(places), help=t("why.seen.help"))


def show_spaces(made: Explanation) -> None:
    """What each space says, and what the style does."""
    st.markdown(f"**{t('why.spaces')}**")
    st.dataframe(
        [
            {"space": share.space, "weight": share.weight, "cosine": share.cosine, "share": share.contribution}
            for share in made.spaces
        ],
        hide_index=True, width="stretch",
        column_config={
            "space": t("why.space"),
            "weight": st.column_config.NumberColumn(t("why.weight"), format="%.2f"),
            "cosine": st.column_config.NumberColumn(t("why.cosine"), format="%.3f"),
            "share": st.column_config.NumberColumn(t("why.share"), format="%.3f"),
        },
    )  # fmt: skip
    if made.style is not None:
        key = "why.style.ranks" if made.style.ranks else "why.style.shown"
        st.caption(
            t("why.style.change", kept=f"{made.style.kept:.2f}", towards=f"{made.style.towards_drawing:+.3f}")
            + " " + t(key)
        )  # fmt: skip


def show_warnings(made: Explanation, but: Collection[str] = ()) -> None:
    """What to be careful about, but for what the page says already."""
    warnings = [warning for warning in made.warnings if warning not in but]
    if not warnings:
        return
    with st.container(horizontal=True, gap="xsmall"):
        for warning in warnings:
            side, _, flag = warning.rpartition(":")
            words = t(f"flag.{flag}")
            st.badge(f"{t(f'side.{side}')}: {words}" if side else words, color="orange", icon=":material/warning:")
