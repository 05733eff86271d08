"""Who is looked for: a saved character, pictures that are dropped, pasted or chosen, or a description in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import streamlit as st

from app_pages import address, asked, state
from app_pages.asked import Question, Shown
from app_pages.components import pasted
from app_pages.ranking.faces import choose_faces
from app_pages.state import plain, t
from casting import castings
from casting.castings import ChosenFace, SavedCharacter
from castoon.errors import CastoonError

SUFFIXES = ["jpg", "jpeg", "png", "webp", "avif", "gif", "heic", "heif"]
MOST_WORDS = 500


def choose_character() -> Question | None:
    """The panel beside the results; None while there is nothing to look for."""
    saved = {one.name: one for one in castings.characters.every(state.library()) if one.images}
    if (name := st.session_state.pop("show saved", None)) in saved:
        st.session_state["source"], st.session_state["saved_character"] = "saved", name
    sources = ["saved", "picture", "words"] if saved else ["picture", "words"]
    usual = "words" if address.get("words") else sources[0]
    source = st.segmented_control(
        t("character.source"), sources, default=usual, required=True, key="source", persist_state="session",
        format_func=lambda one: t(f"character.{one}"), label_visibility="collapsed", width="stretch",
    )  # fmt: skip
    if source != "saved":
        address.put("character", "")
    if source != "words":
        address.put("words", "")
    match source:
        case "saved":
            return _saved(saved)
        case "words":
            return _described()
        case _:
            return _pictures()


def _saved(saved: dict[str, SavedCharacter]) -> Question | None:
    names = list(saved)
    wanted = address.get("character")
    if wanted and wanted not in saved:
        st.warning(t("character.unknown", name=plain(wanted)), icon=":material/person_off:")
    name = st.selectbox(
        t("character.choose"), names, index=names.index(wanted) if wanted in saved else 0, key="saved_character",
        format_func=lambda one: _titled(saved[one]), label_visibility="collapsed", persist_state="session",
    )  # fmt: skip
    address.put("character", name)
    question = asked.of_saved(saved[name])
    if not question.shown:
        st.error(t("character.gone"), icon=":material/broken_image:")
        return None
    return choose_faces(question)


def _titled(character: SavedCharacter) -> str:
    return f"{character.name} · {character.production}" if character.production else character.name


def _described() -> Question | None:
    words = st.text_area(
        t("words.label"), value=address.get("words"), max_chars=MOST_WORDS, placeholder=t("words.placeholder"),
        key="words", height=110, help=t("words.help"), persist_state="session",
    )  # fmt: skip
    words = " ".join(words.split())
    address.put("words", words)
    return Question(words[:60], words=words) if words else None


def _pictures() -> Question | None:
    uploads = st.file_uploader(
        t("upload.label"), type=SUFFIXES, accept_multiple_files=True, key="upload", help=t("upload.help"),
        label_visibility="collapsed",
    )  # fmt: skip
    here: dict[str, Shown] = st.session_state.setdefault("handed in", {})
    sent = {one.key: one for one in (Shown.of(upload.getvalue(), upload.name) for upload in uploads)}
    before: set[str] = st.session_state.setdefault("uploaded", set())
    if sent:
        for key in before - set(sent):
            here.pop(key, None)
        here.update(sent)
        st.session_state["uploaded"] = set(sent)
    st.caption(t("upload.paste"))
    if content := pasted("paste"):
        shown = Shown.of(content, t("upload.pasted"))
        here[shown.key] = shown
    if not here:
        return None
    usable = _readable(list(here.values()))
    if st.button(t("upload.clear"), type="tertiary", icon=":material/close:", disabled=bool(sent)) and not sent:
        here.clear()
        st.rerun()
    if not usable:
        return None
    name = Path(usable[0].label).stem
    return choose_faces(Question(name, shown=tuple(usable), faces=tuple(ChosenFace() for _ in usable)))


def _readable(given: list[Shown]) -> list[Shown]:
    """The pictures that can be read; each of the others is met with its own message."""
    usable = []
    for shown in given[: castings.characters.MOST_PICTURES]:
        try:
            asked.picture(shown)
        except CastoonError as error:
            state.show_error(error)
        else:
            usable.append(replace(shown))
    if len(given) > castings.characters.MOST_PICTURES:
        st.warning(t("upload.many", most=castings.characters.MOST_PICTURES), icon=":material/filter_none:")
    return usable
