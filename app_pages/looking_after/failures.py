"""Photos that the last rebuild could not embed, and why."""

from __future__ import annotations

import streamlit as st

from app_pages import library_state
from app_pages.state import plain, said, t


def show() -> None:
    """A table, or a line that says that there is none."""
    failed = library_state.photos(lacks="embedding")
    st.subheader(t("idx.failed"))
    if not failed:
        st.caption(f":material/task_alt: {t('idx.failed.none')}")
        return
    st.caption(plain(t("idx.failed.what", count=f"{len(failed):,}")))
    import pandas as pd

    frame = pd.DataFrame(
        [(library_state.thumb(one.file, one.box), one.actor, one.original, said(one.failure or "")) for one in failed],
        columns=["portrait", t("lib.col.actor"), t("lib.col.file"), t("refused.why")],
    )
    st.dataframe(
        frame, hide_index=True, width="stretch", row_height=48, key="failed photos",
        column_config={"portrait": st.column_config.ImageColumn(t("lib.col.portrait"), width="small")},
    )  # fmt: skip
