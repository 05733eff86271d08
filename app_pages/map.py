"""The map of the cast: who looks alike lies together, and drawn characters lie among those they resemble."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app_pages import address, facts, library_state, map_state, state, work_state
from app_pages.mapping.chart import show_chart
from app_pages.state import plain, t
from casting import mapping
from casting.mapping import CastMap, Placed
from castoon.errors import CastoonError

EVERYBODY, NOBODY = "*all", "*none"
COLUMNS = ("gender", "birth_year", "agency", "height_cm", "availability", "tags")


def page() -> None:
    """Lay the page out; everything that can go wrong ends in a message."""
    st.title(t("nav.map"))
    st.caption(t("map.what"))
    try:
        state.live_index()
    except CastoonError as error:
        st.warning(t("map.missing"), icon=":material/folder_off:")
        state.show_error(error)
        return
    address.arrive("map")
    try:
        _show()
    except CastoonError as error:
        state.show_error(error)
    address.leave("map")


def _show() -> None:
    space, column, character, faces = _asked(map_state.spaces())
    key = f"map {state.live_index().version} {space}"
    if work_state.current(key) is None:
        map_state.lay_out(space, key)
    if work_state.watch(key):
        st.caption(t("map.once"))
        return
    work = work_state.current(key)
    if work is None or work.error is not None:
        _again(key)
        return
    drawn: CastMap = work.result
    place = st.container()
    drawings = _characters(drawn) if character != NOBODY else []
    if character != EVERYBODY:
        drawings = [one for one in drawings if one.name == character]
    with place:
        _draw(drawn, drawings, column, faces)
    if not drawn.complete:
        st.caption(t("map.stopped"))
        _again(key)


def _again(key: str) -> None:
    if st.button(t("map.again"), icon=":material/refresh:"):
        work_state.forget(key)
        st.rerun()


def _characters(drawn: CastMap) -> list[Placed]:
    """Characters on the map; while they are being placed, the map is shown without them."""
    key = map_state.characters_key(drawn)
    if work_state.current(key) is None:
        map_state.place(drawn, key)
    if work_state.watch(key):
        return []
    work = work_state.current(key)
    return work.result or [] if work is not None else []


def _asked(spaces: list[str]) -> tuple[str, str, str, bool]:
    with st.container(horizontal=True, vertical_alignment="bottom", key="map-toolbar"):
        asked = address.get("space", spaces[0])
        space = st.selectbox(
            t("map.space"), spaces, index=spaces.index(asked) if asked in spaces else 0, key="map space", width=200,
            help=t("map.space.help"),
        )  # fmt: skip
        colour = address.get("colour", "gender")
        column = st.selectbox(
            t("map.colour"), COLUMNS, index=COLUMNS.index(colour) if colour in COLUMNS else 0, key="map colour",
            format_func=facts.column_name, width=180,
        )  # fmt: skip
        names = (EVERYBODY, NOBODY, *map_state.character_names())
        shown = address.get("character", EVERYBODY)
        character = st.selectbox(
            t("map.characters"), names, index=names.index(shown) if shown in names else 0, key="map character",
            format_func=lambda one: t(f"map.characters.{one}") if one in names[:2] else one, width=220,
        )  # fmt: skip
        few = "yes" if len(library_state.actors()) <= map_state.FEW else "no"
        faces = st.toggle(
            t("map.faces"), value=address.get("faces", few) == "yes", key="map faces", help=t("map.faces.help")
        )
    for name, value, usual in (
        ("space", space, spaces[0]), ("colour", column, "gender"), ("character", character, EVERYBODY),
        ("faces", "yes" if faces else "no", few),
    ):  # fmt: skip
        address.put(name, value, usual)
    return space, column, character, faces


def _draw(drawn: CastMap, drawings: list[Placed], column: str, faces: bool) -> None:
    cast = map_state.actors(drawn)
    if not cast:
        st.info(t("map.empty"), icon=":material/scatter_plot:")
        return
    rich = len(cast) + len(drawings) <= map_state.MOST_PICTURES
    chosen = show_chart([*cast, *drawings], column, pictures=rich, faces=faces and rich)
    if drawings:
        st.caption(f":orange[◆] {t('map.legend')}")
    if not rich:
        st.caption(plain(t("map.many", count=f"{len(cast):,}", most=f"{map_state.MOST_PICTURES:,}")))
    found = next((one for one in (*cast, *drawings) if one.name == chosen), None)
    if found is not None:
        _details(found)
    frame = mapping.frame([*cast, *drawings])
    st.download_button(
        t("download.csv"), frame.to_csv(index=False).encode("utf-8-sig"), f"map-{drawn.version}.csv", "text/csv",
        on_click="ignore", icon=":material/download:",
    )  # fmt: skip
    st.caption(plain(t("map.version", version=drawn.version)))


def _details(one: Placed) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="map-chosen"):
        picture: Any = state.portrait(str(state.library().folder), one.picture, one.box, 200, "")
        if picture:
            st.image(picture, width=96, alt=one.name)
        with st.container(gap="xsmall"):
            st.markdown(f"**{plain(one.name)}**")
            if one.kind == "actor":
                st.caption(facts.line(one.facts))
            else:
                st.caption(plain(t("map.nearest", names=", ".join(one.nearest))))


page()
