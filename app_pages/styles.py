"""The Style lab: one photo through every installed style side by side, each with its own sliders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from app_pages import address, library_state, state, style_state, work_state
from app_pages.state import plain, said, t
from app_pages.style_state import Sitter
from casting import style_lab, styles
from casting.style_lab import Trial, Value
from castoon.errors import CastoonError

if TYPE_CHECKING:
    from casting.types import Parameter, StyleInfo

SUFFIXES = ["jpg", "jpeg", "png", "webp", "avif", "gif", "heic", "heif"]
CARD_PX = 200


def page() -> None:
    """Lay the page out; everything that can go wrong ends in a message."""
    st.title(t("nav.styles"))
    st.caption(t("lab.what"))
    address.arrive("style lab")
    try:
        state.library()
        _show()
    except CastoonError as error:
        state.show_error(error)
    address.leave("style lab")


def _show() -> None:
    left, right = st.columns([1, 2.6], gap="large")
    with left:
        chosen = _photo()
    with right:
        if chosen is None:
            st.info(t("lab.empty"), icon=":material/add_photo_alternate:")
        else:
            try:
                with st.spinner(t("working.faces")):
                    sitter = style_state.sitter(*chosen)
            except CastoonError as error:
                state.show_error(error)
            else:
                _styles(sitter)
    _missing()


def _photo() -> tuple[bytes, str] | None:
    people = [row for row in library_state.actors() if row.photos]
    kinds = ("library", "upload") if people else ("upload",)
    kind = st.segmented_control(
        t("lab.source"), kinds, default=kinds[0], required=True, key="lab source",
        format_func=lambda one: t(f"lab.source.{one}"), label_visibility="collapsed",
    )  # fmt: skip
    if kind == "upload":
        upload = st.file_uploader(t("lab.upload"), type=SUFFIXES, key="lab upload", help=t("upload.help"))
        return None if upload is None else (upload.getvalue(), upload.name)
    names = [row.name for row in people]
    asked = address.get("actor")
    name = st.selectbox(t("lib.col.actor"), names, index=names.index(asked) if asked in names else 0, key="lab actor")
    address.put("actor", name, names[0])
    mine = library_state.photos(people[names.index(name)].id)
    number = address.number("photo", 1, 1, len(mine))
    if len(mine) > 1:
        number = st.pills(
            t("lab.photo"), range(1, len(mine) + 1), default=min(number, len(mine)), required=True,
            key=f"lab photo {name}",
        )  # fmt: skip
        address.put("photo", str(number), "1")
    photo = mine[int(number) - 1]
    picture = library_state.picture(photo.file, photo.box)
    if picture:
        st.image(picture, width=200, alt=photo.original)
    return state.file_bytes(state.library().folder / photo.file), photo.original


def _styles(sitter: Sitter) -> None:
    installed = style_lab.installed_styles(state.engine())
    chosen = {style.name: _parameters(style) for style in installed}
    keys = {name: style_state.key_of(sitter, name, told) for name, told in chosen.items()}
    kept = style_state.trials()
    asked: set[str] = st.session_state.setdefault("lab asked", set())
    wanted = [
        key for name, key in keys.items() if key not in kept and (not style_lab.on_request(name) or name in asked)
    ]  # fmt: skip
    running = work_state.watch("styles")
    if wanted and not running:
        work = work_state.current("styles")
        if work is None or not work.progress.stopped or st.button(t("lab.go"), icon=":material/play_arrow:"):
            style_state.render(sitter, wanted)
            st.rerun()
    with st.grid(min_column_width=CARD_PX, gap="medium", key="style-grid"):
        with st.container(border=True, height="stretch", key="style-original"):
            st.image(style_state.portrait(sitter), width="stretch", alt=t("lab.original"))
            st.markdown(f"**{t('lab.original')}**")
            st.caption(t("lab.original.what"))
        for style in installed:
            with st.container(border=True, height="stretch", key=f"style-{style.name}"):
                _card(style, chosen[style.name], kept.get(keys[style.name]))


def _card(style: StyleInfo, told: Mapping[str, Value], trial: Trial | CastoonError | None) -> None:
    if isinstance(trial, Trial):
        st.image(style_state.shown(trial.picture), width="stretch", alt=said(style.title))
    elif isinstance(trial, CastoonError):
        state.show_error(trial)
    elif style_lab.on_request(style.name) and style.name not in st.session_state["lab asked"]:
        st.caption(t("lab.slow"))
        if st.button(t("lab.go"), key=f"go {style.name}", icon=":material/play_arrow:"):
            st.session_state["lab asked"].add(style.name)
            st.rerun()
    else:
        st.skeleton(CARD_PX)
    st.markdown(f"**{plain(said(style.title))}**")
    if isinstance(trial, Trial):
        kept = t("lab.identity.none") if trial.identity is None else f"{trial.identity:.2f}"
        took, identity = st.columns(2)
        took.metric(t("lab.took"), work_state.duration(trial.took_s) if trial.took_s >= 10 else f"{trial.took_s:.2f} s")
        identity.metric(t("lab.identity"), kept, help=t("lab.identity.help"))
    commercial = t("lab.commercial") if style.commercial_use else t("licence.noncommercial")
    st.caption(plain(f"{style.licence} · {commercial}"))
    with st.container(horizontal=True, horizontal_alignment="distribute", gap="xsmall", key=f"do-s{style.name}"):
        if style.parameters:
            with st.popover(t("lab.adjust"), icon=":material/tune:", type="tertiary"):
                _sliders(style)
                st.button(
                    t("lab.reset"), key=f"reset {style.name}", on_click=_reset, args=(style,), disabled=not told,
                    icon=":material/restart_alt:",
                )  # fmt: skip
        if isinstance(trial, Trial):
            st.download_button(
                t("lab.save"), lambda: style_state.png(trial.picture), f"{style.name.replace(':', '-')}.png",
                "image/png", key=f"save {style.name}", icon=":material/download:", on_click="ignore",
                type="tertiary",
            )  # fmt: skip


def _name(style: StyleInfo, parameter: Parameter) -> str:
    return f"lab {style.name} {parameter.name}"


def _parameters(style: StyleInfo) -> dict[str, Value]:
    """What the sliders say, where it differs from the style's own."""
    told = {one.name: st.session_state.get(_name(style, one), one.default) for one in style.parameters}
    return {one.name: told[one.name] for one in style.parameters if told[one.name] != one.default}


def _reset(style: StyleInfo) -> None:
    for one in style.parameters:
        st.session_state[_name(style, one)] = _first(one)


def _first(one: Parameter) -> Value:
    """A parameter's own value, of the type that its control has."""
    return float(one.default) if one.kind == "float" else one.default


def _sliders(style: StyleInfo) -> None:
    """One control a parameter, as the style declares it."""
    for one in style.parameters:
        key, title, words = _name(style, one), plain(said(one.title)), plain(said(one.help)) or None
        st.session_state.setdefault(key, _first(one))
        low, high, step = (value or 0 for value in (one.low, one.high, one.step))
        match one.kind:
            case "bool":
                st.toggle(title, key=key, help=words)
            case "choice":
                st.selectbox(title, one.choices, key=key, help=words)
            case "int":
                st.slider(title, int(low), int(high), step=int(step), key=key, help=words)
            case _:
                st.slider(title, float(low), float(high), step=float(step), key=key, help=words)


def _missing() -> None:
    others = [style for style in styles.list_styles(state.engine().settings) if not style.installed]
    if not others:
        return
    with st.expander(t("lab.missing", count=len(others)), icon=":material/extension:"):
        for style in others:
            st.markdown(f"**{plain(said(style.title))}** · `{plain(style.name)}`")
            st.caption(plain(f"{said(style.how_to_get)} {style.licence}"))


page()
