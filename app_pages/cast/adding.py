"""Photos dropped on the page - pictures, ZIPs, folders, tables - and what was refused and why."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app_pages import access, library_state, state, work_state
from app_pages.state import plain, said, t
from casting.curation import Upload, add_photos
from casting.importing import ImportReport

WORK = "adding"
TYPES = ["jpg", "jpeg", "png", "webp", "avif", "gif", "heic", "heif", "zip", "csv", "tsv"]
MOST_MB = 500
MOST_SHOWN = 500


def show() -> None:
    """The form, the running import, or its report."""
    if not access.may_edit():
        st.info(t("viewer.only"), icon=":material/visibility:")
        return
    if work_state.watch(WORK):
        return
    work = work_state.current(WORK)
    if work is not None and isinstance(work.result, ImportReport):
        show_report(work.result)
        if st.button(t("lib.add.again"), icon=":material/add:"):
            work_state.forget(WORK)
            st.session_state["adding round"] = st.session_state.get("adding round", 0) + 1
            st.rerun()
        return
    _form()


def _form() -> None:
    turn = st.session_state.setdefault("adding round", 0)
    left, right = st.columns([1.4, 1], gap="large")
    with left:
        kind = st.segmented_control(
            t("lib.add.kind"), ("files", "folder"), default="files", required=True, key="add kind",
            format_func=lambda one: t(f"lib.add.{one}"), label_visibility="collapsed",
        )  # fmt: skip
        with st.container(key="drop-zone"):
            dropped: Any = st.file_uploader(
                t("lib.add.what"), type=TYPES if kind == "files" else None, help=t("lib.add.help"),
                accept_multiple_files=True if kind == "files" else "directory", key=f"add {kind} {turn}",
                max_upload_size=MOST_MB,
            )  # fmt: skip
    with right:
        who = st.segmented_control(
            t("lib.add.who"), ("one", "many"), default="one", required=True, key="add who",
            format_func=lambda one: t(f"lib.add.{one}"),
        )  # fmt: skip
        name = ""
        if who == "one":
            names = [row.name for row in library_state.actors()]
            name = st.selectbox(
                t("lib.add.name"), names, index=None, accept_new_options=True, placeholder=t("lib.add.name.hint"),
                key="add name",
            ) or ""  # fmt: skip
        else:
            st.caption(t("lib.add.many.how"))
        with st.expander(t("lib.add.rights"), icon=":material/verified_user:"):
            rights = {
                "source": st.text_input(t("lib.col.source"), key="add source", help=t("lib.add.rights.hint")),
                "licence": st.text_input(t("lib.col.licence"), key="add licence"),
                "consent": st.text_input(
                    t("lib.col.consent"), key="add consent", placeholder=t("lib.add.consent.hint")
                ),
            }
        ready = bool(dropped) and (who == "many" or bool(name.strip()))
        if not dropped:
            st.caption(t("lib.add.nothing"))
        elif not ready:
            st.caption(t("lib.add.noname"))
        words = t("lib.add.do", count=len(dropped)) if dropped else t("lib.add.photos")
        if st.button(words, type="primary", disabled=not ready, icon=":material/upload:", width="stretch"):
            _begin(dropped, name if who == "one" else "", rights)


def _begin(dropped: list[Any], name: str, rights: dict[str, str]) -> None:
    access.require_editor()
    uploads = [Upload(one.name, one.getvalue()) for one in dropped]
    library, models = state.library(), state.engine()
    work_state.start(
        WORK,
        lambda progress: add_photos(
            library, models.for_workers.finder, uploads, actor=name, rights=rights, progress=progress
        ),
    )
    st.rerun()


def show_report(report: ImportReport) -> None:
    """What came in, and what was refused, why, and what to do."""
    words = t(
        "lib.add.done", photos=report.photos, actors=report.actors, present=report.present,
        refused=len(report.refused),
    )  # fmt: skip
    kind = st.success if report.photos and not report.refused else st.warning if report.refused else st.info
    kind(plain(words), icon=":material/task_alt:" if report.photos else ":material/info:")
    if report.stopped:
        st.caption(t("lib.add.stopped"))
    if not report.refused:
        return
    import pandas as pd

    frame = pd.DataFrame(
        [tuple(said(part) for part in (error.thing, error.reason, error.next_step)) for error in report.refused],
        columns=[t("refused.what"), t("refused.why"), t("refused.next")],
    )
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        st.subheader(t("refused.title"), width="content")
        st.download_button(
            t("download.csv"), frame.to_csv(index=False).encode("utf-8-sig"), "refused.csv", "text/csv",
            on_click="ignore", icon=":material/download:",
        )  # fmt: skip
    st.dataframe(frame.head(MOST_SHOWN), hide_index=True, width="stretch", key="refused")
