"""Fitting the ranking to known answers: what it would gain on actors held out, then whether to rank with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app_pages import access, state, work_state
from app_pages.state import plain, t
from casting.progress import Progress
from casting.truth_uploads import TruthSet

if TYPE_CHECKING:
    from casting.tuning.own_fit import OwnFit

WORK = "fitting"


def start(chosen: TruthSet) -> None:
    """Fit beside the page; nothing is kept yet."""
    access.require_editor()
    library, models = state.library(), state.engine()

    def run(progress: Progress) -> tuple[str, OwnFit]:
        from casting.tuning.own_fit import fit_own

        return chosen.name, fit_own(library, models, chosen.read(), progress=progress)

    work_state.start(WORK, run)


def is_running() -> bool:
    """Whether a fit is under way."""
    work = work_state.current(WORK)
    return work is not None and not work.ended


def show() -> bool:
    """Running work, or what came of it with the choice to keep it; whether there was anything to show."""
    if work_state.watch(WORK):
        return True
    work = work_state.current(WORK)
    if work is None or work.result is None:
        return False
    name, found = work.result
    if found.report.stopped:
        work_state.forget(WORK)
        return False
    with st.container(border=True, key="fitted"):
        _report(name, found)
        with st.container(horizontal=True):
            if st.button(t("fit.keep"), type="primary", icon=":material/check:", disabled=not access.may_edit()):
                access.require_editor()
                with state.library().writing("castoon bridge fit"):
                    found.keep(state.library())
                _end(t("fit.kept"))
            if st.button(t("fit.leave"), type="tertiary", icon=":material/close:"):
                _end(t("fit.left"))
    return True


def _end(words: str) -> None:
    work_state.forget(WORK)
    work_state.flash(words)
    st.rerun()


def _report(name: str, found: OwnFit) -> None:
    report, gain = found.report, found.report.gain
    st.subheader(plain(t("fit.title", name=t("eval.truth.demo") if name == "demo" else name)))
    st.caption(plain(t("fit.on", drawings=report.drawings, actors=report.actors, gallery=report.gallery_actors)))
    before, after = (f"{100 * one.value:.1f}%" for one in (report.before, report.after))
    with st.container(horizontal=True, gap="large"):
        st.metric(t("fit.before"), before, help=t("fit.before.help"), width="content")
        points = f"{100 * gain.difference.value:+.1f}"
        st.metric(t("fit.after"), after, points, help=t("fit.after.help"), width="content")
        st.metric(t("fit.error"), f"{report.calibrated.error:.3f}", help=t("fit.error.help"), width="content")
    low, high = (f"{100 * one:+.1f}" for one in (gain.difference.low, gain.difference.high))
    lines = [t("fit.gain", low=low, high=high, verdict=t(f"eval.value.{gain.verdict}"))]
    checked = report.calibrated
    lines.append(
        t("fit.none", caught=f"{100 * checked.stranger_caught:.0f}", lost=f"{100 * checked.right_lost:.0f}")
    )  # fmt: skip
    lines += [
        t(
            "fit.several", pictures=pictures, first=f"{100 * told.first:.1f}",
            caught=f"{100 * told.stranger_caught:.0f}", lost=f"{100 * told.right_lost:.0f}",
        )
        for pictures, told in checked.several.items()
    ]  # fmt: skip
    if found.own is not None:
        own, as_pack = (f"{100 * one.value:.1f}%" for one in (found.own, found.without))
        lines.append(t("fit.reads.own" if found.manners else "fit.reads.pack", own=own, pack=as_pack))
    st.markdown("  \n".join(plain(line) for line in lines))
