"""Actors as pictures, or as a table whose cells can be edited."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app_pages import access, address, facts, library_state, state, work_state
from app_pages.state import plain, t
from casting.curation import ActorRecord, edit_actor
from castoon.errors import CastoonError

GRID_PAGE, TABLE_PAGE = 30, 200
COLUMN_PX = 148
ORDERS = ("name", "newest", "birth_year", "photos")
LACKS = ("consent", "licence", "embedding")
EDITABLE = ("aliases", "gender", "birth_year", "agency", "height_cm", "availability", "tags")


def show() -> None:
    """Search and filters, then whoever passes them."""
    total = len(library_state.actors())
    if not total:
        st.info(t("lib.empty"), icon=":material/group_add:")
        st.write(t("lib.empty.how"))
        return
    search, where, lacks, order = _asked()
    try:
        found = library_state.actors(search, where, lacks, order)
    except CastoonError as error:
        state.show_error(error)
        return
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(plain(t("lib.found", count=f"{len(found):,}", total=f"{total:,}")), width="content")
        table = _as_table()
    if not found:
        st.info(t("lib.nobody"), icon=":material/search_off:")
        st.button(t("lib.clear"), on_click=_clear, icon=":material/filter_alt_off:")
        return
    size = TABLE_PAGE if table else GRID_PAGE
    pages = -(-len(found) // size)
    at = min(address.number("page", 1, 1, pages), pages)
    rows = found[(at - 1) * size : at * size]
    if table:
        _table(rows)
    else:
        _grid(rows)
    if pages > 1:
        chosen = st.pagination(pages, default=at, key=f"library page {pages}", width="stretch")
        if chosen != at:
            address.put("page", str(chosen), "1")
            address.leave("library")
            st.rerun()


def _asked() -> tuple[str, str, Any, Any]:
    with st.container(horizontal=True, vertical_alignment="bottom", key="library-toolbar"):
        search = st.text_input(
            t("lib.search"), value=address.get("q"), placeholder=t("lib.search.hint"), key="library search",
            icon=":material/search:", width=260,
        )  # fmt: skip
        default = address.get("order", "name")
        order = st.selectbox(
            t("lib.order"), ORDERS, index=ORDERS.index(default) if default in ORDERS else 0, key="library order",
            format_func=lambda one: t(f"lib.order.{one}"), width=180,
        )  # fmt: skip
        asked = address.get("lacks")
        lacks = st.pills(
            t("lib.lacks"), LACKS, default=asked if asked in LACKS else None, key="library lacks",
            format_func=lambda one: t(f"lib.lacks.{one}"),
        )  # fmt: skip
        with st.popover(t("lib.more"), icon=":material/filter_alt:"):
            where = st.text_input(
                t("filter.label"), value=address.get("where"), placeholder=t("filter.placeholder"),
                key="library where", help=t("filter.help", columns=", ".join(("name", *EDITABLE))),
            )  # fmt: skip
    before = [address.get(name) for name in ("q", "where", "lacks")]
    for name, value, usual in (
        ("q", search, ""), ("order", order, "name"), ("lacks", lacks or "", ""), ("where", where, ""),
    ):  # fmt: skip
        address.put(name, value, usual)
    if before != [address.get(name) for name in ("q", "where", "lacks")]:
        address.put("page", "1", "1")
    return search, where, lacks, order


def _as_table() -> bool:
    shown = st.segmented_control(
        t("lib.as"), ("grid", "table"), default="table" if address.get("as") == "table" else "grid", required=True,
        key="library as", label_visibility="collapsed", format_func=lambda one: t(f"lib.as.{one}"), width="content",
    )  # fmt: skip
    address.put("as", shown, "grid")
    return shown == "table"


def _clear() -> None:
    for key in ("library search", "library where"):
        st.session_state[key] = ""
    st.session_state["library lacks"] = None
    for name in ("q", "where", "lacks", "page"):
        address.put(name, "")
    address.leave("library")


def _grid(rows: list[ActorRecord]) -> None:
    with st.grid(min_column_width=COLUMN_PX, gap="medium", key="cast-grid"):
        for row in rows:
            with st.container(gap="xxsmall", key=f"cast-card-{row.id}"):
                _card(row)


def _card(row: ActorRecord) -> None:
    picture = library_state.picture(row.portrait, row.portrait_box)
    if picture is None:
        with st.container(height=COLUMN_PX, border=True, vertical_alignment="center", horizontal_alignment="center"):
            st.markdown(f":material/person_off: {t('lib.nophoto')}", width="content")
    else:
        st.image(picture, width="stretch", alt=row.name)
    if st.button(f"**{plain(row.name)}**", key=f"open {row.id}", type="tertiary", width="stretch"):
        address.put("actor", str(row.id))
        st.rerun()
    number = t("lib.photos.one") if row.photos == 1 else t("lib.photos", count=row.photos)
    work = [facts.line(row.facts, ("agency",)), plain(number)]
    lines = [facts.line(row.facts, ("gender", "birth_year")), " · ".join(part for part in work if part)]
    st.caption("  \n".join(line for line in lines if line))
    if row.without_consent:
        st.badge(t("lib.badge.consent", count=row.without_consent), color="gray", icon=":material/info:")
    if row.failed:
        st.badge(t("lib.badge.failed", count=row.failed), color="orange", icon=":material/info:")


def _table(rows: list[ActorRecord]) -> None:
    import pandas as pd

    frame = pd.DataFrame(
        [
            {
                "portrait": library_state.thumb(row.portrait, row.portrait_box), "name": row.name,
                **{name: _cell(row.facts[name]) for name in EDITABLE}, "photos": row.photos,
                "without_consent": row.without_consent,
            }
            for row in rows
        ],
        index=[row.id for row in rows],
    )  # fmt: skip
    columns = {
        "portrait": st.column_config.ImageColumn(t("lib.col.portrait"), width="small", pinned=True),
        "name": st.column_config.TextColumn(t("lib.col.name"), pinned=True, width="medium"),
        "birth_year": st.column_config.NumberColumn(t("lib.col.birth_year"), format="%d", step=1),
        "height_cm": st.column_config.NumberColumn(t("lib.col.height_cm"), format="%.0f"),
        "photos": st.column_config.NumberColumn(t("lib.col.photos"), width="small"),
        "without_consent": st.column_config.NumberColumn(t("lib.lacks.consent"), width="small"),
        **{name: st.column_config.TextColumn(t(f"lib.col.{name}"))
           for name in ("aliases", "gender", "agency", "availability", "tags")},
    }  # fmt: skip
    height = min(52 * len(rows) + 42, 720)
    if not access.may_edit():
        st.dataframe(frame, hide_index=True, column_config=columns, row_height=52, height=height, key="cast table")
        return
    st.caption(t("lib.table.hint"))
    version = st.session_state.setdefault("cast table version", 0)
    edited = st.data_editor(
        frame, hide_index=True, column_config=columns, row_height=52, height=height, width="stretch",
        disabled=["portrait", "name", "photos", "without_consent"], key=f"cast table {version}",
    )  # fmt: skip
    changes = _changes(frame, edited)
    if changes and st.button(
        t("lib.table.save", count=sum(map(len, changes.values()))), type="primary", icon=":material/save:"
    ):
        _save(changes)


def _cell(value: object) -> object:
    return "; ".join(map(str, value)) if isinstance(value, tuple) else value


def _changes(before: Any, after: Any) -> dict[int, dict[str, Any]]:
    """Cells that differ, by actor; an emptied cell is None."""
    changes: dict[int, dict[str, Any]] = {}
    for name in EDITABLE:
        for number, old, new in zip(before.index, before[name], after[name], strict=True):
            was, now = (None if value is None or value != value or value == "" else value for value in (old, new))  # noqa: PLR0124
            if was != now:
                changes.setdefault(int(number), {})[name] = now
    return changes


def _save(changes: dict[int, dict[str, Any]]) -> None:
    saved = 0
    for number, told in changes.items():
        try:
            access.require_editor()
            edit_actor(state.library(), number, told)
            saved += 1
        except CastoonError as error:
            state.show_error(error)
    if saved == len(changes):
        st.session_state["cast table version"] += 1
        work_state.flash(t("lib.table.saved", count=saved))
        st.rerun()
